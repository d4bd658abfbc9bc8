package compare

import (
	"encoding/json"
	"slices"
	"strings"

	"weft/flow"
	"weft/ui/run"
)

// A Pair is two executions that correspond to each other, or one that only one of the runs has: the
// other is nil then.
type Pair struct {
	A, B *run.Execution
}

// Align returns the executions of two runs in pairs. Executions correspond if they are of the same
// step, of corresponding workflows, and
//
//  1. were caused by corresponding executions: those with the same input first, as the items of a
//     fan-out may start in any order, and the others in the order of their start;
//  2. failing that, were the same round of their step, such as the first call for each run;
//  3. failing that, had the same input.
//
// The pairs are in the order in which the executions of a began. An execution of b alone comes
// directly after the execution that caused it, or its partner.
func Align(a, b run.View) []Pair {
	al := newAligner(a, b)
	var rest []group
	for _, g := range al.groups {
		if !al.byCause(g) {
			rest = append(rest, g)
		}
	}
	for _, g := range rest {
		if !al.byCause(g) {
			al.byRound(g)
		}
	}
	al.byInput()
	return al.ordered()
}

// A groupKey identifies executions of one step that have the same cause.
type groupKey struct {
	of    *run.Workflow
	step  string
	cause *run.Execution // nil: an event from outside, such as the start
}

// A group is the executions of one key, in the order of their start.
type group struct {
	groupKey
	members []*run.Execution
}

// An aligner finds pairs.
type aligner struct {
	a, b       run.View
	as, bs     []*run.Execution // in the order of their start
	groups     []group          // of a, in that order
	others     map[groupKey][]*run.Execution
	rounds     map[groupKey][]groupKey // the groups of b by workflow and step
	partner    map[*run.Execution]*run.Execution
	workflows  map[*run.Workflow]*run.Workflow // of a, with those of b
	inputCache map[*run.Execution][]byte
}

func newAligner(a, b run.View) *aligner {
	al := &aligner{a: a, b: b, as: a.AllExecutions(), bs: b.AllExecutions(), others: map[groupKey][]*run.Execution{}, rounds: map[groupKey][]groupKey{},
		partner: map[*run.Execution]*run.Execution{}, workflows: map[*run.Workflow]*run.Workflow{}, inputCache: map[*run.Execution][]byte{}}
	index := map[groupKey]int{}
	for _, e := range al.as {
		k := keyOf(a, e)
		i, ok := index[k]
		if !ok {
			i = len(al.groups)
			index[k] = i
			al.groups = append(al.groups, group{groupKey: k})
		}
		al.groups[i].members = append(al.groups[i].members, e)
	}
	for _, e := range al.bs {
		k := keyOf(b, e)
		if al.others[k] == nil {
			step := groupKey{of: k.of, step: k.step}
			al.rounds[step] = append(al.rounds[step], k)
		}
		al.others[k] = append(al.others[k], e)
	}
	if a.Root() != nil && b.Root() != nil {
		al.workflows[a.Root()] = b.Root()
	}
	return al
}

func keyOf(v run.View, e *run.Execution) groupKey {
	k := groupKey{of: e.Step.Workflow, step: e.Step.Name}
	if cs := e.Causes(v); len(cs) > 0 {
		k.cause = cs[len(cs)-1] // of a join: the execution that opened the fan-out
	}
	return k
}

// byCause pairs a group with the one of b that has the corresponding cause, if there is one.
func (al *aligner) byCause(g group) bool {
	k := groupKey{of: al.workflows[g.of], step: g.step}
	if g.cause != nil {
		if k.cause = al.partner[g.cause]; k.cause == nil {
			return false
		}
	}
	return k.of != nil && al.pairAll(g.members, k)
}

// byRound pairs a group with the first one of the same step of b that is not paired yet.
func (al *aligner) byRound(g group) bool {
	of := al.workflows[g.of]
	if of == nil {
		return false
	}
	for _, k := range al.rounds[groupKey{of: of, step: g.step}] {
		if !slices.ContainsFunc(al.others[k], al.paired) {
			return al.pairAll(g.members, k)
		}
	}
	return false
}

func (al *aligner) paired(e *run.Execution) bool { return al.partner[e] != nil }

// pairAll pairs executions of a with those of a group of b: those with the same input, then the
// others in order. It reports whether there was any.
func (al *aligner) pairAll(members []*run.Execution, k groupKey) bool {
	others := slices.DeleteFunc(slices.Clone(al.others[k]), al.paired)
	if len(others) == 0 {
		return false
	}
	if len(members) == 1 && len(others) == 1 {
		al.pair(members[0], others[0])
		return true
	}
	byInput := map[string][]*run.Execution{}
	for _, o := range others {
		in := string(al.input(al.b, o))
		byInput[in] = append(byInput[in], o)
	}
	var left []*run.Execution
	for _, e := range members {
		in := string(al.input(al.a, e))
		if same := byInput[in]; len(same) > 0 {
			byInput[in] = same[1:]
			al.pair(e, same[0])
		} else {
			left = append(left, e)
		}
	}
	others = slices.DeleteFunc(others, al.paired)
	for i := range min(len(left), len(others)) {
		al.pair(left[i], others[i])
	}
	return true
}

// pair makes two executions correspond, and the sub-workflows that they run.
func (al *aligner) pair(a, b *run.Execution) {
	al.partner[a], al.partner[b] = b, a
	as, bs := al.a.SubWorkflows(a), al.b.SubWorkflows(b)
	for i := range min(len(as), len(bs)) {
		al.workflows[as[i]] = bs[i]
	}
}

// byInput pairs the executions that are left with those of the same step and the same input.
func (al *aligner) byInput() {
	type key struct {
		of    *run.Workflow
		step  string
		input string
	}
	left := map[key][]*run.Execution{}
	for _, e := range al.bs {
		if in := al.input(al.b, e); !al.paired(e) && in != nil {
			k := key{e.Step.Workflow, e.Step.Name, string(in)}
			left[k] = append(left[k], e)
		}
	}
	if len(left) == 0 {
		return
	}
	for _, e := range al.as {
		if al.paired(e) {
			continue
		}
		k := key{al.workflows[e.Step.Workflow], e.Step.Name, string(al.input(al.a, e))}
		if same := left[k]; len(same) > 0 {
			left[k] = same[1:]
			al.pair(e, same[0])
		}
	}
}

// input returns the event that started an execution as JSON in one form; nil for a join, which gets
// the results of its branches.
func (al *aligner) input(v run.View, e *run.Execution) []byte {
	in, known := al.inputCache[e]
	if !known {
		if ev := v.Event(e.Cause); ev != nil {
			in = canonical(v.Run().JSON(ev.Position))
		}
		al.inputCache[e] = in
	}
	return in
}

// ordered returns all pairs in the order that Align describes.
func (al *aligner) ordered() []Pair {
	after := map[*run.Execution][]*run.Execution{} // executions of b alone, by the one that they follow
	for i, e := range al.bs {
		if al.paired(e) {
			continue
		}
		cause := keyOf(al.b, e).cause
		switch {
		case cause != nil:
		case e.Step.Workflow.Parent != nil:
			cause = e.Step.Workflow.Parent
		case i > 0: // an event from outside started it
			cause = al.bs[i-1]
		}
		after[cause] = append(after[cause], e)
	}
	pairs := make([]Pair, 0, max(len(al.as), len(al.bs)))
	var follow func(b *run.Execution)
	follow = func(b *run.Execution) {
		for _, e := range after[b] {
			pairs = append(pairs, Pair{B: e})
			follow(e)
		}
	}
	follow(nil)
	for _, e := range al.as {
		b := al.partner[e]
		if pairs = append(pairs, Pair{e, b}); b != nil {
			follow(b)
		}
	}
	return pairs
}

// canonical returns JSON with sorted keys, without spaces and without measured times, which do not
// count as differences: numbers whose names end in _ms or _ns. What is no JSON is returned as it
// is.
func canonical(text json.RawMessage) []byte {
	var value any
	if decode(text, &value) != nil {
		return text
	}
	out, err := json.Marshal(withoutTimes(value))
	if err != nil {
		return text
	}
	return out
}

func withoutTimes(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			_, number := field.(json.Number)
			if number && (strings.HasSuffix(name, "_ms") || strings.HasSuffix(name, "_ns")) {
				delete(value, name)
				continue
			}
			withoutTimes(field)
		}
	case []any:
		for _, item := range value {
			withoutTimes(item)
		}
	}
	return value
}

// payload returns the payload of a record in one form.
func payload(v run.View, at int) []byte { return canonical(v.Run().JSON(at)) }

// outcome returns how an execution ended: Going while it has not.
func outcome(v run.View, e *run.Execution) (run.Outcome, string) {
	phase, since, end := e.Phase(v)
	if phase != run.Ended {
		return run.Going, ""
	}
	if end == run.Failed && since > 0 {
		if rec := v.Record(since); rec.Kind == flow.StepFailed {
			return end, rec.Error
		}
	}
	return end, ""
}
