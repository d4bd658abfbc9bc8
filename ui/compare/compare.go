// Package compare compares two runs: their executions aligned by step, round and item, the first
// difference, and what became of answer, sources, prompts, state and settings.
//
// Everything here is a pure function of two views of runs. A run may still be under way: what it
// has not done yet does not count as a difference.
package compare

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/run"
)

// A Side is one of the two runs.
type Side struct {
	View   run.View
	Header flow.Header // of its journal; may be empty
}

// A Mark says how the executions of one step compare.
type Mark string

// The marks.
const (
	MarkSame    Mark = "≈" // both did the same
	MarkDiffers Mark = "≠"
	MarkOnlyA   Mark = "A" // only A has the step
	MarkOnlyB   Mark = "B"
	MarkOpen    Mark = "…" // no difference so far, and a run has not ended
)

// A Work is what one run did in a step.
type Work struct {
	Executions int           `json:"executions"`
	Attempts   int           `json:"attempts"`
	Took       time.Duration `json:"took_ns"` // the time in which at least one was at work
	Read       int           `json:"read,omitempty"`
	Written    int           `json:"written,omitempty"` // tokens
	Spans      []Span        `json:"-"`                 // when it was at work, in order and apart
}

// A Span is a time, after the start of its run.
type Span struct{ From, To time.Duration }

// A Row is one step of the comparison.
type Row struct {
	Path  string // the steps that run its workflow, and its own name: "research/retrieve"
	Name  string
	Depth int // how many sub-workflows it is within
	Mark
	A, B  Work
	Pairs []Pair
}

// A Comparison is two runs compared.
type Comparison struct {
	A, B  Side
	Rows  []Row // in the order in which the steps began
	First *Difference
	Total Row // of the whole runs
}

// Compare compares two runs as of their views. now is the time up to which executions that have not
// ended are counted.
func Compare(a, b Side, now time.Time) *Comparison {
	c := &Comparison{A: a, B: b}
	pairs := Align(a.View, b.View)
	c.First = First(a.View, b.View, pairs)
	index := map[string]int{}
	for _, p := range pairs {
		path, depth := pathOf(p)
		i, ok := index[path]
		if !ok {
			i = len(c.Rows)
			index[path] = i
			c.Rows = append(c.Rows, Row{Path: path, Name: path[strings.LastIndexByte(path, '/')+1:], Depth: depth})
		}
		c.Rows[i].Pairs = append(c.Rows[i].Pairs, p)
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		r.Mark = c.mark(r.Pairs)
		var as, bs []*run.Execution
		for _, p := range r.Pairs {
			as, bs = append(as, p.A), append(bs, p.B)
		}
		r.A, r.B = work(a.View, as, now), work(b.View, bs, now)
	}
	c.Total = Row{Name: "the run", Path: "", A: total(a.View, now), B: total(b.View, now), Mark: c.totalMark()}
	return c
}

// pathOf returns the path of the step of a pair, and how deep it is.
func pathOf(p Pair) (path string, depth int) {
	if p.A == nil {
		return Path(p.B)
	}
	return Path(p.A)
}

// Path returns the path of the step of an execution, such as "research/retrieve", and within how
// many sub-workflows the step is.
func Path(e *run.Execution) (path string, depth int) {
	names := []string{e.Step.Name}
	for w := e.Step.Workflow; w.Parent != nil; w = w.Parent.Step.Workflow {
		names = append(names, w.Parent.Step.Name)
	}
	slices.Reverse(names)
	return strings.Join(names, "/"), len(names) - 1
}

// mark returns how the executions of a step compare.
func (c *Comparison) mark(pairs []Pair) Mark {
	hasA := slices.ContainsFunc(pairs, func(p Pair) bool { return p.A != nil })
	hasB := slices.ContainsFunc(pairs, func(p Pair) bool { return p.B != nil })
	open := !c.A.View.Ended() || !c.B.View.Ended()
	switch {
	case !hasB && !c.B.View.Ended(), !hasA && !c.A.View.Ended():
		return MarkOpen
	case !hasB:
		return MarkOnlyA
	case !hasA:
		return MarkOnlyB
	}
	for _, p := range pairs {
		switch {
		case p.A == nil && !c.A.View.Ended(), p.B == nil && !c.B.View.Ended():
		case !p.complete(), Differ(c.A.View, c.B.View, p) != nil:
			return MarkDiffers
		}
	}
	if open && slices.ContainsFunc(pairs, func(p Pair) bool { return !p.complete() || c.going(p) }) {
		return MarkOpen
	}
	return MarkSame
}

// going reports whether an execution of a pair has not ended.
func (c *Comparison) going(p Pair) bool {
	a, _ := outcome(c.A.View, p.A)
	b, _ := outcome(c.B.View, p.B)
	return a == run.Going || b == run.Going
}

func (c *Comparison) totalMark() Mark {
	switch {
	case c.First != nil:
		return MarkDiffers
	case !c.A.View.Ended() || !c.B.View.Ended():
		return MarkOpen
	}
	return MarkSame
}

// work sums what executions did; nil ones are left out.
func work(v run.View, es []*run.Execution, now time.Time) (w Work) {
	until := v.ActiveTime(now)
	var all []Span
	for _, e := range es {
		if e == nil {
			continue
		}
		w.Executions++
		for _, t := range e.Attempts(v, until) {
			w.Attempts++
			all = append(all, Span{t.Started, max(t.Ended, t.Started)})
		}
		for _, call := range e.Calls(v) {
			if call.Operation == show.OperationChat {
				w.Read += call.PromptTokens
				w.Written += call.CompletionTokens
			}
		}
	}
	w.Spans = merge(all)
	for _, s := range w.Spans {
		w.Took += s.To - s.From
	}
	return w
}

// merge sorts spans and joins those that overlap.
func merge(all []Span) (out []Span) {
	slices.SortFunc(all, func(a, b Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	for _, s := range all {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
		} else {
			out = append(out, s)
		}
	}
	return out
}

func total(v run.View, now time.Time) Work {
	if v.Position() == 0 {
		return Work{}
	}
	took := v.ActiveTime(now)
	w := Work{Executions: 1, Attempts: 1, Took: took, Spans: []Span{{0, took}}}
	w.Read, w.Written = v.Usage()
	return w
}
