package host

import (
	"fmt"

	"weft/flow"
	"weft/flow/journal"
)

// Control reads a run into memory if needed, and calls f with it, for example to pause it. It calls
// f again if the run was released meanwhile. The error is a [journal.OwnedError] if another process
// owns the run, and wraps [flow.ErrEnded] if the run has ended.
func (h *Host) Control(id string, f func(flow.Handle)) error {
	return h.with(id, nil, func(run flow.Handle) error {
		f(run)
		if run.Explain().Suspended {
			return flow.ErrSuspended
		}
		return nil
	})
}

// Explain describes what a run is doing. It does not read a run into memory: of one that is on
// disk, only the open awaits are known. Errors are those of [Host.Control].
func (h *Host) Explain(id string) (flow.Explanation, error) {
	h.mu.Lock()
	e := h.runs[id]
	if e == nil {
		h.mu.Unlock()
		if err := h.find(id); err != nil {
			return flow.Explanation{}, err
		}
		return h.Explain(id)
	}
	run, awaits := e.run, e.awaits
	h.mu.Unlock()
	if run != nil {
		return run.Explain(), nil
	}
	owner, owned, err := h.dir.Owner(id)
	switch {
	case err != nil:
		return flow.Explanation{}, fmt.Errorf("host: %w", err)
	case owned:
		return flow.Explanation{}, &journal.OwnedError{Run: id, Owner: owner}
	}
	return flow.Explanation{Run: id, Suspended: true, Awaits: awaits}, nil
}
