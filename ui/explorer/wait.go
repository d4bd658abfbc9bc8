package explorer

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/form"
	"weft/ui/keys"
	"weft/ui/run"
)

// An asking is a form for a wait that is open, or one that a command has opened. It stands in the place of the question line,
// but never takes the keys from somebody who is typing: an answer that decides something must not be what was meant for another
// line. Every run that waits has its own, which keeps what was filled in; the one that is seen is that of the run that is shown.
type asking struct {
	*form.Form
	track *track // whose wait it is; nil: a command asks
	await uint64
	reply string                        // the type of the reply
	take  func(json.RawMessage) tea.Cmd // what is done with what a command has asked for
	sent  bool                          // a reply is on its way
	open  bool                          // it was opened, by the person or under an empty line; else the question line stays
	guard time.Time                     // until when keys do not count, for whoever was about to press one
}

// guardFor is how long a form that opens by itself ignores keys.
const guardFor = 400 * time.Millisecond

// formShown reports whether the form is seen in place of the question line; formTyped whether it has the keys.
func (m *model) formShown() bool { return m.formHere() && (m.asking.open || m.focus != keys.Line) }
func (m *model) formTyped() bool { return m.formHere() && m.asking.open && m.focus == keys.Line }

// formHere reports whether there is a form that belongs to what is shown: a command's, or that of the run. A wait of another run is
// only told.
func (m *model) formHere() bool {
	return m.asking != nil && (m.asking.track == nil || m.asking.track == m.shown)
}

// awaited reports whether a run waits for the person.
func (m *model) awaited() bool { return m.asking != nil && m.asking.track != nil }

// asker says who asks, and in which run if that is not the one that is shown.
func (m *model) asker() string {
	if !m.formHere() {
		if i, n := m.ordinal(m.asking.track); i > 0 && n > 1 {
			return fmt.Sprintf("%s in run %d", m.asking.Title, i)
		}
	}
	return m.asking.Title
}

// askFor opens a form of a command's own.
func (m *model) askFor(f *form.Form, take func(json.RawMessage) tea.Cmd) {
	f.Passes = true
	m.asking = &asking{Form: f, take: take}
	m.came = m.focus
	m.openForm()
}

// dismiss closes a command's form and gives the keys back.
func (m *model) dismiss() {
	m.asking = nil
	m.focus = m.came
}

// openForm gives the keys to the form, and shows the run that it belongs to.
func (m *model) openForm() {
	if t := m.asking.track; t != nil && t != m.shown {
		m.show(t)
		m.toExchange(t)
	}
	m.focus, m.full, m.asking.open = keys.Line, noPanel, true
	m.asking.guard = time.Time{}
}

// repliedMsg says whether a reply went into its run.
type repliedMsg struct {
	track, await uint64
	err          error
}

// waits gives every run the form of its first wait that a person has to answer, takes away those whose wait is over, and chooses which
// one stands in front: a command's, that of the run that is shown, or else the first. It returns the forms that are new.
func (m *model) waits() (fresh []*asking) {
	var first *asking
	for _, t := range m.tracks[min(1, len(m.tracks)):] {
		if t.asking != nil && !t.awaits(t.asking.await) {
			t.asking = nil
		}
		if t.asking == nil && !t.over() {
			if v := t.view(-1); len(v.Awaiting()) > 0 {
				t.asking = newAsking(t, v, v.Awaiting()[0])
				fresh = append(fresh, t.asking)
			}
		}
		if first == nil {
			first = t.asking
		}
	}
	if m.asking == nil || m.awaited() {
		m.asking = first
		if m.shown != nil && m.shown.asking != nil {
			m.asking = m.shown.asking
		}
	}
	return fresh
}

func newAsking(t *track, v run.View, a *run.Await) *asking {
	var p struct {
		Prompt json.RawMessage `json:"prompt"`
	}
	var ask show.Asking
	_ = json.Unmarshal(v.Run().JSON(a.Position), &p) // what cannot be read is asked for without words
	if json.Unmarshal(p.Prompt, &ask) != nil {
		_ = json.Unmarshal(p.Prompt, &ask.Text) // a prompt may be a text alone
	}
	rec := v.Record(a.Position)
	return &asking{Form: form.New(brief(rec.Step)+" asks you", canvas.Head(ask.Text, 2000), ask.Schema, ask.Default), track: t, await: a.ID, reply: rec.Type}
}

// awaits reports whether the wait is open.
func (t *track) awaits(id uint64) bool {
	return !t.over() && slices.ContainsFunc(t.view(-1).Awaiting(), func(a *run.Await) bool { return a.ID == id })
}

// waiting reports whether nothing goes on but a wait for somebody.
func (t *track) waiting() bool { return t.view(-1).Status() == run.Blocked }

// due reports whether somebody's wait ends by itself.
func (t *track) due() bool {
	return slices.ContainsFunc(t.view(-1).Awaiting(), func(a *run.Await) bool { return !a.Due.IsZero() })
}

// bell rings once for every wait that opens. The form of the run that is shown opens with it, if nobody is typing.
func (m *model) bell() tea.Cmd {
	fresh := m.waits()
	if len(fresh) == 0 {
		return nil
	}
	for _, a := range fresh {
		a.guard = m.now().Add(guardFor)
		a.open = a == m.asking && m.formHere() && m.idle()
	}
	return tea.Raw("\a")
}

// idle reports whether the keys are in a question line in which nothing is typed.
func (m *model) idle() bool { return m.focus == keys.Line && m.line.Value() == "" && m.overlay == nil }

// reply sends what the form says into the run, outside of the loop.
func (m *model) reply() tea.Cmd {
	a := m.asking
	if a.track == nil {
		m.dismiss()
		return a.take(a.Reply())
	}
	a.sent = true
	msg := repliedMsg{track: a.track.id, await: a.await}
	reply := a.Reply()
	return func() tea.Msg {
		msg.err = a.track.run.SendJSON(a.reply, reply)
		return msg
	}
}

func (m *model) replied(msg repliedMsg) tea.Cmd {
	if t := m.byNumber(msg.track); t != nil && t.asking != nil && t.asking.await == msg.await {
		t.asking.sent = false
	}
	if msg.err != nil {
		return m.say("the reply was not taken: "+msg.err.Error(), true)
	}
	return nil
}
