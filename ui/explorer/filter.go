package explorer

import (
	"slices"
	"strings"

	"weft/ui/run"
)

// A test is what a filter asks of a row: of a step as a whole, where the execution is nil, or of
// one of its executions.
type test func(run.View, *run.Step, *run.Execution) bool

// parseFilter reads what is typed after "/": words that must all hold, each turned round by a
// leading "!".
//
//	rerank        the step's name contains it        step:rerank   the same
//	type:Ranked   an event of a type with that in its name went in or out
//	error         an attempt has failed
//
// An empty filter is nil. What failed is shown whatever the filter says, and so is what a row
// stands in.
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
			continue // still being typed
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
		return v.HasFailed(e)
	}
	return s.Lane.Count(v).Failures > 0
}

// mostLooked bounds how many events of a step are looked at for their types: they are few, whatever
// the step does.
const mostLooked = 64

// touches reports whether an event of a type whose name contains part was sent or taken.
func touches(v run.View, s *run.Step, e *run.Execution, part string) bool {
	sent, took := v.StepSent(s), v.Executions(s)
	if e != nil {
		sent, took = v.Sent(e), []*run.Execution{e}
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
