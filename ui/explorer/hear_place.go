package explorer

import (
	"fmt"
	"strings"

	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/run"
	"weft/ui/speech"
)

// hearForm says what a run asks, and the field that has the keys.
func (m *model) hearForm(h *heard, say func(...string)) {
	if m.asking != h.asking {
		if h.asking = m.asking; m.asking != nil {
			say(speech.Sentence(speech.Plain(m.asker())))
			for line := range strings.Lines(canvas.Clean(m.asking.Prompt)) {
				say(strings.TrimRight(line, "\n"))
			}
			if !m.asking.open {
				say("Tab goes to the reply.")
			}
		}
		h.field, h.problem = "", ""
	}
	if m.asking == nil || !m.formTyped() {
		h.field = ""
		return
	}
	field, how := m.asking.Words()
	_, _, typed := m.asking.Typed()
	name := field
	if typed { // what is typed is heard as it is typed
		name, _, _ = strings.Cut(field, ": ")
	}
	if h.field == "" {
		say(speech.Sentence(field), speech.Sentence(strings.ToUpper(how[:1])+how[1:]))
	} else if name != h.field {
		say(speech.Sentence(field))
	}
	h.field = name
	if p := m.asking.Problem(); p != h.problem {
		if h.problem = p; p != "" {
			say(speech.Sentence(p))
		}
	}
}

// hearPlace says where the keys are, and what is selected there.
func (m *model) hearPlace(h *heard, say func(...string)) {
	now := place{m.focus, m.overlay, m.formTyped(), m.source, m.graphed, m.shown}
	if m.focus == keys.Line {
		now.run = h.where.run // whose answer is read anyway
	}
	moved, before := now != h.where, h.where
	h.where = now
	if o := m.overlay; o != nil {
		it, row, rows := o.Selected()
		text := "Nothing matches."
		if rows > 0 {
			text = fmt.Sprintf("%d of %d: %s", row, rows, it.Title)
			for _, more := range []string{it.Detail, speech.Label(it.Key)} {
				if more != "" {
					text += ", " + more
				}
			}
			if it.Blocked != "" {
				text += ". Not now: " + it.Blocked
			}
			text = speech.Sentence(speech.Plain(text))
		}
		if moved {
			say(speech.Sentence(o.Title + ". Type to search, up and down choose, enter takes, escape closes"))
		}
		if moved || text != h.item {
			say(text)
		}
		h.item = text
		return
	}
	if at := m.at(); at != h.at {
		h.at = at
		switch {
		case m.shown == nil:
		case at < 0:
			say(speech.Sentence("The present. " + speech.Run(m.panels.View(), m.now())))
		default:
			say(speech.Instant(m.panels.View()))
		}
	}
	switch m.focus {
	case keys.Line:
		if moved && !now.form && before.overlay == nil {
			say("Question line, workflow " + m.workflowName() + ".")
		}
	case keys.Conversation:
		if moved {
			m.reader.talked = 0
			say(fmt.Sprintf("Answers, %s. Up and down read it line by line.", speech.Number(len(m.talk.Exchanges), "question")))
		}
	case keys.Timeline:
		m.hearRow(h, moved, before.focus == keys.Inspector && before.run == now.run, say)
	case keys.Inspector:
		m.hearDetails(h, moved, say)
	}
}

// hearRow says the row that is selected in the timeline, and after going there all of them, unless one comes back.
func (m *model) hearRow(h *heard, moved, back bool, say func(...string)) {
	row, rows, what := m.panels.Place()
	v := m.panels.View()
	if moved && back {
		say("Timeline.")
	} else if moved {
		say(speech.Sentence(speech.Run(v, m.now())))
		say(speech.Steps(v, m.now())...)
		say("Timeline, " + speech.Number(rows, "row") + ". Up and down choose one, enter reads all of it, left and right go through time.")
	}
	if f := m.panels.filter.Value(); f != h.filter && !m.panels.filtering {
		h.filter = f
		name := fmt.Sprintf("Filter %q", f)
		if f == "" {
			name = "No filter"
		}
		say(name + ": " + speech.Number(rows, "row") + ".")
	}
	step, e := m.panels.Selected()
	key := fmt.Sprintf("%d %p %p %s", row, step, e, what)
	if key == h.row && !moved {
		return
	}
	h.row = key
	text := what
	switch {
	case e != nil:
		text = strings.TrimPrefix(what+", "+speech.Execution(v, e, m.now()), ", ")
	case step != nil:
		text = canvas.Line(step.Name) + ": not started."
	case what == "":
		text = speech.Run(v, m.now())
	}
	say(fmt.Sprintf("Row %d: %s", row, speech.Sentence(text)))
}

// hearDetails says what is in the inspector's place: all of it after going there, and then the line that has the cursor.
func (m *model) hearDetails(h *heard, moved bool, say func(...string)) {
	switch {
	case m.source != nil:
		n, text, cited := m.source.Line()
		key := fmt.Sprint(n, text)
		if moved {
			say(sourceWords(m.source.Source))
			for line := range strings.Lines(canvas.Clean(m.source.Source.Text)) {
				say(strings.TrimRight(line, "\n"))
			}
			say("Up and down read its document line by line, o opens it in your editor, escape closes it.")
		} else if key != h.line && h.line != "" {
			if cited {
				text = "cited: " + text
			}
			say(fmt.Sprintf("%d, %s", n, canvas.Line(text)))
		}
		h.line = key
	case m.graphed:
		if moved {
			g := m.graphOf(m.workflowShown())
			v := m.panels.View()
			if m.shown == nil || m.shown.workflow != g.Name {
				v = run.View{}
			}
			say(speech.Graph(g, v)...)
		}
	default:
		lines, at := m.panels.inspector.Lines()
		const most = 120
		switch added := len(lines) - h.lines; {
		case moved:
			for _, l := range lines[:min(len(lines), most)] {
				if l = speech.Plain(l); l != "" {
					say(l)
				}
			}
			if n := len(lines) - most; n > 0 {
				say(fmt.Sprintf("And %s more.", speech.Number(n, "line")))
			}
			say("Up and down read it line by line, enter unfolds a line or goes where it leads.")
		case fmt.Sprint(at) != h.line:
			say(speech.Plain(lines[min(at, len(lines)-1)]))
		case added > 0: // unfolded
			for _, l := range lines[min(at+1, len(lines)):min(at+1+added, len(lines))] {
				say(speech.Plain(l))
			}
		case added < 0:
			say("Folded.")
		}
		h.line, h.lines = fmt.Sprint(at), len(lines)
	}
}
