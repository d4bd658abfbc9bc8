package compare

import (
	"encoding/json"
	"io"
)

// WriteJSON writes a comparison as one JSON object.
func (c *Comparison) WriteJSON(w io.Writer) error {
	type side struct {
		Run      string `json:"run"`
		Workflow string `json:"workflow"`
		Question string `json:"question"`
		Ended    bool   `json:"ended"`
		Work
	}
	type step struct {
		Step string `json:"step"`
		Mark string `json:"mark"` // same, differs, A, B, open
		A    *Work  `json:"a,omitempty"`
		B    *Work  `json:"b,omitempty"`
	}
	type source struct {
		Path   string  `json:"path"`
		Line   int     `json:"line,omitempty"`
		Place  string  `json:"place,omitempty"`
		A      int     `json:"a,omitempty"`
		B      int     `json:"b,omitempty"`
		ScoreA float64 `json:"score_a,omitempty"`
		ScoreB float64 `json:"score_b,omitempty"`
	}
	type difference struct {
		Kind  Kind    `json:"kind"`
		StepA string  `json:"step_a,omitempty"`
		StepB string  `json:"step_b,omitempty"`
		Path  string  `json:"path,omitempty"`
		A     string  `json:"a,omitempty"`
		B     string  `json:"b,omitempty"`
		MSA   float64 `json:"ms_a"` // after the start of each run
		MSB   float64 `json:"ms_b"`
		Text  string  `json:"text"`
	}
	sideOf := func(s Side, w Work) side {
		out := side{Run: s.Header.Run, Ended: s.View.Ended(), Work: w}
		if root := s.View.Root(); root != nil {
			out.Run, out.Workflow, out.Question = root.ID, root.Name, root.Question(s.View)
		}
		return out
	}
	out := struct {
		A        side        `json:"a"`
		B        side        `json:"b"`
		First    *difference `json:"first,omitempty"`
		Steps    []step      `json:"steps"`
		Sources  []source    `json:"sources"`
		Settings []Value     `json:"settings"`
		State    []Value     `json:"state"`
		Answer   []Piece     `json:"answer"`
	}{A: sideOf(c.A, c.Total.A), B: sideOf(c.B, c.Total.B), Steps: []step{}, Sources: []source{},
		Settings: c.Settings(), State: c.State(), Answer: c.Answer()}
	if d := c.First; d != nil {
		a, b := d.Step()
		out.First = &difference{d.Kind, a, b, d.Path, d.ValueA, d.ValueB, float64(d.TimeA.Microseconds()) / 1e3, float64(d.TimeB.Microseconds()) / 1e3, d.String()}
	}
	words := map[Mark]string{MarkSame: "same", MarkDiffers: "differs", MarkOnlyA: "A", MarkOnlyB: "B", MarkOpen: "open"}
	for _, r := range c.Rows {
		s := step{Step: r.Path, Mark: words[r.Mark]}
		if r.A.Executions > 0 {
			s.A = &r.A
		}
		if r.B.Executions > 0 {
			s.B = &r.B
		}
		out.Steps = append(out.Steps, s)
	}
	for _, s := range c.Sources() {
		out.Sources = append(out.Sources, source{s.Path, s.Line, s.Passage.Place, s.A, s.B, s.ScoreA, s.ScoreB})
	}
	return json.NewEncoder(w).Encode(out)
}
