package remote

import (
	"context"
	"errors"
	"net/http"

	"weft/flow"
)

// Breakpoints name steps and types of events: a run pauses before each execution of such a step,
// and before each execution that is called with such an event.
type Breakpoints struct {
	Steps  []string `json:"steps"`
	Events []string `json:"events"`
}

// SetBreakpoints sets the breakpoints of the runs that this client starts from now on.
func (c *Client) SetBreakpoints(b Breakpoints) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.breaks = &b
}

// Pause prevents further executions of the run from starting, Continue ends the pause, and StepOnce
// lets exactly one more start. They fail if another process on the server's machine owns the run.
func (r *Run) Pause(ctx context.Context) error { return r.act(ctx, "pause") }

// Continue ends a pause: see [Run.Pause].
func (r *Run) Continue(ctx context.Context) error { return r.act(ctx, "continue") }

// StepOnce lets one more execution start: see [Run.Pause].
func (r *Run) StepOnce(ctx context.Context) error { return r.act(ctx, "step") }

func (r *Run) act(ctx context.Context, action string) error {
	_, err := r.debug(ctx, map[string]any{"action": action})
	return err
}

// SetBreakpoints replaces the breakpoints of the run.
func (r *Run) SetBreakpoints(ctx context.Context, b Breakpoints) error {
	_, err := r.debug(ctx, map[string]any{"breakpoints": b})
	return err
}

// Explain describes what the run is doing and, for each part that makes no progress, what it waits
// for.
func (r *Run) Explain(ctx context.Context) (flow.Explanation, error) {
	return r.debug(ctx, map[string]any{})
}

// errNoDebugger reports that the server has no route for a debugger.
var errNoDebugger = errors.New("the server cannot pause runs: only a weft serve of this version or a later one can")

func (r *Run) debug(ctx context.Context, body map[string]any) (flow.Explanation, error) {
	var response struct{ Explanation flow.Explanation }
	err := r.client.ask(ctx, http.MethodPost, r.path("/runs/", "/debug"), nil, body, &response)
	if missing(err) {
		if _, unknown := r.handler(ctx); unknown == nil { // the server has the run, but not the route
			err = errNoDebugger
		}
	}
	return response.Explanation, err
}
