package explorer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/form"
	"weft/ui/palette"
)

// breakpoints are the names of steps and of types of events at which runs are held. Runs ask from their own goroutines.
type breakpoints struct {
	set atomic.Pointer[map[string]bool] // never changed, but replaced
}

// stop reports whether a run is to be held before an execution.
func (b *breakpoints) stop(step, event string) bool {
	set := b.set.Load()
	return set != nil && ((*set)["step "+step] || (*set)["type "+event])
}

func (b *breakpoints) has(key string) bool {
	set := b.set.Load()
	return set != nil && (*set)[key]
}

// toggle sets a breakpoint or takes it away, and reports whether it is set now.
func (b *breakpoints) toggle(key string) bool {
	next := map[string]bool{}
	if set := b.set.Load(); set != nil {
		maps.Copy(next, *set)
	}
	if next[key] {
		delete(next, key)
	} else {
		next[key] = true
	}
	b.set.Store(&next)
	return next[key]
}

// String names the steps and types, "" if there are none.
func (b *breakpoints) String() string {
	set := b.set.Load()
	if set == nil {
		return ""
	}
	var names []string
	for _, k := range slices.Sorted(maps.Keys(*set)) {
		_, name, _ := strings.Cut(k, " ")
		names = append(names, canvas.Line(name))
	}
	return strings.Join(names, ", ")
}

func (m *model) noBreaker() string {
	if _, ok := m.engine.(Breaker); !ok {
		return "these runs cannot be held"
	}
	return ""
}

// selectedStep is the name of the step that is selected in the timeline, whether it has started or not; "" where a run is selected,
// or a step of a run that nobody can ask for, such as indexing.
func (m *model) selectedStep() string {
	if m.shown == nil || m.workflowShown() != m.shown.workflow {
		return ""
	}
	if step, _ := m.panels.Selected(); step != nil {
		return step.Name
	}
	_, _, what := m.panels.Place()
	if name, _, planned := strings.Cut(what, ": "); planned {
		return name
	}
	return ""
}

// toggleBreak is for the selected step; where none is, all are offered.
func (m *model) toggleBreak() tea.Cmd {
	if step := m.selectedStep(); step != "" {
		return m.setBreak("step " + step)
	}
	return m.pickBreak()
}

// setBreak toggles a breakpoint and says so.
func (m *model) setBreak(key string) tea.Cmd {
	what, name, _ := strings.Cut(key, " ")
	if what == "type" {
		name = "whatever takes " + name
	}
	on := m.breaks.toggle(key)
	m.panels.SetStops(m.breaks.stop)
	if on {
		return m.say("runs stop before "+name+"; "+m.keyOf("pause")+" lets them go on, "+m.keyOf("step.once")+" by one execution", false)
	}
	return m.say("runs no longer stop before "+name, false)
}

// pickBreak lists the steps of the workflow and the events that they take.
func (m *model) pickBreak() tea.Cmd {
	var items []palette.Item
	seen := map[string]bool{}
	add := func(kind, name, group string) {
		key := kind + " " + name
		if seen[key] {
			return
		}
		seen[key] = true
		it := palette.Item{ID: key, Title: canvas.Line(name), Group: group}
		if m.breaks.has(key) {
			it.Detail = "stops here"
		}
		items = append(items, it)
	}
	g := m.graphOf(m.workflowShown())
	steps := stepsOf(g)
	for _, s := range steps {
		add("step", s.Name, "steps")
	}
	for _, s := range steps {
		for _, t := range s.Takes {
			add("type", t, "events")
		}
	}
	m.overlay = &overlay{Palette: palette.New("breakpoints of "+g.Name, "stop before which?", items), choose: m.setBreak}
	return nil
}

// stepsOf lists the steps of a workflow, with those of the workflows in it.
func stepsOf(g flow.Graph) (list []flow.GraphStep) {
	for _, s := range g.Steps {
		list = append(list, s)
		if s.Graph != nil {
			list = append(list, stepsOf(*s.Graph)...)
		}
	}
	return list
}

func (m *model) noFault() string {
	if _, ok := m.engine.(Spoiler); !ok {
		return "these steps cannot be made to fail"
	}
	return ""
}

// faultsMsg brings the faults that are set.
type faultsMsg map[string]string

// askFaults asks the engine for them, outside of the loop.
func (m *model) askFaults() tea.Cmd {
	s, ok := m.engine.(Spoiler)
	if !ok {
		return nil
	}
	return func() tea.Msg { return faultsMsg(s.Faults()) }
}

// faultList names the steps that fail on purpose.
func (m *model) faultList() string {
	return canvas.Line(strings.Join(slices.Sorted(maps.Keys(m.faults)), ", "))
}

// spoiling is the form's schema: what a fault can be.
const spoiling = `{"type":"object","properties":{
	"error":{"type":"number","title":"fails","description":"share of the tries, 0 to 1","minimum":0,"maximum":1},
	"delay":{"type":"string","title":"is late by","description":"such as 300ms or 2s"},
	"hang":{"type":"number","title":"never ends","description":"share of the tries, 0 to 1","minimum":0,"maximum":1}}}`

// fault asks what is to go wrong with the selected step; where none is selected, with which.
func (m *model) fault() tea.Cmd {
	if step := m.selectedStep(); step != "" {
		return m.faultOf(step)
	}
	var items []palette.Item
	g := m.graphOf(m.workflowShown())
	for _, s := range stepsOf(g) {
		if !slices.ContainsFunc(items, func(it palette.Item) bool { return it.ID == s.Name }) {
			items = append(items, palette.Item{ID: s.Name, Title: canvas.Line(s.Name), Detail: m.faults[s.Name]})
		}
	}
	m.overlay = &overlay{Palette: palette.New("faults of "+g.Name, "what goes wrong in which step?", items), choose: m.faultOf}
	return nil
}

// faultOf asks what is to go wrong with a step.
func (m *model) faultOf(step string) tea.Cmd {
	s := m.engine.(Spoiler)
	preset := map[string]any{}
	for part := range strings.SplitSeq(m.faults[step], ",") {
		key, value, _ := strings.Cut(part, "=")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			preset[key] = n
		} else if key != "" {
			preset[key] = value
		}
	}
	given, _ := json.Marshal(preset) // strings and numbers
	f := form.New("fault of "+canvas.Line(step), "What goes wrong on purpose, each time it is tried from now on? Leave all empty for nothing.", json.RawMessage(spoiling), given)
	m.askFor(f, func(reply json.RawMessage) tea.Cmd {
		var r struct {
			Error, Hang float64
			Delay       string
		}
		if err := json.Unmarshal(reply, &r); err != nil {
			return m.say("the fault was not understood: "+err.Error(), true)
		}
		var parts []string
		if r.Error > 0 {
			parts = append(parts, fmt.Sprintf("error=%v", r.Error))
		}
		if r.Hang > 0 {
			parts = append(parts, fmt.Sprintf("hang=%v", r.Hang))
		}
		if d := strings.TrimSpace(r.Delay); d != "" {
			parts = append(parts, "delay="+d)
		}
		what := strings.Join(parts, ",")
		if what == "" && m.faults[step] == "" {
			return m.say(step+" has no fault", false)
		}
		return tea.Sequence(func() tea.Msg {
			if err := s.Spoil(step, what); err != nil {
				return noteMsg{err.Error(), true}
			}
			if what == "" {
				return noteMsg{step + " does not fail on purpose any more", false}
			}
			return noteMsg{step + " has the fault " + what + ", each time it is tried from now on", false}
		}, m.askFaults())
	})
	return nil
}
