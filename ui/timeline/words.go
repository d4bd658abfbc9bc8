package timeline

import (
	"encoding/json"
	"fmt"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// hints are the labels of executions, cached because every frame asks for them.
type hints map[*run.Execution]string

// of returns run.View.Label in one line.
func (h hints) of(v run.View, e *run.Execution) string {
	text, known := h[e]
	if !known {
		if len(h) > 4096 {
			clear(h)
		}
		text = firstLine(e.Label(v))
		h[e] = text
	}
	return text
}

// RetryText describes a retry in one line of at most w cells: the reason, then the attempt and when
// it begins. The reason is cut where there is not enough room.
func RetryText(r run.Retry, w int) string {
	tail := fmt.Sprintf(" · attempt %d", r.Attempt)
	if r.Most > 0 {
		tail += fmt.Sprintf(" of %d", r.Most)
	}
	if r.Left > 0 {
		tail += " in " + units.Duration(r.Left)
	}
	return canvas.Truncate(canvas.Line(r.Reason), max(w-canvas.Width(tail), 12)) + tail
}

// spreads reports whether a line below a step's row describes its executions.
func spreads(v run.View, s *run.Step) bool {
	return len(v.Executions(s)) >= spreadFrom && s.Lane.Peak(v) > 1
}

// spread describes how far the executions of a fan-out are and how long they take.
func spread(v run.View, s *run.Step) string {
	c, sp := s.Lane.Count(v), s.Lane.Spread(v)
	var text string
	switch {
	case c.Started == 0:
		return ""
	case c.Active():
		text = fmt.Sprintf("%d %s · %d %s", c.Finished, status.Done.Word(), c.In[run.Running], status.Running.Word())
		if n := c.In[run.Queued]; n > 0 {
			text += fmt.Sprintf(" · %d %s", n, status.Queued.Word())
		}
	}
	if peak := fmt.Sprintf("█ is %d at once", s.Lane.Peak(v)); text == "" {
		text = peak
	} else {
		text += " · " + peak
	}
	if sp.N > 0 {
		text += fmt.Sprintf(" · min %s · median %s · max %s", units.Duration(sp.Min), units.Duration(sp.Median), units.Duration(sp.Max))
	}
	if n := c.Failures - c.Failed; n > 0 {
		text += fmt.Sprintf(" · %d tried again", n)
	}
	if p, ok := s.Progress(v); ok && p.Total > 0 {
		text = progress(p) + " · " + text
	}
	return text
}

func progress(p show.Progress) string {
	text := p.Message
	switch {
	case p.Total > 0:
		text = fmt.Sprintf("%d/%d %s", p.Done, p.Total, p.Unit)
	case p.Done > 0:
		text = fmt.Sprintf("%d %s", p.Done, p.Unit)
	}
	if r := units.Rate(p.Rate); r != "" {
		text += ", " + r
	}
	return text
}

// prompt returns the prompt of an await in one line.
func prompt(v run.View, a *run.Await) string {
	var p map[string]any
	if json.Unmarshal(v.Run().JSON(a.Position), &p) != nil {
		return ""
	}
	switch asked := p["prompt"].(type) { // the prompt is a field of the engine's record of the wait
	case map[string]any:
		p = asked
	case string:
		return firstLine(asked)
	}
	for _, k := range []string{"title", "question", "text", "message", "prompt"} {
		if s, ok := p[k].(string); ok && s != "" {
			return firstLine(s)
		}
	}
	return ""
}
