package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// maxHandOver is how long an event may wait for a run that its owner is about to begin or close.
const maxHandOver = 10 * time.Second

// maxAnswer is how long the process that owns a run may take to accept an event.
const maxAnswer = 30 * time.Second

// ErrUnknownWorkflow is wrapped by errors about a run of a workflow that the host does not have.
var ErrUnknownWorkflow = errors.New("the host was not given its workflow")

// Send hands an event to a run, as [flow.Run.Send] does. If another process owns the run, that
// process gets the event, and Send returns when the event is safe in the journal. The error wraps
// [flow.ErrEnded] if the run has ended, and fs.ErrNotExist if it does not exist.
func (h *Host) Send(id string, ev any) error {
	return h.with(id, func(wf flow.Definition) (flow.Message, error) {
		if wf == nil {
			return flow.Message{}, ErrUnknownWorkflow
		}
		return flow.MessageOf(wf, ev)
	}, func(run flow.Handle) error { return run.Send(ev) })
}

// SendJSON is Send for an event that is known by the stable name of its type and as JSON.
func (h *Host) SendJSON(id, typeName string, payload json.RawMessage) error {
	return h.with(id, message(flow.Message{Type: typeName, Payload: payload}), func(run flow.Handle) error {
		return run.SendJSON(typeName, payload)
	})
}

// Reply answers an open await of a run, as [flow.Run.Reply] does, also if another process owns the
// run. The await's number is the ID of one that [Host.Waiting] lists, and the Event of its
// AwaitOpened record.
func (h *Host) Reply(id string, await uint64, reply any) error {
	return h.with(id, func(wf flow.Definition) (m flow.Message, err error) {
		if raw, ok := reply.(json.RawMessage); ok {
			return flow.Message{Await: await, Payload: raw}, nil
		}
		if wf == nil {
			return m, ErrUnknownWorkflow
		}
		m, err = flow.MessageOf(wf, reply)
		m.Await = await
		return m, err
	}, func(run flow.Handle) error { return run.Reply(await, reply) })
}

// Cancel ends a run with a cause, also if another process owns it; that process gets the cause as
// text. A nil cause is context.Canceled.
func (h *Host) Cancel(id string, cause error) error {
	text := "context canceled"
	if cause != nil {
		text = cause.Error()
	}
	return h.with(id, message(flow.Message{Cancel: text}), func(run flow.Handle) error {
		run.Cancel(cause)
		if run.Explain().Suspended {
			return flow.ErrSuspended
		}
		return nil
	})
}

// Continue resumes a run that was interrupted: see [Host.Interrupted]. The error is a
// [journal.OwnedError] if another process owns the run.
func (h *Host) Continue(id string) error {
	return h.with(id, nil, func(flow.Handle) error { return nil })
}

func message(m flow.Message) func(flow.Definition) (flow.Message, error) {
	return func(flow.Definition) (flow.Message, error) { return m, nil }
}

// with calls f with a run, reading it into memory if needed. It calls f again if the run was
// released meanwhile. If another process owns the run, it sends the message to that process
// instead.
func (h *Host) with(id string, m func(flow.Definition) (flow.Message, error), f func(flow.Handle) error) error {
	end := time.Now().Add(maxHandOver)
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		run, gone, err := h.handle(id)
		if err == nil {
			if err = f(run); !errors.Is(err, flow.ErrSuspended) {
				return err
			}
			<-gone
			continue
		}
		unknown := errors.Is(err, ErrUnknownWorkflow)
		if m == nil || !unknown && !errors.Is(err, journal.ErrOwned) {
			return err
		}
		sent := h.sendAway(id, m)
		if unknown && errors.Is(sent, journal.ErrUnowned) {
			return err
		}
		// The owner may be about to begin, release or close the run; or it has just done so.
		again := errors.Is(sent, journal.ErrUnowned) || errors.Is(sent, flow.ErrSuspended)
		if !again || time.Now().After(end) {
			return sent
		}
		select {
		case <-time.After(pause):
		case <-h.ctx.Done():
			return ErrClosed
		}
	}
}

// sendAway sends a message to a run that another process owns.
func (h *Host) sendAway(id string, m func(flow.Definition) (flow.Message, error)) error {
	h.mu.Lock()
	var wf flow.Definition
	if e := h.runs[id]; e != nil {
		wf = h.workflows[e.workflow]
	}
	h.mu.Unlock()
	msg, err := m(wf)
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	ctx, stop := context.WithTimeout(h.ctx, maxAnswer)
	defer stop()
	switch err = h.dir.Send(ctx, id, msg); {
	case err == nil:
		return nil
	case h.ctx.Err() != nil:
		return ErrClosed
	case ctx.Err() != nil:
		return fmt.Errorf("host: run %s: the process that has it did not answer within %v, and may have accepted the event: %w", id, maxAnswer, err)
	}
	return fmt.Errorf("host: %w", err)
}

// handle returns a run in memory, and a channel that is closed when it has left the memory. A run
// that is not in memory is first resumed from its journal.
func (h *Host) handle(id string) (flow.Handle, chan struct{}, error) {
	for {
		h.mu.Lock()
		e := h.runs[id]
		switch {
		case h.closed:
			h.mu.Unlock()
			return nil, nil, ErrClosed
		case e == nil:
			h.mu.Unlock()
			if err := h.find(id); err != nil {
				return nil, nil, err
			}
			continue
		case e.run != nil:
			defer h.mu.Unlock()
			return e.run, e.gone, nil
		case e.loading != nil:
			loading := e.loading
			h.mu.Unlock()
			<-loading
			continue
		}
		e.loading = make(chan struct{})
		h.unschedule(e)
		h.watchers.Add(1) // so that Close waits for it
		h.mu.Unlock()
		run, w, err := h.read(e)
		h.mu.Lock()
		switch {
		case err == nil:
			h.attach(e, run, w)
		case errors.Is(err, journal.ErrEnded):
			h.endedElsewhere(e)
			err = fmt.Errorf("host: run %s: %w", id, flow.ErrEnded)
		default:
			e.interrupted = true
		}
		close(e.loading)
		e.loading = nil
		h.watchers.Done()
		h.mu.Unlock()
		if err != nil {
			return nil, nil, err
		}
	}
}

// read resumes a run from its journal.
func (h *Host) read(e *entry) (flow.Handle, *journal.Writer, error) {
	h.mu.Lock()
	wf := h.workflows[e.workflow]
	h.mu.Unlock()
	if wf == nil {
		return nil, nil, fmt.Errorf("host: run %s is of the workflow %s: %w", e.id, e.workflow, ErrUnknownWorkflow)
	}
	file, w, err := h.dir.Continue(e.id)
	if err != nil {
		return nil, nil, err
	}
	opts := []flow.RunOption{flow.Keep(w, h.settings.Keep...), flow.Release(h.settings.ReleaseAfter)}
	if h.settings.Resuming != nil {
		opts = append(opts, h.settings.Resuming(e.id)...)
	}
	run, err := flow.Resume(h.ctx, wf, slices.Values(file.Records), opts...)
	if err != nil {
		w.Close()
		return nil, nil, err
	}
	return run, w, nil
}
