package compare

import (
	"fmt"
	"strings"

	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/theme"
)

// A run of text in one style.
type styled struct {
	text  string
	style theme.Style
}

// A textLine is one line of a section.
type textLine []styled

// drawSection draws a section from its first visible line on.
func (s *Screen) drawSection(c *canvas.Canvas, in canvas.Rect, section Section) {
	in.Min.X++
	in.Max.X--
	lines := s.sectionLines(section, in.Dx())
	s.lines, s.visible = len(lines), max(in.Dy(), 0)
	s.ScrollBy(0)
	if s.Scroll < len(lines) {
		drawLines(c, in, lines[s.Scroll:])
	}
	if len(lines) > in.Dy() && in.Dy() > 0 {
		c.Scrollbar(canvas.R(in.Max.X, in.Min.Y, 1, in.Dy()), len(lines), s.Scroll, s.Theme.Faint, s.Theme.Muted)
	}
}

func drawLines(c *canvas.Canvas, in canvas.Rect, lines []textLine) {
	for i, line := range lines[:max(min(len(lines), in.Dy()), 0)] {
		x := in.Min.X
		for _, part := range line {
			x += c.TextN(x, in.Min.Y+i, in.Max.X-x, part.text, part.style)
		}
	}
}

func (s *Screen) sectionLines(section Section, width int) []textLine {
	switch section {
	case SourceLists:
		return s.sourceLines(width)
	case PromptLines:
		return s.promptLines(width)
	case States:
		return s.valueLines(s.State(), width, "the runs have no state")
	case SettingLists:
		return s.valueLines(s.Settings(), width, "")
	case StepEvents:
		return s.diffLines(s.Events(s.Selected), width, "select a step: its events are compared", "the step got and gave the same in both")
	default:
		return s.answerLines(width)
	}
}

// drawChanges draws what a wide screen shows beside the section: the first difference, sources and
// settings.
func (s *Screen) drawChanges(c *canvas.Canvas, in canvas.Rect) {
	in.Min.X++
	in.Max.X--
	var lines []textLine
	for _, text := range canvas.Wrap(s.FirstText(), in.Dx()) {
		lines = append(lines, textLine{{text, s.Theme.Text}})
	}
	if s.Section != SourceLists {
		lines = append(append(lines, textLine{}, textLine{{"sources", s.Theme.Heading}}), s.sourceLines(in.Dx())...)
	}
	if s.Section != SettingLists {
		lines = append(append(lines, textLine{}, textLine{{"settings", s.Theme.Heading}}), s.valueLines(s.Settings(), in.Dx(), "")...)
	}
	drawLines(c, in, lines)
}

// answerLines returns the words of both answers: −gone− are in A alone, +new+ in B alone.
func (s *Screen) answerLines(width int) (lines []textLine) {
	pieces := s.Answer()
	switch {
	case len(pieces) == 0:
		return []textLine{{{"there is no answer yet", s.Theme.Muted}}}
	case len(pieces) == 1 && pieces[0].In == Both:
		lines = append(lines, textLine{{"the answers are the same", s.Theme.Muted}}, textLine{})
	}
	if width >= columnsFrom && len(lines) == 0 {
		return s.answerColumns(pieces, width)
	}
	return append(lines, s.flow(pieces, width)...)
}

// columnsFrom is the least width, in cells, at which answers that differ are shown side by side.
const columnsFrom = 90

// answerColumns returns the answers side by side: A on the left, with the words that only A has
// marked −, and B on the right, with the words that only B has marked +.
func (s *Screen) answerColumns(pieces []Piece, width int) []textLine {
	const gap = 2
	half := (width - gap) / 2
	var a, b []Piece
	for _, p := range pieces {
		if p.In != OnlyB {
			a = append(a, p)
		}
		if p.In != OnlyA {
			b = append(b, p)
		}
	}
	left, right := s.flow(a, half), s.flow(b, half)
	lines := []textLine{columns(textLine{{"A  " + s.name(s.A), s.Theme.Heading}}, textLine{{"B  " + s.name(s.B), s.Theme.Heading}}, half+gap)}
	for i := range max(len(left), len(right)) {
		var l, r textLine
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		lines = append(lines, columns(l, r, half+gap))
	}
	return lines
}

// columns returns two lines side by side, the second one at a column.
func columns(left, right textLine, at int) textLine {
	used := 0
	for _, part := range left {
		used += canvas.Width(part.text)
	}
	line := append(left[:len(left):len(left)], styled{text: strings.Repeat(" ", max(at-used, 0))})
	return append(line, right...)
}

// name returns the name of a run's workflow.
func (s *Screen) name(side Side) string {
	if side.View.Root() == nil {
		return status.NotStarted.Word()
	}
	return canvas.Line(side.View.Root().Name)
}

// flow wraps pieces at words.
func (s *Screen) flow(pieces []Piece, width int) (lines []textLine) {
	var line textLine
	used := 0
	feed := func() { lines, line, used = append(lines, line), nil, 0 }
	for _, p := range pieces {
		style, sign := s.Theme.Text, ""
		switch p.In {
		case OnlyA:
			style, sign = s.Theme.Removed, "−"
		case OnlyB:
			style, sign = s.Theme.Added, "+"
		}
		text := canvas.Clean(p.Text)
		body := strings.TrimRight(text, " \n\t")
		text = sign + body + sign + text[len(body):]
		for i, part := range strings.Split(text, "\n") {
			if i > 0 {
				feed()
			}
			for _, word := range splitWords(part) {
				bare := strings.TrimRight(word, " \t")
				if used > 0 && used+canvas.Width(bare) > width {
					feed()
				}
				for used == 0 && canvas.Width(bare) > width && width > 0 {
					head := canvas.Head(bare, width)
					if head == "" {
						break
					}
					line = append(line, styled{head, style})
					feed()
					bare = bare[len(head):]
					word = bare
				}
				line = append(line, styled{word, style})
				used += canvas.Width(word)
			}
		}
	}
	if used > 0 {
		feed()
	}
	return lines
}

func (s *Screen) sourceLines(width int) (lines []textLine) {
	list := s.Sources()
	if len(list) == 0 {
		return []textLine{{{"there are no sources", s.Theme.Muted}}}
	}
	head := "  A   B"
	lines = append(lines, textLine{{head + strings.Repeat(" ", max(width-len(head)-12, 1)) + "score A    B", s.Theme.Muted}})
	for _, src := range list {
		style := s.Theme.Text
		switch src.change() {
		case rankGained:
			style = s.Theme.Added
		case rankLost:
			style = s.Theme.Removed
		case rankUp, rankDown:
			style = s.Theme.Warn
		}
		room := max(width-12-12, 0)
		place := canvas.Truncate(src.place(), room)
		place += strings.Repeat(" ", room-canvas.Width(place))
		lines = append(lines, textLine{
			{fmt.Sprintf("%3s %3s  ", number(src.A), number(src.B)), s.Theme.Text}, {src.Sign() + "  ", style},
			{place + "  ", style}, {src.scores(), s.Theme.Muted}})
	}
	return lines
}

// context is how many lines in both prompts are shown around those that are not.
const context = 2

func (s *Screen) promptLines(width int) []textLine {
	return s.diffLines(s.Prompts(), width, "no model was asked", "the prompts are the same")
}

// diffLines returns whole lines: those of A alone with −, those of B alone with +. It returns the
// text none if there are no lines, and the text same if both runs have all of them.
func (s *Screen) diffLines(pieces []Piece, width int, none, same string) (lines []textLine) {
	if len(pieces) == 0 {
		return []textLine{{{none, s.Theme.Muted}}}
	}
	if len(pieces) == 1 && pieces[0].In == Both {
		lines = append(lines, textLine{{same, s.Theme.Muted}}, textLine{})
	}
	for i, p := range pieces {
		text := strings.Split(strings.TrimSuffix(canvas.Clean(p.Text), "\n"), "\n")
		sign, style := "  ", s.Theme.Text
		switch p.In {
		case OnlyA:
			sign, style = "− ", s.Theme.Removed
		case OnlyB:
			sign, style = "+ ", s.Theme.Added
		}
		for j, l := range text {
			far := j >= context && j < len(text)-context
			if i == 0 {
				far = j < len(text)-context
			} else if i == len(pieces)-1 {
				far = j >= context
			}
			if p.In == Both && len(pieces) > 1 && far && len(text) > 2*context+1 {
				if j == context || i == 0 && j == 0 {
					lines = append(lines, textLine{{fmt.Sprintf("  … %d lines that are the same", len(text)-context), s.Theme.Faint}})
				}
				continue
			}
			for _, part := range canvas.Wrap(l, max(width-2, 1)) {
				lines = append(lines, textLine{{sign, style}, {part, style}})
			}
		}
	}
	return lines
}

// valueLines returns named values: those that differ first.
func (s *Screen) valueLines(list []Value, width int, none string) (lines []textLine) {
	if len(list) == 0 {
		return []textLine{{{none, s.Theme.Muted}}}
	}
	name := 0
	for _, v := range list {
		name = max(name, canvas.Width(canvas.Line(v.Name)))
	}
	name = min(name, width/3)
	cell := func(v string, w int) string {
		if v == "" {
			v = "–"
		}
		return canvas.Truncate(canvas.Line(v), w)
	}
	for _, differs := range []bool{true, false} {
		for _, v := range list {
			if v.Differs() != differs {
				continue
			}
			label := canvas.Truncate(canvas.Line(v.Name), name)
			label += strings.Repeat(" ", name-canvas.Width(label)+2)
			room := max(width-name-2, 1)
			if !differs {
				lines = append(lines, textLine{{"  " + label, s.Theme.Muted}, {cell(v.A, room-2), s.Theme.Muted}})
				continue
			}
			lines = append(lines,
				textLine{{"≠ " + label, s.Theme.Warn}, {"A  " + cell(v.A, room-5), s.Theme.Removed}},
				textLine{{strings.Repeat(" ", name+4), s.Theme.Text}, {"B  " + cell(v.B, room-5), s.Theme.Added}})
		}
	}
	return lines
}
