package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// An interruption is a signal that asks the program to end.
type interruption struct{ os.Signal }

func (i interruption) Error() string {
	if i.Signal == syscall.SIGTERM {
		return "terminated"
	}
	return "cancelled"
}

// code returns the exit code after the signal: 128 and its number, as shells report it.
func (i interruption) code() int {
	if i.Signal == syscall.SIGTERM {
		return exitTerminated
	}
	return exitCancelled
}

// interruptible returns a context that ends at the first signal that asks the program to end; its
// cause is the interruption. A second signal ends the program at once.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(interruption{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

// interrupted returns the error of a command whose context has ended.
func interrupted(ctx context.Context) error {
	by := interruption{os.Interrupt}
	errors.As(context.Cause(ctx), &by)
	return &exitError{by.code(), by}
}
