package compare

import (
	"fmt"
	"io"
	"strings"
	"time"

	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/units"
)

// duration formats the time that a step took in one run; – if the run does not have the step.
func (w Work) duration() string {
	if w.Executions == 0 {
		return "–"
	}
	return units.Duration(w.Took)
}

// times says how often the executions of a step ran: " ×3", or "" for once.
func (r Row) times() string {
	if n := max(r.A.Executions, r.B.Executions); n > 1 {
		return fmt.Sprintf(" ×%d", n)
	}
	return ""
}

// Change says how much longer or shorter B took: "+26 %", "=" within a twentieth, ×12 from ten times
// on; "" if one of the runs does not have the step.
func (r Row) Change() string {
	a, b := r.A.Took, r.B.Took
	switch {
	case r.A.Executions == 0 || r.B.Executions == 0:
		return ""
	case max(a, b)-min(a, b) < 500*time.Microsecond:
		return "="
	case a <= 0:
		return ""
	}
	switch share := float64(b-a) / float64(a); {
	case share > -0.05 && share < 0.05:
		return "="
	case share >= 9:
		return fmt.Sprintf("×%.0f", share+1)
	case share > 0:
		return fmt.Sprintf("+%.0f %%", share*100)
	default:
		return fmt.Sprintf("−%.0f %%", -share*100)
	}
}

// Heading describes one of the runs in a line.
func (s Side) Heading() string {
	v := s.View
	if v.Root() == nil {
		return status.NotStarted.Word()
	}
	return canvas.Line(fmt.Sprintf("%s · %s · %s", v.Root().Name, v.Start().Local().Format("2006-01-02 15:04"), v.Root().Question(v)))
}

// WriteText writes a comparison for a person, without colours.
func (c *Comparison) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "A  %s\nB  %s\n%s\n\n", c.A.Heading(), c.B.Heading(), strings.Join(c.Same(), " · "))
	wide := len("the run")
	for _, r := range c.Rows {
		wide = max(wide, canvas.Width(r.label()))
	}
	fmt.Fprintf(&b, "   %-*s  %7s  %7s  %7s\n", wide, "step", "A", "B", "change")
	for _, r := range append(c.Rows[:len(c.Rows):len(c.Rows)], c.Total) {
		label := r.label()
		fmt.Fprintf(&b, "%s  %s%s  %7s  %7s  %7s\n", r.Mark, label, strings.Repeat(" ", wide-canvas.Width(label)),
			r.A.duration(), r.B.duration(), r.Change())
	}
	fmt.Fprintf(&b, "\n%s\n", c.FirstText())
	writeSources(&b, c.Sources())
	writeValues(&b, "Settings that differ", c.Settings())
	writeValues(&b, "State that differs", c.State())
	answer := c.Answer()
	switch {
	case len(answer) == 1 && answer[0].In == Both:
		b.WriteString("\nThe answers are the same.\n")
	case len(answer) > 0:
		b.WriteString("\nAnswer\n\n")
		writePieces(&b, answer)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Row) label() string {
	return canvas.Line(strings.Repeat("  ", r.Depth) + r.Name + r.times())
}

// FirstText says where the runs first differ.
func (c *Comparison) FirstText() string {
	switch {
	case c.First != nil:
		return "first difference: " + c.First.String()
	case c.Total.Mark == MarkOpen:
		return "no difference so far"
	}
	return "no difference"
}

func writeSources(b *strings.Builder, list []Source) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\nSources (= stayed, ▲ rose, ▼ fell, − gone, + new)\n")
	for _, s := range list {
		fmt.Fprintf(b, "  %2s %2s  %s  %s  %s\n", number(s.A), number(s.B), s.Sign(), s.scores(), s.place())
	}
}

func number(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

// scores returns both scores in ten cells.
func (s Source) scores() string {
	score := func(at int, v float64) string {
		if at == 0 {
			return "   –"
		}
		return fmt.Sprintf("%.2f", v)
	}
	return score(s.A, s.ScoreA) + "  " + score(s.B, s.ScoreB)
}

// place says where a source is, and under which heading.
func (s Source) place() string {
	where := s.Path
	switch {
	case s.Place != "":
		where += ", " + s.Place
	case s.EndLine > s.Line:
		where += fmt.Sprintf(":%d–%d", s.Line, s.EndLine)
	case s.Line > 0:
		where += fmt.Sprintf(":%d", s.Line)
	}
	if n := len(s.Passage.Heading); n > 0 {
		where += "  " + s.Passage.Heading[n-1]
	}
	return canvas.Line(where)
}

func writeValues(b *strings.Builder, title string, list []Value) {
	first := true
	for _, v := range list {
		if !v.Differs() {
			continue
		}
		if first {
			fmt.Fprintf(b, "\n%s\n", title)
			first = false
		}
		fmt.Fprintf(b, "  %s\n    A  %s\n    B  %s\n", canvas.Line(v.Name), short(v.A), short(v.B))
	}
}

// short returns the beginning of a value in one line.
func short(value string) string {
	if value == "" {
		return "–"
	}
	const most = 200
	return canvas.Truncate(canvas.Line(value), most)
}

// writePieces writes the words of both texts: those of A alone as [-words-], those of B as {+words+},
// as git diff --word-diff does.
func writePieces(b *strings.Builder, pieces []Piece) {
	for _, p := range pieces {
		text := canvas.Clean(p.Text)
		body := strings.TrimRight(text, " \n")
		space := text[len(body):]
		switch p.In {
		case OnlyA:
			body = "[-" + body + "-]"
		case OnlyB:
			body = "{+" + body + "+}"
		}
		b.WriteString(body + space)
	}
	b.WriteString("\n")
}
