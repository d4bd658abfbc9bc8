package fold

import (
	"fmt"
	"slices"
	"strings"
)

// collect puts an event into the set of its branch, and creates the execution when the set is
// complete.
func (st *State) collect(s *Step, ev *Event, of branch) {
	var set *collected
	for _, c := range st.collects {
		if c.step == s && c.scope == of.scope && c.order == of.order {
			set = c
		}
	}
	if set == nil {
		set = &collected{step: s, scope: of.scope, order: of.order, got: make([][]heldEvent, len(s.Takes))}
		st.ownPending().collects = append(st.collects, set)
	}
	first := slices.Index(s.Takes, int(ev.Type))
	set.got[first] = append(set.got[first], heldEvent{int(ev.Type), ev.ID, ev.Payload, of.lineage})
	if !set.complete() {
		return
	}
	all := make([]any, len(s.Takes))
	of.lineage = nil
	for i, typ := range s.Takes {
		first := slices.Index(s.Takes, typ)
		h := set.got[first][0]
		set.got[first] = set.got[first][1:]
		all[i] = h.payload
		of.lineage = of.lineage.merge(h.lineage)
	}
	if set.empty() {
		remove(&st.collects, set)
	}
	st.create(s, all, ev.Type, ev.ID, of)
}

func (c *collected) complete() bool {
	return !slices.ContainsFunc(c.step.needs, func(n need) bool { return len(c.got[n.position]) < n.n })
}

func (c *collected) empty() bool {
	return !slices.ContainsFunc(c.got, func(q []heldEvent) bool { return len(q) > 0 })
}

// missing says how many events of which type a collect still needs.
func (st *State) missing(c *collected) string {
	var missing []string
	for _, n := range c.step.needs {
		if have := len(c.got[n.position]); have < n.n {
			typ := st.Workflow.Types[c.step.Takes[n.position]].Name
			missing = append(missing, fmt.Sprintf("%d more %s", n.n-have, typ))
		}
	}
	return strings.Join(missing, " and ")
}

func (st *State) lacks(c *collected) string {
	return fmt.Sprintf("step %q misses %s", c.step.Name, st.missing(c))
}

// Unused calls report for each collect that holds events, with what it still needs.
func (t *Tree) Unused(report func(step, missing string)) {
	for _, c := range t.root.collects {
		report(c.step.Name, t.root.lacks(c))
	}
}

// stuck returns the error of a run that can never move again, with the events that are missing.
func (st *State) stuck() error {
	e := &StuckError{Stop: st.Workflow.Types[st.Workflow.Out].Name}
	for _, c := range st.collects {
		e.Missing = append(e.Missing, st.lacks(c))
	}
	return e
}
