package explorer

import (
	"strings"

	"weft/ui/run"
)

// parseFilter reads what is typed after "/": words that must all hold, each turned round by a leading "!".
//
//	rerank        the step's name contains it        step:rerank   the same
//	type:Ranked   an event of a type with that in its name went into the step or out of it
//	error         an attempt of the step has failed
//
// An empty filter is nil. What failed is shown whatever the filter says.
func parseFilter(text string) func(run.View, *run.Step) bool {
	type test func(run.View, *run.Step) bool
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
			f = func(v run.View, s *run.Step) bool { return s.Lane.Count(v).Failures > 0 }
		case value == "":
			continue // still being typed
		case key == "type":
			f = func(v run.View, s *run.Step) bool { return touches(v, s, value) }
		default:
			f = func(_ run.View, s *run.Step) bool { return strings.Contains(strings.ToLower(s.Name), value) }
		}
		if not {
			yes := f
			f = func(v run.View, s *run.Step) bool { return !yes(v, s) }
		}
		tests = append(tests, f)
	}
	if len(tests) == 0 {
		return nil
	}
	return func(v run.View, s *run.Step) bool {
		for _, f := range tests {
			if !f(v, s) {
				return false
			}
		}
		return true
	}
}

// mostLooked bounds how many events of a step are looked at for their types: they are few, whatever the step does.
const mostLooked = 64

// touches reports whether the step sent or took an event of a type whose name contains part.
func touches(v run.View, s *run.Step, part string) bool {
	sent := v.StepSent(s)
	for _, at := range sent[:min(len(sent), mostLooked)] {
		if strings.Contains(strings.ToLower(v.Record(at).Type), part) {
			return true
		}
	}
	es := v.Executions(s)
	for _, e := range es[:min(len(es), mostLooked)] {
		if ev := v.Event(e.Cause); ev != nil && strings.Contains(strings.ToLower(ev.Type), part) {
			return true
		}
	}
	return false
}
