package export

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/history"
	"weft/ui/theme"
	"weft/ui/timeline"
	"weft/ui/units"
)

// timelineWidth is the width of the timeline in Markdown, in cells.
const timelineWidth = 96

// Timeline draws the timeline of a run as text without colours.
func Timeline(k Kept, width int) (string, error) {
	th, err := theme.Named("mono", true)
	if err != nil || len(k.Records) == 0 {
		return "", err
	}
	m := timeline.New(th)
	m.SetNow(k.Records[len(k.Records)-1].Time)
	m.SetRun(k.Fold(), flow.Graph{})
	m.SetSize(width, 24)
	c := canvas.New(width, max(2, m.Rows()))
	m.SetSize(c.Size())
	m.Draw(c, c.Bounds())
	_, h := c.Size()
	c.Clear(canvas.R(0, 0, 1, h)) // the first column marks the selected row
	var lines []string
	for line := range strings.Lines(c.Plain()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n"), nil
}

func writeMarkdown(w io.Writer, k Kept) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", escape(cmp.Or(k.Question, k.Workflow)), escape(Summary(k.Run)))
	a, answered := k.Fold().Now().Answer()
	if answered {
		answerMarkdown(&b, a)
	}
	picture, err := Timeline(k, timelineWidth)
	if err != nil {
		return err
	}
	if picture != "" {
		fence := "```"
		for strings.Contains(picture, fence) {
			fence += "`"
		}
		fmt.Fprintf(&b, "## Timeline\n\n%stext\n%s\n%s\n", fence, picture, fence)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// Summary says in one line how a run went.
func Summary(r history.Run) string {
	parts := []string{r.Workflow, string(r.Outcome) + " in " + units.Duration(r.Took())}
	if r.Reason != "" {
		parts = append(parts, r.Reason)
	}
	if r.Model != "" {
		parts = append(parts, r.Model)
	}
	if r.Read+r.Written > 0 {
		parts = append(parts, fmt.Sprintf("%s tokens read, %s written", units.Count(r.Read), units.Count(r.Written)))
	}
	parts = append(parts, r.Started.Local().Format("2006-01-02 15:04"), "run "+r.ID)
	return canvas.Line(strings.Join(parts, " · "))
}

func answerMarkdown(b *strings.Builder, a show.Answer) {
	if a.Typed != "" {
		fmt.Fprintf(b, "Understood as: %s\n\n", escape(a.Question))
	}
	fmt.Fprintf(b, "## Answer\n\n%s\n\n", strings.TrimSpace(canvas.Clean(a.Text)))
	for _, note := range append([]string{a.CutOff, a.Degraded}, a.Notes...) {
		if note != "" {
			fmt.Fprintf(b, "> %s\n\n", escape(note))
		}
	}
	if len(a.Sources) == 0 {
		return
	}
	b.WriteString("## Sources\n\n")
	for _, s := range a.Sources {
		cited := ""
		if s.Cited {
			cited = " · cited"
		}
		fmt.Fprintf(b, "%d. %s · %s · %.2f%s\n", s.N, escape(place(s.Passage)), escape(strings.Join(s.Heading, " › ")), s.Score, cited)
	}
	b.WriteString("\n")
}

// place returns where a passage is: path and page or lines.
func place(p show.Passage) string {
	switch {
	case p.Place != "":
		return p.Path + ", " + p.Place
	case p.EndLine > p.Line:
		return fmt.Sprintf("%s:%d-%d", p.Path, p.Line, p.EndLine)
	case p.Line > 0:
		return fmt.Sprintf("%s:%d", p.Path, p.Line)
	}
	return p.Path
}

// escape returns a text in one line in which no character has a meaning in Markdown.
func escape(s string) string {
	var b strings.Builder
	for _, r := range canvas.Line(s) {
		if strings.ContainsRune("\\`*_{}[]<>#|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
