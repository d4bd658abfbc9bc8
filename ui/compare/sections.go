package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weft/flow/show"
	"weft/ui/history"
	"weft/ui/run"
)

// A Source is a source of one or both answers.
type Source struct {
	show.Passage
	A, B           int     // the place in the list of each run, from 1; 0: it is not there
	ScoreA, ScoreB float64 // 0 where it is not there
	CitedA, CitedB bool
}

// Sources returns the sources of both answers, those of A first, in their order; each of B alone is
// at its place in B.
func (c *Comparison) Sources() (out []Source) {
	type key struct {
		path, place string
		line, end   int
	}
	keyOf := func(p show.Passage) key { return key{p.Path, p.Place, p.Line, p.EndLine} }
	index := map[key]int{}
	for i, s := range sourcesOf(c.A.View) {
		index[keyOf(s.Passage)] = len(out)
		out = append(out, Source{Passage: s.Passage, A: i + 1, ScoreA: s.Score, CitedA: s.Cited})
	}
	var alone []Source
	for i, s := range sourcesOf(c.B.View) {
		if at, ok := index[keyOf(s.Passage)]; ok && out[at].B == 0 {
			out[at].B, out[at].ScoreB, out[at].CitedB = i+1, s.Score, s.Cited
			continue
		}
		alone = append(alone, Source{Passage: s.Passage, B: i + 1, ScoreB: s.Score, CitedB: s.Cited})
	}
	for _, s := range alone {
		out = slices.Insert(out, min(s.B-1, len(out)), s)
	}
	return out
}

// Sign shows in one character how a source changed from A to B: = stayed, ▲ rose, ▼ fell, − gone, +
// new.
func (s Source) Sign() string {
	return [...]string{rankSame: "=", rankGained: "+", rankLost: "−", rankUp: "▲", rankDown: "▼"}[s.change()]
}

// A rankChange says how the rank of a source changes from A to B.
type rankChange uint8

const (
	rankSame   rankChange = iota
	rankGained            // only B has the source
	rankLost              // only A has the source
	rankUp
	rankDown
)

func (s Source) change() rankChange {
	switch {
	case s.A == 0:
		return rankGained
	case s.B == 0:
		return rankLost
	case s.B < s.A:
		return rankUp
	case s.B > s.A:
		return rankDown
	}
	return rankSame
}

// sourcesOf returns the sources of a run's answer.
func sourcesOf(v run.View) []show.Source {
	a, _ := v.Answer()
	return a.Sources
}

// Answer compares the answers word by word. Of a run that has not ended, it takes what is written
// so far.
func (c *Comparison) Answer() []Piece { return Words(Text(c.A.View), Text(c.B.View)) }

// Text returns the answer of a run as far as there is one.
func Text(v run.View) string {
	if a, ok := v.Answer(); ok {
		return a.Text
	}
	text, _, _ := v.Streaming()
	return text
}

// Prompts compares what the models were asked, line by line.
func (c *Comparison) Prompts() []Piece { return Lines(promptText(c.A.View), promptText(c.B.View)) }

// promptText returns all prompts of a run as text.
func promptText(v run.View) string {
	var b strings.Builder
	for _, e := range v.AllExecutions() {
		for _, f := range prompts(v, e) {
			var messages []show.Message
			if json.Unmarshal(f.data, &messages) != nil {
				fmt.Fprintf(&b, "%s: %s\n", e.Step.Name, f.data)
			}
			for _, m := range messages {
				fmt.Fprintf(&b, "%s, %s\n%s\n", e.Step.Name, m.Role, strings.TrimSpace(m.Content))
			}
		}
	}
	return b.String()
}

// A Value is something that has a value in each run: a setting, or a key of the state.
type Value struct {
	Name string `json:"name"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// Differs reports whether the values are not the same.
func (v Value) Differs() bool { return v.A != v.B }

// State returns the state of the runs themselves, without that of sub-workflows.
func (c *Comparison) State() []Value {
	a, b := stateOf(c.A.View), stateOf(c.B.View)
	return values(slices.Concat(a.names, b.names), a.values, b.values)
}

type named struct {
	names  []string
	values map[string]string
}

func stateOf(v run.View) named {
	n := named{values: map[string]string{}}
	if v.Root() == nil {
		return n
	}
	for _, s := range v.Root().State(v) {
		n.names = append(n.names, s.Key)
		n.values[s.Key] = string(canonical(s.Is))
	}
	return n
}

// values returns the values of names, each once.
func values(names []string, a, b map[string]string) (out []Value) {
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] && (a[name] != "" || b[name] != "") {
			out = append(out, Value{name, a[name], b[name]})
		}
		seen[name] = true
	}
	return out
}

// Settings returns what the runs were started with: workflow, the fields of the start event,
// models, and the labels of the journals.
func (c *Comparison) Settings() []Value {
	a, b := settingsOf(c.A), settingsOf(c.B)
	fields := slices.Sorted(maps.Keys(a))
	fields = append(fields, slices.Sorted(maps.Keys(b))...)
	return values(append([]string{"workflow", "question", "model"}, fields...), a, b)
}

func settingsOf(s Side) map[string]string {
	out := map[string]string{}
	v := s.View
	if v.Root() == nil {
		return out
	}
	fields := map[string]any{}
	if decode(payload(v, 1), &fields) == nil {
		for name, value := range fields {
			out[name] = jsonText(value)
		}
	}
	for name, value := range s.Header.Labels {
		if name != history.LabelTalk && name != history.LabelQuestion { // the start event has the question
			out[name] = value
		}
	}
	if s.Header.Program != "" {
		out["program"] = s.Header.Program
	}
	if called := models(v); called != "" {
		out["model"] = called
	}
	out["workflow"] = v.Root().Name
	if q := v.Root().Question(v); q != "" {
		maps.DeleteFunc(out, func(_, value string) bool { return value == q })
		out["question"] = q
	}
	return out
}

// models returns the chat models that a run has called, in order.
func models(v run.View) string {
	var names []string
	for _, e := range v.AllExecutions() {
		for _, c := range e.Calls(v) {
			if c.Operation == show.OperationChat && c.Model != "" && !slices.Contains(names, c.Model) {
				names = append(names, c.Model)
			}
		}
	}
	return strings.Join(names, ", ")
}

// Same says in a few words which settings are the same and which differ: "same question", "workflow
// differs".
func (c *Comparison) Same() (parts []string) {
	for _, s := range c.Settings() {
		switch {
		case s.Name != "question" && s.Name != "workflow" && s.Name != "model":
		case s.Differs():
			parts = append(parts, s.Name+" differs")
		default:
			parts = append(parts, "same "+s.Name)
		}
	}
	return parts
}
