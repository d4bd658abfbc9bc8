//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package cli

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"

	"weft/rag/statefile"
)

// The variables that make this program a guard: the mode of the terminal, and where reports go.
const (
	guardModeVariable   = "WEFT_GUARD_MODE"
	guardReportVariable = "WEFT_GUARD_REPORTS"
)

// guardDone is written to the guard when the program ends by itself, without a crash.
var guardDone = []byte("\x00weft ended\x00")

// maxReport limits a report of a crash, in bytes: a crash with thousands of goroutines is long.
const maxReport = 4 << 20

// guardTerminal starts a guard: this program once more, which waits until this process ends. If that
// happens without done, the guard restores the terminal, which a process that crashed or was killed
// cannot do itself, and keeps what the Go runtime has said about the crash as a report. Panics of any
// goroutine and fatal errors of the runtime are covered.
//
// Without a guard, because processes cannot be started, the explorer works as well.
func guardTerminal(reports string) (done func()) {
	var mode bytes.Buffer
	state, err := unix.IoctlGetTermios(int(os.Stdin.Fd()), termiosGet)
	if err != nil || binary.Write(&mode, binary.NativeEndian, state) != nil {
		return func() {}
	}
	self, err := os.Executable()
	if err != nil {
		return func() {}
	}
	read, write, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	defer read.Close()
	guard := exec.Command(self)
	guard.Env = append(os.Environ(), guardModeVariable+"="+hex.EncodeToString(mode.Bytes()), guardReportVariable+"="+reports)
	guard.Stdin, guard.Stdout, guard.ExtraFiles = os.Stdin, os.Stdout, []*os.File{read}
	// In a process group of its own, ctrl+c and ctrl+z of the terminal do not reach it.
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if guard.Start() != nil {
		write.Close()
		return func() {}
	}
	_ = debug.SetCrashOutput(write, debug.CrashOptions{}) // else the guard has no report, but restores the terminal
	keepOutput(state)
	return func() {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		_, _ = write.Write(guardDone)
		write.Close()
		_ = guard.Wait()
		_ = unix.IoctlSetTermios(int(os.Stdin.Fd()), termiosSet, state)
	}
}

// keepOutput lets the terminal keep its pending output when it sends a signal. By default ctrl+c
// discards it, so a ctrl+c too many while the explorer ends would take away the sequences that
// restore the screen.
func keepOutput(state *unix.Termios) {
	kept := *state
	kept.Lflag |= unix.NOFLSH
	_ = unix.IoctlSetTermios(int(os.Stdin.Fd()), termiosSet, &kept) // else only that case is not covered
}

// sameButOutput reports whether two modes of the terminal are the same but for what keepOutput changes.
func sameButOutput(a, b *term.State) bool {
	x, y := a.Termios, b.Termios
	x.Lflag |= unix.NOFLSH
	y.Lflag |= unix.NOFLSH
	return x == y
}

// serveGuard is the guard's work, if this process was started as one; it does not return then.
func serveGuard() {
	raw, err := hex.DecodeString(os.Getenv(guardModeVariable))
	if err != nil || len(raw) == 0 {
		return
	}
	// The guard outlives what ends the program. SIGTTOU would stop a background process that
	// changes the terminal.
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGTTOU, syscall.SIGTSTP)
	said, _ := io.ReadAll(io.LimitReader(os.NewFile(3, "guard"), maxReport))
	if bytes.HasSuffix(said, guardDone) {
		os.Exit(0)
	}
	var state unix.Termios
	if binary.Read(bytes.NewReader(raw), binary.NativeEndian, &state) == nil {
		_ = unix.IoctlSetTermios(int(os.Stdin.Fd()), termiosSet, &state) // fails only if the terminal is gone
	}
	text := "weft was killed; what was asked and indexed is kept"
	if len(said) > 0 {
		text = "weft has crashed; what was asked and indexed is kept"
		file := filepath.Join(os.Getenv(guardReportVariable), crashPrefix+time.Now().UTC().Format("20060102-150405")+".txt")
		if err := statefile.Write(file, said); err == nil {
			text += ". The report for its authors is " + file
		}
	}
	fmt.Fprintf(os.Stdout, "%s\r\n%s\r\n", terminalReset, text)
	os.Exit(0)
}
