package explorer

import (
	"fmt"
	"slices"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/status"
	"weft/ui/theme"
	"weft/ui/units"
)

// A welcome is the text that the conversation shows before the first question.
type welcome struct {
	shell *shell
	runs  *runs
}

// draw draws what is searched, which model answers, and what to do next.
func (p *welcome) draw(c *canvas.Canvas, r canvas.Rect) {
	t := &p.shell.theme
	r.Max.X -= 2
	y := r.Min.Y
	text := func(s string, st canvas.Style) {
		for _, l := range canvas.Wrap(s, max(r.Dx()-1, 1)) {
			if y < r.Max.Y {
				c.TextN(r.Min.X, y, r.Dx(), l, st)
			}
			y++
		}
	}
	gap := func() {
		if r.Dy() > 8 {
			y++
		}
	}
	k := p.runs.session.corpus
	switch {
	case k.State == show.CorpusFailed:
		text(status.Failed.Glyph()+" "+k.Error, t.Error)
		gap()
		text("Start weft on a folder with documents: weft DIR. Questions to a model alone still work with a workflow that does not search (^o).", t.Text)
	case p.runs.indexing() || k.State == show.CorpusIndexing:
		text("Ask a question about "+p.runs.corpusName(p.shell.opt)+" — you can type it now.", t.Strong)
		gap()
		p.drawGauge(c, canvas.R(r.Min.X, y, r.Dx()-1, r.Max.Y-y))
		y += 2
		if k.Chunks > 0 {
			text(fmt.Sprintf("%s of %s from before can be searched already.",
				counted(k.Chunks, "passage"), counted(k.Files, "file")), t.Text)
		}
	case k.State == show.CorpusReady:
		text("Ask a question about "+p.runs.corpusName(p.shell.opt)+".", t.Strong)
		gap()
		text(fmt.Sprintf("%s %s in %s ready to be searched", status.Done.Glyph(), counted(k.Chunks, "passage"), counted(k.Files, "file")), t.Done)
		if n := p.runs.session.missed(); n > 0 {
			text(fmt.Sprintf("! %s left out: %s says why", were(n, "file"), p.shell.keyOf("skipped")), t.Warn)
		} else if n := p.runs.session.inPart(); n > 0 {
			text(fmt.Sprintf("! %s read in part: %s says why", were(n, "file"), p.shell.keyOf("skipped")), t.Warn)
		}
	default:
		text("Ask a question about "+p.runs.corpusName(p.shell.opt)+".", t.Strong)
	}
	if k.State == show.CorpusReady {
		for _, line := range aboutLines(describe(p.runs.session.overview), r.Dx()-3) {
			text("  "+line, t.Muted)
		}
		const they = "They answer, for example (↓ puts one into the question line):"
		rows := 1 + len(canvas.Wrap(they, max(r.Dx()-1, 1)))
		if qs := p.runs.session.overview.Questions; len(qs) > 0 && r.Max.Y-y >= rows+len(qs) {
			gap()
			text(they, t.Muted)
			for _, q := range qs {
				c.TextN(r.Min.X, y, 2, "❯ ", t.Accent)
				c.TextN(r.Min.X+2, y, r.Dx()-3, q, t.Text)
				y++
			}
		}
	}
	gap()
	switch who := p.runs.session.provider; {
	case who.Offline:
		text("Answers are the documents' own sentences: no model is used, and nothing leaves this machine. With OPENAI_API_KEY, or a model server such as Ollama, a model writes them.", t.Muted)
	case answers(who) != "":
		text("Answers are written by "+answers(who)+".", t.Muted)
	}
	for _, n := range p.runs.session.notices {
		st := t.Info
		if n.Level != show.Info {
			st = t.Warn
		}
		text("! "+n.Text, st)
	}
	gap()
	if len(p.runs.workflows) > 1 && r.Max.Y-y > 1 {
		p.drawWorkflows(c, canvas.R(r.Min.X, y, r.Dx(), r.Max.Y-y))
	}
}

// describe says what a corpus holds: its kinds, the amount of text, and the languages.
func describe(o show.Overview) (parts []string) {
	if len(o.Kinds) == 0 {
		return nil
	}
	const most = 4 // kinds
	kinds, others := "", 0
	for i, k := range o.Kinds {
		if i < most || len(o.Kinds) == most+1 {
			if i > 0 {
				kinds += ", "
			}
			kinds += fmt.Sprintf("%s %s", count(k.Files), k.Kind)
			continue
		}
		others += k.Files
	}
	if others > 0 {
		kinds += fmt.Sprintf(", %s of other kinds", count(others))
	}
	parts = []string{kinds, units.Bytes(o.Bytes) + " of text"}
	if len(o.Languages) > 0 {
		parts = append(parts, strings.Join(o.Languages, ", "))
	}
	return parts
}

// aboutLines joins what describe returns, into lines of at most w cells. It returns one line if a
// part is wider than that.
func aboutLines(parts []string, w int) (lines []string) {
	whole := ""
	for _, part := range parts {
		whole = dots(whole, part)
		if last := len(lines) - 1; last >= 0 && canvas.Width(dots(lines[last], part)) <= w {
			lines[last] = dots(lines[last], part)
			continue
		}
		lines = append(lines, part)
	}
	if slices.ContainsFunc(parts, func(part string) bool { return canvas.Width(part) > w }) {
		return []string{whole}
	}
	return lines
}

// drawGauge draws the progress of indexing: files, passages, rate and time left.
func (p *welcome) drawGauge(c *canvas.Canvas, r canvas.Rect) {
	t := &p.shell.theme
	g := p.runs.gauge
	x := r.Min.X
	stage, doing, unit := g.stage()
	x += c.TextN(x, r.Min.Y, r.Dx(), p.shell.frames.spinner()+" "+doing+"  ", t.Running)
	if share := g.share(); share >= 0 {
		w := min(max(r.Dx()-40, 8), 40)
		if x+w < r.Max.X {
			bar(c, x, r.Min.Y, w, share, t.Running, t.Faint)
			x += w + 2
		}
		c.TextN(x, r.Min.Y, r.Max.X-x, g.amount(), t.Text)
	} else {
		s := stage.message
		if g.files.done > 0 {
			s = counted(g.files.done, "file")
		}
		c.TextN(x, r.Min.Y, r.Max.X-x, s, t.Text)
	}
	line := ""
	if g.chunks.done > 0 {
		line = counted(g.chunks.done, "passage")
	}
	if rate, left := g.rate(p.shell.now()); rate > 0 {
		if g.phase() != show.PhaseOpen {
			line = dots(line, fmt.Sprintf("%.0f %ss/s", rate, unit))
		}
		if left > 0 {
			line = dots(line, remaining(left)+" left")
		}
	}
	if stage.message != "" && stage.message != doing && g.share() >= 0 {
		line = dots(line, stage.message)
	}
	if r.Dy() > 1 {
		c.TextN(r.Min.X+2, r.Min.Y+1, r.Dx()-2, line, t.Muted)
	}
}

// drawWorkflows draws the list of workflows.
func (p *welcome) drawWorkflows(c *canvas.Canvas, r canvas.Rect) {
	t := &p.shell.theme
	names := 0
	for _, w := range p.runs.workflows {
		names = max(names, canvas.Width(w.Name))
	}
	rows := min(r.Dy()-1, len(p.runs.workflows))
	// The chosen workflow is always among the visible ones.
	first := max(min(p.runs.workflow-rows/2, len(p.runs.workflows)-rows), 0)
	head := "Workflows"
	if rows < len(p.runs.workflows) {
		head += fmt.Sprintf(", %d of %d", rows, len(p.runs.workflows))
	}
	c.TextN(r.Min.X, r.Min.Y, r.Dx(), head+" (⇧tab or ^o changes)", t.Muted)
	for i, w := range p.runs.workflows[first : first+rows] {
		y := r.Min.Y + 1 + i
		i += first
		mark, st := "  ", t.Text
		if i == p.runs.workflow {
			mark, st = "▸ ", t.Strong
		}
		x := r.Min.X
		x += c.TextN(x, y, r.Dx(), mark, t.Accent)
		c.TextN(x, y, names, w.Name, st)
		x += names + 2
		c.TextN(x, y, r.Max.X-x, w.Description, t.Muted)
	}
}

// bar draws a progress bar of w cells with eighths.
func bar(c *canvas.Canvas, x, y, w int, share float64, done, rest theme.Style) {
	const eighths = "▏▎▍▌▋▊▉"
	full := int(share * float64(w) * 8)
	for i := range w {
		switch n := full - i*8; {
		case n >= 8:
			c.Set(x+i, y, "█", done)
		case n > 0:
			c.Set(x+i, y, string([]rune(eighths)[n-1]), done)
		default:
			c.Set(x+i, y, "╌", rest)
		}
	}
}
