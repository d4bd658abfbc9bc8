package explorer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/form"
	"weft/ui/palette"
)

// A debugger holds runs, steps through them, and lets steps go wrong on purpose, as far as the
// engine can.
type debugger struct {
	shell    *shell
	runs     *runs
	timeline *timelinePane
	form     *formPane
	engine   Engine
	settings *debugSettings
}

// pause holds the run that is shown, or lets it continue. The controls are called outside of the
// loop, as everything of the engine.
func (d *debugger) pause() tea.Cmd {
	r, held := d.runs.shown.run, d.runs.held()
	return func() tea.Msg {
		if held {
			r.Continue()
		} else {
			r.Pause()
		}
		return nil
	}
}

func (d *debugger) stepOnce() tea.Cmd {
	r := d.runs.shown.run
	return func() tea.Msg { r.StepOnce(); return nil }
}

// whileHeld is a word for the footer that counts only while the run is held.
func (d *debugger) whileHeld(word string) func() string {
	return func() string {
		if d.runs.held() {
			return word
		}
		return ""
	}
}

func (d *debugger) noBreaker() string {
	if _, ok := d.engine.(Breaker); !ok {
		return "these runs cannot be paused"
	}
	return ""
}

// toggleBreak is for the selected step; where none is, all are offered.
func (d *debugger) toggleBreak() tea.Cmd {
	if step := d.timeline.selectedStep(); step != "" {
		return d.setBreak("step " + step)
	}
	return d.pickBreak()
}

// setBreak toggles a breakpoint and says so.
func (d *debugger) setBreak(key string) tea.Cmd {
	what, name, _ := strings.Cut(key, " ")
	if what == "type" {
		name = "any step that takes " + name
	}
	on := d.settings.breaks.toggle(key)
	d.timeline.chart.SetStops(d.settings.breaks.stop)
	if on {
		return d.shell.say("runs stop before "+name+"; "+d.shell.keyOf("pause")+" continues them, "+d.shell.keyOf("step.once")+" starts one more execution", false)
	}
	return d.shell.say("runs no longer stop before "+name, false)
}

// pickBreak lists the steps of the workflow and the events that they take.
func (d *debugger) pickBreak() tea.Cmd {
	var items []palette.Item
	seen := map[string]bool{}
	add := func(kind, name, group string) {
		key := kind + " " + name
		if seen[key] {
			return
		}
		seen[key] = true
		it := palette.Item{ID: key, Title: canvas.Line(name), Group: group}
		if d.settings.breaks.has(key) {
			it.Detail = "stops here"
		}
		items = append(items, it)
	}
	g := d.runs.graphOf(d.runs.workflowShown())
	steps := stepsOf(g)
	for _, s := range steps {
		add("step", s.Name, "steps")
	}
	for _, s := range steps {
		for _, t := range s.Takes {
			add("type", t, "events")
		}
	}
	return d.shell.list(palette.New("breakpoints of "+g.Name, "stop before which?", items), d.setBreak)
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

func (d *debugger) noFault() string {
	if _, ok := d.engine.(FaultInjector); !ok {
		return "these steps cannot be made to fail"
	}
	return ""
}

// faultsMsg brings the faults that are set.
type faultsMsg map[string]string

// askFaults asks the engine for them, outside of the loop.
func (d *debugger) askFaults() tea.Cmd {
	s, ok := d.engine.(FaultInjector)
	if !ok {
		return nil
	}
	return func() tea.Msg { return faultsMsg(s.Faults()) }
}

// faultSchema is the schema of the form that asks what goes wrong.
const faultSchema = `{"type":"object","properties":{
	"error":{"type":"number","title":"fails","description":"share of the attempts, 0 to 1","minimum":0,"maximum":1},
	"delay":{"type":"string","title":"is late by","description":"such as 300ms or 2s"},
	"hang":{"type":"number","title":"never ends","description":"share of the attempts, 0 to 1","minimum":0,"maximum":1}}}`

// fault asks what is to go wrong with the selected step; where none is selected, with which.
func (d *debugger) fault() tea.Cmd {
	if step := d.timeline.selectedStep(); step != "" {
		return d.faultOf(step)
	}
	var items []palette.Item
	g := d.runs.graphOf(d.runs.workflowShown())
	for _, s := range stepsOf(g) {
		if !slices.ContainsFunc(items, func(it palette.Item) bool { return it.ID == s.Name }) {
			items = append(items, palette.Item{ID: s.Name, Title: canvas.Line(s.Name), Detail: d.settings.faults[s.Name]})
		}
	}
	return d.shell.list(palette.New("faults of "+g.Name, "what goes wrong in which step?", items), d.faultOf)
}

// faultOf asks what is to go wrong with a step.
func (d *debugger) faultOf(step string) tea.Cmd {
	s := d.engine.(FaultInjector)
	preset := map[string]any{}
	for part := range strings.SplitSeq(d.settings.faults[step], ",") {
		key, value, _ := strings.Cut(part, "=")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			preset[key] = n
		} else if key != "" {
			preset[key] = value
		}
	}
	given, _ := json.Marshal(preset) // strings and numbers
	f := form.New("fault of "+canvas.Line(step), "What shall go wrong in each attempt from now on? Leave all fields empty for no fault.", json.RawMessage(faultSchema), given)
	d.form.ask(f, func(reply json.RawMessage) tea.Cmd {
		var r struct {
			Error, Hang float64
			Delay       string
		}
		if err := json.Unmarshal(reply, &r); err != nil {
			return d.shell.say("the fault was not understood: "+err.Error(), true)
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
		if what == "" && d.settings.faults[step] == "" {
			return d.shell.say(step+" has no fault", false)
		}
		return tea.Sequence(func() tea.Msg {
			if err := s.Inject(step, what); err != nil {
				return noteMsg{err.Error(), true}
			}
			if what == "" {
				return noteMsg{step + " no longer fails on purpose", false}
			}
			return noteMsg{step + " has the fault " + what + ", in each attempt from now on", false}
		}, d.askFaults())
	})
	return nil
}
