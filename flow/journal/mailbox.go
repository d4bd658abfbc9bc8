package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"weft/flow"
)

// ErrUnowned is wrapped by the error of [Dir.Send] for a run that no process has.
var ErrUnowned = errors.New("no process has the run")

// A mailbox lets other processes send events to the runs that this process owns.
type mailbox struct {
	listener net.Listener
	socket   string // the name of its file in the folder
	done     sync.WaitGroup

	mu   sync.Mutex
	runs map[string]func(flow.Message) error
}

// A delivery is the request that is sent through the socket; a receipt is the response.
type delivery struct {
	Run string `json:"run"`
	flow.Message
}

type receipt struct {
	Error string `json:"error,omitempty"`
}

// socketPattern matches the names of the sockets in the folder.
const socketPattern = "p*.sock"

// maxSocketPath is the longest path of a socket, in bytes, that all systems allow.
const maxSocketPath = 100

// Listen lets other processes send events to the runs that this one creates or continues in the
// folder from now on: see [Dir.Send]. It opens a socket in the folder, which only the folder's
// owner can reach. Close the returned listener after the last of these runs.
func (d *Dir) Listen() (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.box != nil {
		return nil, errors.New("journal: Listen: this folder is listened to already")
	}
	d.removeStale()
	f, err := os.CreateTemp(d.path, fmt.Sprintf("p%d-%s", os.Getpid(), strings.TrimPrefix(socketPattern, "p")))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	path := f.Name()
	f.Close()
	os.Remove(path) // the name is free again, and no other process uses it
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("journal: Listen: the path %s is longer than %d bytes, which sockets allow", path, maxSocketPath)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	box := &mailbox{listener: listener, socket: filepath.Base(path), runs: map[string]func(flow.Message) error{}}
	box.done.Go(box.accept)
	d.box = box
	return closer(func() error {
		d.mu.Lock()
		d.box = nil
		d.mu.Unlock()
		err := listener.Close()
		box.done.Wait()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		return err
	}), nil
}

type closer func() error

func (c closer) Close() error { return c() }

// removeStale removes the sockets of processes that were killed.
func (d *Dir) removeStale() {
	all, _ := filepath.Glob(filepath.Join(d.path, socketPattern)) // the pattern is valid, so there is no error
	for _, path := range all {
		conn, err := net.Dial("unix", path)
		if err == nil {
			conn.Close()
		} else if errors.Is(err, syscall.ECONNREFUSED) {
			os.Remove(path)
		}
	}
}

func (b *mailbox) accept() {
	for {
		conn, err := b.listener.Accept()
		if err != nil {
			return // it was closed
		}
		b.done.Go(func() {
			defer conn.Close()
			var in delivery
			if json.NewDecoder(conn).Decode(&in) != nil {
				return
			}
			var out receipt
			if err := b.deliver(in); err != nil {
				out.Error = err.Error()
			}
			_ = json.NewEncoder(conn).Encode(out) // an error means that the sender is gone and needs no answer
		})
	}
}

func (b *mailbox) deliver(in delivery) error {
	b.mu.Lock()
	run := b.runs[in.Run]
	b.mu.Unlock()
	if run == nil {
		return fmt.Errorf("journal: run %s: %w", in.Run, ErrUnowned)
	}
	return run(in.Message)
}

// Receive implements [flow.Receiver]: it passes the events that other processes send to the run to
// deliver.
func (w *Writer) Receive(deliver func(flow.Message) error) {
	if w.box != nil {
		w.box.mu.Lock()
		defer w.box.mu.Unlock()
		w.box.runs[w.run] = deliver
	}
}

// leave ends the delivery of events that Receive began.
func (w *Writer) leave() {
	if w.box != nil {
		w.box.mu.Lock()
		defer w.box.mu.Unlock()
		delete(w.box.runs, w.run)
	}
}

// Send hands an event to a run that another process owns, through that process, and returns when it
// is safe in the journal, or the run's error. If no process has the run the error wraps
// [ErrUnowned]: continue it, and send the event then. If its owner does not listen it is an
// [OwnedError].
func (d *Dir) Send(ctx context.Context, id string, m flow.Message) error {
	path, err := d.Path(id)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	taken, err := lock(f)
	if err != nil {
		return fmt.Errorf("journal: lock %s: %w", path, err)
	}
	if !taken {
		return fmt.Errorf("journal: run %s: %w: continue it, and send the event then", id, ErrUnowned)
	}
	owner := ownerOf(f)
	if owner.Socket == "" || filepath.Base(owner.Socket) != owner.Socket {
		return &OwnedError{id, owner}
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", filepath.Join(d.path, owner.Socket))
	if err != nil {
		return fmt.Errorf("journal: run %s is with %v, which does not answer: %w", id, owner, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var out receipt
	if err = json.NewEncoder(conn).Encode(delivery{id, m}); err == nil {
		err = json.NewDecoder(conn).Decode(&out)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("journal: run %s is with %v, which has not acknowledged the event: %w", id, owner, err)
	case out.Error != "":
		return fmt.Errorf("journal: run %s: process %d: %s", id, owner.PID, out.Error)
	}
	return nil
}
