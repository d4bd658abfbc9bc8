package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"weft/flow"
)

// lookEvery is how often Wait looks at the journal of a run that is not in memory, because another
// process may end it.
const lookEvery = 500 * time.Millisecond

// Wait waits for the end of a run, in whichever process it comes, and returns its stop event, or
// the error that ended it. If ctx is done before, Wait returns the cause of that.
func (h *Host) Wait(ctx context.Context, id string) (any, error) {
	h.mu.Lock()
	e := h.runs[id]
	h.mu.Unlock()
	if e == nil {
		switch err := h.find(id); {
		case errors.Is(err, flow.ErrEnded):
			return h.result(id)
		case err != nil:
			return nil, err
		}
		return h.Wait(ctx, id)
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-e.over:
			if e.elsewhere {
				return h.result(id)
			}
			return e.out, e.err
		case <-h.ctx.Done():
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-look.C:
			if err := h.look(id); err != nil {
				return nil, err
			}
		}
	}
}

// result reads the result of a run that has ended.
func (h *Host) result(id string) (any, error) {
	file, err := h.dir.Read(id)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	wf := h.workflows[file.Header.Workflow]
	h.mu.Unlock()
	if wf == nil {
		return nil, fmt.Errorf("host: run %s is of the workflow %s: %w", id, file.Header.Workflow, ErrUnknownWorkflow)
	}
	run, err := flow.Resume(context.Background(), wf, slices.Values(file.Records))
	if err != nil {
		return nil, err
	}
	return run.Result(context.Background())
}
