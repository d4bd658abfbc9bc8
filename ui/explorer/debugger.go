package explorer

import (
	"encoding/json"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/palette"
)

// A debugger pauses runs, steps through them and sets faults, if the engine supports it.
type debugger struct {
	shell    *shell
	runs     *runs
	timeline *timelinePane
	form     *formPane
	engine   Engine
	settings *debugSettings
}

// pause pauses or continues the run that is shown. As all methods of the engine, the controls are
// called outside of the event loop.
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

// whileHeld returns a footer label that is shown only while the run is paused.
func (d *debugger) whileHeld(word string) func() string {
	return func() string {
		if d.runs.held() {
			return word
		}
		return ""
	}
}

func (d *debugger) noBreaker() string {
	_, asks := d.engine.(Breaker)
	_, told := d.engine.(RemoteBreaker)
	if !asks && !told {
		return "these runs cannot be paused"
	}
	return ""
}

// toggleBreak toggles the breakpoint of the selected step. If no step is selected, it lists all.
func (d *debugger) toggleBreak() tea.Cmd {
	if step := d.timeline.selectedStep(); step != "" {
		return d.setBreak("step " + step)
	}
	return d.pickBreak()
}

// setBreak toggles a breakpoint and shows a note.
func (d *debugger) setBreak(key string) tea.Cmd {
	what, name, _ := strings.Cut(key, " ")
	if what == "type" {
		name = "any step that takes " + name
	}
	on := d.settings.breaks.toggle(key)
	d.timeline.chart.SetStops(d.settings.breaks.stop)
	return tea.Batch(d.sendBreaks(), d.sayBreak(name, on))
}

// sendBreaks returns a command that gives the breakpoints to an engine whose runs are in another
// process; nil if the engine has its runs itself.
func (d *debugger) sendBreaks() tea.Cmd {
	to, ok := d.engine.(RemoteBreaker)
	if !ok {
		return nil
	}
	steps, events := d.settings.breaks.lists()
	return func() tea.Msg { to.SetBreakpoints(steps, events); return nil }
}

// sayBreak notes that a breakpoint was set or removed.
func (d *debugger) sayBreak(name string, on bool) tea.Cmd {
	if on {
		return d.shell.say("runs stop before "+name+"; "+d.shell.keyOf("pause")+" continues them, "+d.shell.keyOf("step.once")+" starts one more execution", false)
	}
	return d.shell.say("runs no longer stop before "+name, false)
}

// pickBreak lists the steps of the workflow and the event types that they take.
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

// faultsMsg carries the faults that are set.
type faultsMsg map[string]string

// askFaults reads the faults from the engine, outside of the event loop.
func (d *debugger) askFaults() tea.Cmd {
	s, ok := d.engine.(FaultInjector)
	if !ok {
		return nil
	}
	return func() tea.Msg { return faultsMsg(s.Faults()) }
}

// fault opens the form for the fault of the selected step. If no step is selected, it lists the
// steps first.
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

// faultOf opens the form for the fault of a step.
func (d *debugger) faultOf(step string) tea.Cmd {
	s := d.engine.(FaultInjector)
	was := d.settings.faults[step]
	d.form.ask(newFaultForm(step, was), func(reply json.RawMessage) tea.Cmd {
		what, err := chosenFault(reply, was)
		if err != nil {
			return d.shell.say("the fault was not understood: "+err.Error(), true)
		}
		if what == "" && was == "" {
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
