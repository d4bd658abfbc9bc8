package explorer

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
)

// read appends text to the lines to be written.
func (s *shell) read(text ...string) {
	for _, t := range text {
		if len(t) > longestRead {
			t = canvas.Head(t, (longestRead-1024)/32) + fmt.Sprintf("… and %d bytes more.", len(t)-longestRead)
		}
		// Some terminals lose the last letter of a full line.
		s.speaker.lines = append(s.speaker.lines, canvas.Wrap(t, max(s.w-1, 1))...)
	}
}

// speak lets the panes announce what the listener does not know yet: events in their order, and
// then the focused pane.
func (s *shell) speak(shown *track) tea.Cmd {
	sp := &s.speaker
	a := arrival{say: s.read, first: !sp.greeted}
	if a.first {
		sp.greeted, sp.at = true, spot{pane: s.home[linePart], part: linePart}
		s.read("weft, screen-reader mode. Type a question and press enter. F1 lists the keys, control p finds a command.")
	}
	for _, x := range s.lasting {
		if r, ok := x.(reporter); ok {
			r.Report(a)
		}
	}
	now := spot{s.top(), s.part(), s.opened[detailPart], shown}
	if now.part == linePart {
		// In the question line, another run is not announced, because its answer is read anyway
		now.run = sp.at.run
	}
	a.new, a.from = now != sp.at, sp.at
	sp.at = now
	now.pane.Speak(a)
	if a.first {
		// Hold lines back until the first frame is drawn, because they are written above it
		sp.printing = true
		return tea.Tick(promptFrame, func(time.Time) tea.Msg { return printedMsg{} })
	}
	return s.print()
}

// print writes lines above the input line, at most as many at once as the screen has.
func (s *shell) print() tea.Cmd {
	sp := &s.speaker
	if sp.printing || len(sp.lines) == 0 || s.w <= 0 {
		return nil
	}
	n := min(max(s.h-s.promptRows()-1, 1), len(sp.lines))
	text := strings.Join(sp.lines[:n], "\n")
	sp.lines, sp.printing = sp.lines[n:], true
	if text == "" {
		text = " " // an empty message would write nothing
	}
	return tea.Sequence(tea.Println(text), func() tea.Msg { return printedMsg{} })
}

// toggleSpeaker switches between the screen and the screen-reader mode.
func (s *shell) toggleSpeaker() tea.Cmd {
	s.speaker = speaker{on: !s.speaker.on}
	s.alone = noPart
	s.marked = selection{}
	if !s.speaker.on {
		return tea.Batch(tea.ClearScreen, s.say("the screen is drawn again", false))
	}
	return nil
}

// arrangeLinear gives every part room, since nothing is drawn.
func (s *shell) arrangeLinear() {
	r := canvas.R(0, 0, max(s.w, 1), max(s.h, 1))
	s.layout = layout{shape: linear, timeline: r, conversation: r, detail: r, line: r}
	s.alone = noPart
	s.keepFocus()
}

// promptRows returns how many rows the input line takes.
func (s *shell) promptRows() int {
	p := s.top()
	if _, ok := p.(editor); !ok {
		return 1
	}
	rows := 1
	if sized, ok := p.(sized); ok {
		rows = sized.Rows(max(s.w-canvas.Width(p.Prompt().label)-1, 8))
	}
	return between(rows, 1, max(s.h-1, 1))
}

// drawPrompt draws the input line, all that is drawn in the screen-reader mode.
func (s *shell) drawPrompt() {
	c, t := s.canvas, &s.theme
	rows := s.promptRows()
	c.Reset(s.w, rows)
	p := s.top().Prompt()
	x := c.TextN(0, 0, s.w, canvas.Truncate(p.label, s.w-9), t.Text)
	if e, ok := s.top().(editor); ok {
		s.cursor = e.DrawText(c, canvas.R(x, 0, s.w-x-1, rows))
		return
	}
	v := []rune(canvas.Line(p.typed))
	at := min(p.at, len(v))
	from := 0
	for from < at && canvas.Width(string(v[from:at])) >= s.w-x-1 {
		from++
	}
	c.TextN(x, 0, s.w-x, string(v[from:]), t.Text)
	s.cursor = cursorAt(min(x+canvas.Width(string(v[from:at])), s.w-1), 0)
}
