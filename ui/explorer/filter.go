package explorer

import (
	"slices"
	"strings"

	"weft/ui/run"
)

// A test decides whether a filter shows a row. The execution is nil for a step as a whole.
type test func(run.View, *run.Step, *run.Execution) bool

// parseFilter parses a filter: conditions that must all hold, each negated by a leading "!".
//
//	rerank        the step's name contains it        step:rerank   the same
//	type:Ranked   an event of a type with that in its name went in or out
//	error         an attempt has failed
//
// An empty filter is nil. Failed rows and the rows that contain a match are shown in any case.
func parseFilter(text string) func(run.View, *run.Step, *run.Execution) bool {
	var tests []test
	for _, word := range strings.Fields(strings.ToLower(text)) {
		not := strings.HasPrefix(word, "!")
		word = strings.TrimPrefix(word, "!")
		key, value, ok := strings.Cut(word, ":")
		if !ok {
			key, value = "step", word
		}
		var f test
		switch {
		case word == "error" || word == "failed":
			f = stumbled
		case value == "":
			continue // a condition that is still being typed
		case key == "type":
			f = func(v run.View, s *run.Step, e *run.Execution) bool { return touches(v, s, e, value) }
		default:
			f = func(_ run.View, s *run.Step, _ *run.Execution) bool {
				return strings.Contains(strings.ToLower(s.Name), value)
			}
		}
		if not {
			yes := f
			f = func(v run.View, s *run.Step, e *run.Execution) bool { return !yes(v, s, e) }
		}
		tests = append(tests, f)
	}
	if len(tests) == 0 {
		return nil
	}
	return func(v run.View, s *run.Step, e *run.Execution) bool {
		return !slices.ContainsFunc(tests, func(f test) bool { return !f(v, s, e) })
	}
}

// stumbled reports whether an attempt has failed.
func stumbled(v run.View, s *run.Step, e *run.Execution) bool {
	if e != nil {
		return e.HasFailed(v)
	}
	return s.Lane.Count(v).Failures > 0
}

// mostLooked limits how many events of a step are checked for their types. A step has few types,
// however many events it sends.
const mostLooked = 64

// touches reports whether an event of a type whose name contains part was sent or taken.
func touches(v run.View, s *run.Step, e *run.Execution, part string) bool {
	sent, took := s.Sent(v), v.Executions(s)
	if e != nil {
		sent, took = e.Sent(v), []*run.Execution{e}
	}
	for _, at := range sent[:min(len(sent), mostLooked)] {
		if strings.Contains(strings.ToLower(v.Record(at).Type), part) {
			return true
		}
	}
	for _, e := range took[:min(len(took), mostLooked)] {
		if ev := v.Event(e.Cause); ev != nil && strings.Contains(strings.ToLower(ev.Type), part) {
			return true
		}
	}
	return false
}
