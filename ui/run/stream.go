package run

import (
	"sort"
	"strings"
	"time"

	"weft/flow/show"
)

// A stream is the text that one attempt of one execution has emitted as deltas.
type stream struct {
	exec      *Execution
	attempt   int
	at        []int // positions of the deltas
	text      strings.Builder
	reasoning strings.Builder
	ends      []end // after each decoded delta
}

// An end is the state of a stream after a delta.
type end struct {
	begin     int // where the answer begins in the text: before it is what turned out to be reasoning
	text      int // length of the text
	reasoning int // length of the reasoning
	written   int // bytes that the model has written
}

func (r *Run) delta(e *Execution, attempt, at int) {
	n := len(e.streams)
	if n == 0 || e.streams[n-1].attempt != attempt {
		s := &stream{exec: e, attempt: attempt}
		e.streams = append(e.streams, s)
		r.streams = append(r.streams, s)
		n++
	}
	s := e.streams[n-1]
	s.at = append(s.at, at)
}

// decode reads the deltas that have not been decoded yet.
func (s *stream) decode(r *Run) {
	for _, at := range s.at[len(s.ends):] {
		var d show.Delta
		r.decode(at, &d)
		var last end
		if n := len(s.ends); n > 0 {
			last = s.ends[n-1]
		}
		if d.Restart {
			s.reasoning.WriteString(s.text.String()[last.begin:])
			last.begin = s.text.Len()
		}
		s.text.WriteString(d.Text)
		s.reasoning.WriteString(d.Reasoning)
		s.ends = append(s.ends, end{last.begin, s.text.Len(), s.reasoning.Len(),
			last.written + len(d.Text) + len(d.Reasoning)})
	}
}

// until returns the text and the reasoning up to a position.
func (s *stream) until(r *Run, n int) (text, reasoning string) {
	s.decode(r)
	if k := upTo(s.at, n, position); k > 0 {
		e := s.ends[k-1]
		return s.text.String()[e.begin:e.text], s.reasoning.String()[:e.reasoning]
	}
	return "", ""
}

// Hidden reports whether the record at a position no longer counts, because the attempt that
// emitted it has failed.
func (v View) Hidden(at int) bool {
	rec := v.r.records.at(at - 1)
	e := v.r.execs[rec.Execution]
	return e != nil && e.failed(v, rec.Attempt)
}

// Streaming returns the text and the reasoning that are being written, or were last, and the
// execution that writes them. Text of failed attempts does not count. The run's own steps come
// before those of sub-workflows, and later ones before earlier ones.
func (v View) Streaming() (text, reasoning string, by *Execution) {
	var best *stream
	looked := 0
	for i := upTo(v.r.streams, v.n, func(s *stream) int { return s.at[0] }) - 1; i >= 0 && looked < 256; i-- {
		looked++
		s := v.r.streams[i]
		if s.exec.failed(v, s.attempt) {
			continue
		}
		if best == nil || s.exec.Step.Workflow.Depth < best.exec.Step.Workflow.Depth {
			best = s
		}
		if s.exec.Step.Workflow.Depth == 0 {
			break
		}
	}
	if best == nil {
		return "", "", nil
	}
	text, reasoning = best.until(v.r, v.n)
	return text, reasoning, best.exec
}

// Written returns the text and the reasoning that an execution has written, without those of failed
// attempts.
func (e *Execution) Written(v View) (text, reasoning string) {
	for i := len(e.streams) - 1; i >= 0; i-- {
		if s := e.streams[i]; s.at[0] <= v.n && !e.failed(v, s.attempt) {
			return s.until(v.r, v.n)
		}
	}
	return "", ""
}

// Tokens returns about how many tokens an attempt wrote from one time to another. It counts four
// bytes of text as one token, roughly what common tokenizers make of English: good enough for the
// height of a bar, not for a bill.
func (e *Execution) Tokens(v View, attempt int, from, to time.Duration) float64 {
	n := 0
	for _, s := range e.streams {
		if s.attempt != attempt {
			continue
		}
		s.decode(v.r)
		last := upTo(s.at, v.n, position)
		i := sort.Search(last, func(i int) bool { return v.r.times[s.at[i]-1] >= from })
		j := sort.Search(last, func(i int) bool { return v.r.times[s.at[i]-1] >= to })
		if j > i {
			n += s.ends[j-1].written
			if i > 0 {
				n -= s.ends[i-1].written
			}
		}
	}
	return float64(n) / 4
}

// FirstToken returns when an attempt began to write.
func (e *Execution) FirstToken(v View, attempt int) (time.Duration, bool) {
	for _, s := range e.streams {
		if s.attempt == attempt && s.at[0] <= v.n {
			return v.Time(s.at[0]), true
		}
	}
	return 0, false
}
