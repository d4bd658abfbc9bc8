package serve

import (
	"context"
	"net/http"
	"slices"

	"weft/flow"
)

// breakpoints say before which executions a run pauses: those of a step, and those that are called with
// a type of event.
type breakpoints struct {
	Steps  []string `json:"steps"`
	Events []string `json:"events"`
}

// stop reports whether a run pauses before an execution. A nil receiver has no breakpoints.
func (b *breakpoints) stop(step, event string) bool {
	return b != nil && (slices.Contains(b.Steps, step) || slices.Contains(b.Events, event))
}

// setBreaks remembers the breakpoints of a run, for when it comes back into memory.
func (s *Server) setBreaks(id string, b *breakpoints) {
	if _, known := s.breaks.Swap(id, b); known {
		return
	}
	go func() {
		_, _ = s.host.Wait(context.Background(), id) // however it ends, its breakpoints are needed no more
		s.breaks.Delete(id)
	}()
}

// breaksOf returns the option that gives a run its breakpoints.
func (s *Server) breaksOf(id string) []flow.RunOption {
	if b, ok := s.breaks.Load(id); ok {
		return []flow.RunOption{flow.Breakpoints(b.(*breakpoints).stop)}
	}
	return nil
}

// The actions of POST /runs/{id}/debug.
const (
	actionPause    = "pause"
	actionContinue = "continue"
	actionStep     = "step"
)

// debug pauses and continues a run, sets its breakpoints, and says what it is doing.
func (s *Server) debug(w http.ResponseWriter, r *http.Request) {
	h, ok := s.find(w, r)
	if !ok {
		return
	}
	var body struct {
		Action      string
		Breakpoints *breakpoints // nil: they stay as they are
	}
	if !decode(w, r, &body) {
		return
	}
	if !slices.Contains([]string{"", actionPause, actionContinue, actionStep}, body.Action) {
		fail(w, http.StatusBadRequest, "action must be pause, continue or step")
		return
	}
	if h.Status != statusRunning {
		fail(w, http.StatusConflict, "the handler has ended")
		return
	}
	if body.Breakpoints != nil {
		s.setBreaks(h.ID, body.Breakpoints)
	}
	var err error
	if body.Action != "" || body.Breakpoints != nil {
		err = s.host.Control(h.ID, func(run flow.Handle) {
			if body.Breakpoints != nil {
				run.SetBreakpoints(body.Breakpoints.stop)
			}
			switch body.Action {
			case actionPause:
				run.Pause()
			case actionContinue:
				run.Continue()
			case actionStep:
				run.StepOnce()
			}
		})
	}
	var explained flow.Explanation
	if err == nil {
		explained, err = s.host.Explain(h.ID)
	}
	if err != nil {
		failed(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"explanation": explained})
}
