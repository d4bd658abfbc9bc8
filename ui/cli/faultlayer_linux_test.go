//go:build linux && (amd64 || arm64)

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A faultLayer runs a program, and lets one of its system calls on files below a directory fail, or
// all from one on. It needs no file system of its own: the kernel stops each such call and asks
// (seccomp user notification). So it reaches every write of the program, whichever package does it.
type faultLayer struct {
	below string // absolute, without symbolic links
	picks func(operation) bool
	at    int           // the number of the picked operation that fails, from 1; 0: none
	with  syscall.Errno // 0: it does not fail
	half  bool          // if it is a write, it writes half of its data, and the rest fails
	stays bool          // every picked operation after it fails too
	slow  time.Duration // how long each picked operation takes
	then  func()        // called before the operation

	count  int
	halved string   // the file of which a write was cut short, until its rest comes
	struck []string // the operations that failed
}

// An operation is a system call on a file below the directory.
type operation struct {
	name string // open, create, read, write, sync, truncate, rename, mkdir or remove
	path string // relative to the directory
}

func (o operation) String() string { return o.name + " " + o.path }

// traced are the system calls that stop, with the argument that says on which file they are: a
// descriptor, or a directory's descriptor and a path after it.
var traced = map[int32]struct {
	name string
	fd   int
	path bool
}{
	unix.SYS_WRITE: {name: "write"}, unix.SYS_PWRITE64: {name: "write"}, unix.SYS_READ: {name: "read"}, unix.SYS_PREAD64: {name: "read"},
	unix.SYS_FSYNC: {name: "sync"}, unix.SYS_FDATASYNC: {name: "sync"}, unix.SYS_FTRUNCATE: {name: "truncate"},
	unix.SYS_OPENAT: {name: "open", path: true}, unix.SYS_MKDIRAT: {name: "mkdir", path: true},
	unix.SYS_UNLINKAT: {name: "remove", path: true}, unix.SYS_RENAMEAT: {name: "rename", fd: 2, path: true},
}

const (
	layerProgram  = "stopped"        // the program that starts another one under the layer
	layerEnded    = 60 * time.Second // every program must end within it
	listenerFlag  = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	continueFlag  = unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE
	notRestricted = "the kernel does not let a test stop system calls: "
)

// init adds the program that installs the filter for itself and becomes the one that it is given.
func init() {
	programs[layerProgram] = func() {
		runtime.LockOSThread() // the filter is of this thread, which is the one that execve leaves
		path, err := exec.LookPath(os.Args[1])
		fd := 0
		if err == nil {
			fd, err = stopCalls()
		}
		if err == nil {
			err = unix.Sendmsg(3, []byte{0}, unix.UnixRights(fd), nil, 0)
		}
		if err == nil {
			unix.CloseOnExec(3)
			err = syscall.Exec(path, os.Args[1:], os.Environ())
		}
		fmt.Fprintln(os.Stderr, notRestricted, err)
		os.Exit(125)
	}
}

// stopCalls installs a filter that stops the traced calls, and returns the descriptor where they are
// asked about.
func stopCalls() (listener int, err error) {
	arch := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	const load, equal, ret = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	filter := []unix.SockFilter{
		{Code: load, K: 4}, {Code: equal, K: arch, Jt: 1}, {Code: ret, K: unix.SECCOMP_RET_ALLOW}, // another architecture
		{Code: load, K: 0},
	}
	for nr := range traced {
		filter = append(filter, unix.SockFilter{Code: equal, K: uint32(nr), Jf: 1}, unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_USER_NOTIF})
	}
	filter = append(filter, unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_ALLOW})
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 0, err
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, listenerFlag, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return 0, errno
	}
	return int(fd), nil
}

// A stoppedCall is the kernel's struct seccomp_notif.
type stoppedCall struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

// An answerToCall is the kernel's struct seccomp_notif_resp.
type answerToCall struct {
	id    uint64
	val   int64
	errno int32
	flags uint32
}

// run runs a program under the layer, and returns what it printed and its exit code.
func (l *faultLayer) run(t *testing.T, env []string, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs")
	defer ours.Close()
	var out, errs bytes.Buffer
	cmd := exec.Command(layerProgram, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = dir, env, &out, &errs, []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	listener, err := sentThrough(pair[0])
	if err != nil {
		_ = cmd.Wait() // errs says why
		t.Skip(errs.String(), err)
	}
	var answering sync.WaitGroup
	answering.Go(func() { l.answer(listener) })
	late := time.AfterFunc(layerEnded, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGQUIT) })
	_ = cmd.Wait() // the exit code is in cmd.ProcessState
	if !late.Stop() {
		t.Errorf("%v does not end", args)
	}
	answering.Wait()
	unix.Close(listener)
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// sentThrough returns a descriptor that was sent through a socket.
func sentThrough(socket int) (int, error) {
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(socket, make([]byte, 1), rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) == 0 {
		return 0, errors.Join(err, errors.New("no descriptor was sent"))
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return 0, err
	}
	return fds[0], nil
}

// answer decides calls until all processes have ended.
func (l *faultLayer) answer(listener int) {
	for {
		poll := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); err == unix.EINTR {
			continue
		} else if err != nil || poll[0].Revents&unix.POLLIN == 0 {
			return
		}
		var call stoppedCall
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&call))); errno != 0 {
			continue // the process was killed meanwhile
		}
		answer := l.answerTo(&call)
		answer.id = call.id
		_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&answer)))
	}
}

func (l *faultLayer) answerTo(call *stoppedCall) answerToCall {
	goOn := answerToCall{flags: continueFlag}
	what := traced[call.nr]
	op := operation{name: what.name}
	var ok bool
	if what.path {
		op.path, ok = pathOf(call, what.fd)
		if flags := call.args[2]; call.nr == unix.SYS_OPENAT && flags&unix.O_CREAT != 0 {
			op.name = "create"
		}
	} else {
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", call.pid, int32(call.args[0])))
		op.path, ok = link, err == nil
	}
	if !ok {
		return goOn
	}
	rel, err := filepath.Rel(l.below, op.path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return goOn
	}
	op.path = rel
	if l.halved == op.path && op.name == "write" {
		l.halved = ""
		if l.with != 0 {
			return answerToCall{errno: -int32(l.with)}
		}
		return goOn
	}
	if !l.picks(op) {
		return goOn
	}
	time.Sleep(l.slow)
	if l.count++; l.at == 0 || l.count < l.at || l.count > l.at && !l.stays {
		return goOn
	}
	l.struck = append(l.struck, fmt.Sprintf("%d %v", l.count, op))
	if l.then != nil && l.count == l.at {
		l.then()
	}
	if l.half && l.count == l.at && op.name == "write" {
		if n, err := writeHalf(call); err == nil && n > 0 {
			l.halved = op.path
			return answerToCall{val: int64(n)}
		}
	}
	if l.with == 0 {
		return goOn
	}
	return answerToCall{errno: -int32(l.with)}
}

// pathOf returns the absolute path that a call was given with the descriptor of a directory.
func pathOf(call *stoppedCall, at int) (string, bool) {
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", call.pid))
	if err != nil {
		return "", false
	}
	defer memory.Close()
	text := make([]byte, unix.PathMax)
	n, _ := memory.ReadAt(text, int64(call.args[at+1])) // as much as is mapped
	text, _, ok := bytes.Cut(text[:n], []byte{0})
	if !ok {
		return "", false
	}
	if path := string(text); filepath.IsAbs(path) {
		return filepath.Clean(path), true
	}
	link := fmt.Sprintf("/proc/%d/cwd", call.pid)
	if fd := int32(call.args[at]); fd != unix.AT_FDCWD {
		link = fmt.Sprintf("/proc/%d/fd/%d", call.pid, fd)
	}
	dir, err := os.Readlink(link)
	return filepath.Join(dir, string(text)), err == nil
}

// writeHalf does the first half of a call of write or pwrite64, through a copy of the caller's
// descriptor, so that its position moves.
func writeHalf(call *stoppedCall) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", call.pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "\nTgid:")
	var process int
	if _, err := fmt.Sscan(rest, &process); err != nil {
		return 0, err
	}
	pidfd, err := unix.PidfdOpen(process, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(pidfd)
	fd, err := unix.PidfdGetfd(pidfd, int(call.args[0]), 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", call.pid))
	if err != nil {
		return 0, err
	}
	defer memory.Close()
	half := make([]byte, call.args[2]/2)
	if _, err := memory.ReadAt(half, int64(call.args[1])); err != nil {
		return 0, err
	}
	if call.nr == unix.SYS_PWRITE64 {
		return unix.Pwrite(fd, half, int64(call.args[3]))
	}
	return unix.Write(fd, half)
}
