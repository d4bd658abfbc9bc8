package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// An interruption is a signal that asks the program to end.
type interruption struct{ os.Signal }

func (i interruption) Error() string {
	switch i.Signal {
	case syscall.SIGTERM:
		return "terminated"
	case syscall.SIGHUP:
		return "the terminal was closed"
	}
	return "cancelled"
}

// code returns the exit code after the signal: 128 and its number, as shells report it.
func (i interruption) code() int {
	if s, ok := i.Signal.(syscall.Signal); ok && s != syscall.SIGINT {
		return 128 + int(s)
	}
	return exitCancelled
}

// endSignals are the signals that ask the program to end.
var endSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// hungUp receives a SIGHUP when the terminal is gone and the signal may not have come.
var hungUp = make(chan os.Signal, 1)

// The time that the program has to end by itself after a signal: about a second. It is slept in
// slices, because a process that gets no processor time needs longer for everything.
const (
	endSlices = 90
	endSlice  = 10 * time.Millisecond
)

// interruptible returns a context that ends at the first signal that asks the program to end; its
// cause is the interruption. If the program is still there after about a second, because something
// does not end or because a file on a dead mount blocks, it restores the terminal and exits. A second
// signal does so at once. Everything that is kept is written as it comes, so nothing more is lost.
//
// A signal that the parent process ignores stays ignored, as nohup expects.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan struct{})
	signals := make(chan os.Signal, 2)
	restore := savedTerminal()
	for _, s := range endSignals {
		if s != syscall.SIGHUP || !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		var by interruption
		select {
		case s := <-signals:
			by = interruption{s}
		case s := <-hungUp:
			by = interruption{s}
		case <-done:
			return
		}
		cancel(by)
		for range endSlices {
			select {
			case <-signals:
			case <-done:
				return
			case <-time.After(endSlice):
				continue
			}
			break
		}
		restore()
		os.Exit(by.code())
	}()
	return ctx, func() { signal.Stop(signals); close(done); cancel(nil) }
}

// interrupted returns the error of a command whose context has ended.
func interrupted(ctx context.Context) error {
	by := interruption{os.Interrupt}
	errors.As(context.Cause(ctx), &by)
	return &exitError{by.code(), by}
}

// terminalReset are the sequences that undo what the explorer sets: the alternate screen, the hidden
// cursor, mouse reports, pasting in brackets, focus reports, synchronised output, keyboard
// enhancements, colours.
const terminalReset = "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?2026l\x1b[?2027l\x1b[<u\x1b[>4m\x1b[m\x1b[0 q"
