package explorer

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/form"
	"weft/ui/keys"
	"weft/ui/run"
	"weft/ui/sources"
	"weft/ui/speech"
)

// A formPane replaces the question line with a form, for a run that waits for a person or for a
// command that needs values. It never takes the focus from a person who is typing, so that a reply
// is never typed by mistake. Every waiting run has a form of its own, which keeps what was filled
// in; the form of the shown run is visible.
type formPane struct {
	shell    *shell
	runs     *runs
	question *questionPane
	nav      navigator
	waits    map[*track]*formRequest // the first wait of each run that a person has to answer
	// The form that is shown, or that a reminder is shown of; nil: none
	front *formRequest

	said struct {
		front          *formRequest
		field, problem string
	}
}

// A formRequest is one form: for a wait of a run, or opened by a command.
type formRequest struct {
	*form.Form
	track *track // the waiting run; nil: a command asks
	await uint64
	reply string                        // the type of the reply; "" if it answers this wait alone
	about []show.Passage                // what the reply is about, in the order of the form's options
	take  func(json.RawMessage) tea.Cmd // receives the values that a command asked for
	sent  bool                          // a reply is on its way
	// The form replaces the question line: the person opened it, or the line was empty
	open  bool
	guard time.Time // keys before this time are ignored: they were meant for another pane
}

// guardFor is how long a form that opens by itself ignores keys.
const guardFor = 400 * time.Millisecond

func (p *formPane) Part() part        { return linePart }
func (p *formPane) Scope() keys.Scope { return keys.Line }

// Rows returns how many rows the form takes. On a narrow screen it is folded while a passage is read.
func (p *formPane) Rows(w int) int {
	if p.shell.layout.shape != wide && p.shell.opened[detailPart] != nil && p.shell.part() != linePart {
		return 3
	}
	return p.front.Height(w)
}

// Visible reports whether the form is seen in place of the question line.
func (p *formPane) Visible(focused bool) bool { return p.here() && (p.front.open || !focused) }

// typed reports whether the form has the keys, or gets them back from an overlay.
func (p *formPane) typed() bool { return p.here() && p.front.open && p.shell.part() == linePart }

// here reports whether the form belongs to a command or to the shown run. For a wait of another run
// only a reminder is shown.
func (p *formPane) here() bool {
	return p.front != nil && (p.front.track == nil || p.front.track == p.runs.shown)
}

// awaited reports whether any run waits for the person.
func (p *formPane) awaited() bool { return p.front != nil && p.front.track != nil }

// asker returns which workflow asks, and in which run if that is not the shown one; "" if no form
// is open.
func (p *formPane) asker() string {
	if p.front == nil {
		return ""
	}
	if !p.here() {
		if i, n := p.runs.ordinal(p.front.track); i > 0 && n > 1 {
			return fmt.Sprintf("%s in run %d", p.front.Title, i)
		}
	}
	return p.front.Title
}

func (p *formPane) Hints() []hint {
	out := []hint{{key: "↵", word: "reply"}, {key: "esc", word: "later"}}
	if !p.awaited() {
		out = []hint{{key: "↵", word: "send"}, {key: "esc", word: "close"}}
	}
	return append(out, p.shell.hints(keys.Anywhere)...)
}

func (p *formPane) Prompt() prompt {
	if v, at, ok := p.front.Typed(); ok {
		field, _, _ := p.front.Words()
		return prompt{field + ": ", v, at}
	}
	return prompt{label: p.front.Line()}
}

func (p *formPane) Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor {
	focused = focused && p.shell.overlay == nil
	x, y := p.front.Draw(c, r, &p.shell.theme, focused)
	if !focused {
		return nil
	}
	return cursorAt(x, y)
}

// ask opens a form for a command.
func (p *formPane) ask(f *form.Form, take func(json.RawMessage) tea.Cmd) {
	f.Passes = true
	p.front = &formRequest{Form: f, take: take}
	p.enter()
}

// enter gives the focus to the form and shows its run.
func (p *formPane) enter() {
	if t := p.front.track; t == nil {
		p.shell.focus.over(linePart)
	} else {
		if t != p.runs.shown {
			p.nav.visit(t)
		}
		p.shell.focus.to(linePart)
	}
	p.shell.alone, p.front.open, p.front.guard = noPart, true, time.Time{}
}

// dismiss closes a command's form and gives the focus back.
func (p *formPane) dismiss() {
	p.front = nil
	p.shell.focus.leave(linePart)
}

// Update handles clicks and all keys except those of commands that work everywhere.
func (p *formPane) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case wheel:
		return nil, false
	case tea.MouseClickMsg:
		p.enter()
	case tea.KeyPressMsg:
		if b, found := p.shell.binding(msg); found && b.Scope == keys.Anywhere && b.Command != "back" && b.Command != "focus" {
			return nil, false
		}
	}
	if p.front.sent || p.shell.now().Before(p.front.guard) {
		return nil, true
	}
	out, cmd := p.front.Update(msg)
	switch {
	case out == form.Submitted:
		return p.reply(), true
	case out == form.Read:
		if i := p.front.Cursor(); i < len(p.front.about) {
			return p.nav.lookAt(p.front.about[i]), true
		}
	case out == form.Left && !p.awaited():
		p.dismiss()
		return nil, true
	case out == form.Left:
		p.front.open = false
		p.shell.focus.to(linePart)
		if !p.shell.layout.timeline.Empty() && p.runs.shown != nil {
			p.shell.focus.to(timelinePart)
		}
	}
	return cmd, true
}

// refresh creates a form for the first open wait of every run, removes forms whose wait is over,
// and chooses the one in front: a command's, that of the shown run, or else the first. It returns
// the new forms.
func (p *formPane) refresh() (fresh []*formRequest) {
	var first *formRequest
	for _, t := range p.runs.others() {
		if w := p.waits[t]; w != nil && !t.awaits(w.await) {
			delete(p.waits, t)
		}
		if p.waits[t] == nil && !t.over() {
			if v := t.view(-1); len(v.Awaiting()) > 0 {
				p.waits[t] = newFormRequest(t, v, v.Awaiting()[0])
				fresh = append(fresh, p.waits[t])
			}
		}
		if first == nil {
			first = p.waits[t]
		}
	}
	if p.front == nil || p.awaited() {
		p.front = first
		if w := p.waits[p.runs.shown]; w != nil {
			p.front = w
		}
	}
	return fresh
}

func newFormRequest(t *track, v run.View, a *run.Await) *formRequest {
	var p struct {
		Prompt json.RawMessage `json:"prompt"`
	}
	var ask show.Asking
	_ = json.Unmarshal(v.Run().JSON(a.Position), &p) // a prompt that cannot be read has no text
	if json.Unmarshal(p.Prompt, &ask) != nil {
		_ = json.Unmarshal(p.Prompt, &ask.Text) // a prompt may also be a plain string
	}
	rec := v.Record(a.Position)
	f := form.New(brief(rec.Step)+" asks you", canvas.Head(ask.Text, 2000), ask.Schema, ask.Default)
	for _, passage := range ask.Passages {
		f.About = append(f.About, sources.Plain(passage))
	}
	w := &formRequest{Form: f, track: t, await: a.ID, about: ask.Passages}
	if ask.Shared {
		w.reply = rec.Type
	}
	return w
}

// ring rings the bell once for every new wait. The form of the shown run opens at once, unless a
// question is being typed.
func (p *formPane) ring() tea.Cmd {
	fresh := p.refresh()
	if len(fresh) == 0 {
		return nil
	}
	for _, w := range fresh {
		w.guard = p.shell.now().Add(guardFor)
		w.open = w == p.front && p.here() && p.question.idle()
	}
	return tea.Raw("\a")
}

// shows is called before another run is shown. The form of that run gets the focus if another form
// had it, or if no question is being typed.
func (p *formPane) shows(t *track) {
	if w := p.waits[t]; w != nil {
		w.open = p.awaited() && p.typed() || p.question.idle()
	}
}

// repliedMsg reports whether a reply was accepted.
type repliedMsg struct {
	track *track
	await uint64
	err   error
}

// reply sends the form's values to the run, outside of the event loop.
func (p *formPane) reply() tea.Cmd {
	w := p.front
	if w.track == nil {
		p.dismiss()
		return w.take(w.Reply())
	}
	w.sent = true
	run, reply := w.track.run, w.Reply()
	return func() tea.Msg {
		if w.reply != "" {
			return repliedMsg{w.track, w.await, run.SendJSON(w.reply, reply)}
		}
		return repliedMsg{w.track, w.await, run.Reply(w.await, reply)}
	}
}

func (p *formPane) replied(msg repliedMsg) tea.Cmd {
	if w := p.waits[msg.track]; w != nil && w.await == msg.await {
		w.sent = false
	}
	if msg.err != nil {
		return p.shell.say("the reply was not accepted: "+msg.err.Error(), true)
	}
	return nil
}

// Report announces once what a run asks.
func (p *formPane) Report(a arrival) {
	if a.first {
		p.said.front = nil
	}
	if p.front != p.said.front {
		if p.said.front = p.front; p.front != nil {
			a.say(speech.Sentence(speech.Plain(p.asker())))
			for line := range strings.Lines(canvas.Clean(p.front.Prompt)) {
				a.say(strings.TrimRight(line, "\n"))
			}
			if !p.front.open {
				a.say("Tab goes to the reply.")
			}
		}
		p.said.field, p.said.problem = "", ""
	}
	if !p.typed() {
		p.said.field = ""
	}
}

// Speak announces the focused field, and errors in the values.
func (p *formPane) Speak(a arrival) {
	field, _, how := p.front.Words()
	line := p.front.Line()
	name := line
	if _, _, typed := p.front.Typed(); typed { // screen readers speak typed letters by themselves
		name = field
	}
	if p.said.field == "" {
		a.say(speech.Sentence(line), speech.Sentence(strings.ToUpper(how[:1])+how[1:]))
	} else if name != p.said.field {
		a.say(speech.Sentence(line))
	}
	p.said.field = name
	if problem := p.front.Problem(); problem != p.said.problem {
		if p.said.problem = problem; problem != "" {
			a.say(speech.Sentence(problem))
		}
	}
}
