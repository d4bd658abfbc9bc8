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
	"sync"
	"syscall"
	"time"

	"weft/flow"
)

// ErrUnowned is wrapped by the error of [Dir.Send] for a run that no process owns.
var ErrUnowned = errors.New("no process has the run")

// A mailbox lets other processes send events to the runs that this process owns.
type mailbox struct {
	listener net.Listener
	socket   string // the name of its file in the folder
	users    int    // calls of Listen whose listeners are not closed; guarded by the Dir's mu
	done     sync.WaitGroup

	mu   sync.Mutex
	runs map[string]func(flow.Message) error
}

// A delivery is the request that is sent through the socket; a receipt is the response.
type delivery struct {
	Run string `json:"run"`
	flow.Message
}

// A receipt says why an event was not accepted. Its code names one of the errors in receiptCodes
// that the reason wraps, if there is one.
type receipt struct {
	Error string `json:"error,omitempty"`
	Code  string `json:"code,omitempty"`
}

// receiptCodes are the errors that the sender of an event can test for with errors.Is.
var receiptCodes = map[string]error{
	"ended":       flow.ErrEnded,
	"not_awaited": flow.ErrNotAwaited,
	"suspended":   flow.ErrSuspended,
	"unowned":     ErrUnowned,
}

// A refusedError is the owner's reason for not accepting an event.
type refusedError struct {
	text string
	is   error // nil: none of the receiptCodes
}

func (e *refusedError) Error() string { return e.text }

func (e *refusedError) Unwrap() error { return e.is }

// maxSending is how long the sender of an event may take to send it.
const maxSending = 10 * time.Second

// Listen lets other processes send events to the runs that this one creates or continues in the
// folder from now on: see [Dir.Send]. It opens a socket in the folder, which only the folder's
// owner can reach. Close the returned listener after the last of these runs. Several calls share
// the socket, which is removed when all their listeners are closed.
func (d *Dir) Listen() (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.box == nil {
		d.removeStale()
		listener, name, err := listenIn(d.path)
		if err != nil {
			return nil, fmt.Errorf("journal: Listen: %w", err)
		}
		d.box = &mailbox{listener: listener, socket: name, runs: map[string]func(flow.Message) error{}}
		d.box.done.Go(d.box.accept)
	}
	box := d.box
	box.users++
	return closer(sync.OnceValue(func() error { return d.unlisten(box) })), nil
}

// unlisten gives up one call of Listen, and the socket after the last.
func (d *Dir) unlisten(box *mailbox) error {
	d.mu.Lock()
	box.users--
	last := box.users == 0
	if last {
		d.box = nil
	}
	d.mu.Unlock()
	if !last {
		return nil
	}
	err := box.listener.Close()
	os.Remove(filepath.Join(d.path, box.socket)) // a test may have closed the listener before
	box.done.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

type closer func() error

func (c closer) Close() error { return c() }

// removeStale removes the sockets of processes that were killed.
func (d *Dir) removeStale() {
	all, _ := filepath.Glob(filepath.Join(d.path, socketPattern)) // the pattern is valid, so there is no error
	for _, path := range all {
		conn, err := dialIn(context.Background(), d.path, filepath.Base(path))
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
			_ = conn.SetReadDeadline(time.Now().Add(maxSending)) // an error shows when reading
			var in delivery
			if json.NewDecoder(conn).Decode(&in) != nil {
				return
			}
			var out receipt
			if err := b.deliver(in); err != nil {
				out.Error = err.Error()
				for code, is := range receiptCodes {
					if errors.Is(err, is) {
						out.Code = code
					}
				}
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

// Send hands a message to a run that another process owns, through that process, and returns when
// it is safe in the journal, or why the run did not accept it: the error wraps [flow.ErrEnded],
// [flow.ErrNotAwaited] or [flow.ErrSuspended] as that of [flow.Run.Send] and [flow.Run.Reply] does.
// If no process owns the run, or its owner is just beginning or closing it, the error wraps
// [ErrUnowned]: continue the run, and then send the event. If the owner does not listen, the error
// is an [OwnedError].
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
	conn, err := dialIn(ctx, d.path, owner.Socket)
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
		return fmt.Errorf("journal: run %s: process %d: %w", id, owner.PID, &refusedError{out.Error, receiptCodes[out.Code]})
	}
	return nil
}
