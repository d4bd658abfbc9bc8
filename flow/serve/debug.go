package serve

import (
	"context"
	"net/http"
	"slices"

	"weft/flow"
)

// breakpoints name steps and types of events: a run pauses before each execution of such a step,
// and before each execution that is called with such an event.
type breakpoints struct {
	Steps  []string `json:"steps"`
	Events []string `json:"events"`
}

// stop reports whether a run pauses before an execution. A nil receiver has no breakpoints.
func (b *breakpoints) stop(step, event string) bool {
	return b != nil && (slices.Contains(b.Steps, step) || slices.Contains(b.Events, event))
}

// setBreaks remembers the breakpoints of a run, for when the run is read back into memory.
func (s *Server) setBreaks(id string, b *breakpoints) {
	if _, known := s.breaks.Swap(id, b); known {
		return
	}
	go func() {
		_, _ = s.host.Wait(context.Background(), id) // its breakpoints are no longer needed, however it ended
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

// debug handles a debugger's request about a run: it pauses or continues the run, sets its
// breakpoints, and answers with what it is doing.
func (s *Server) debug(w http.ResponseWriter, r *http.Request) {
	h, ok := s.find(w, r)
	if !ok {
		return
	}
	var body struct {
		Action      string
		Breakpoints *breakpoints // nil: unchanged
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
