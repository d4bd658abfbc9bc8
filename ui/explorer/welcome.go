package explorer

import (
	"fmt"
	"time"

	"weft/flow/show"
	"weft/ui/canvas"
)

// drawWelcome is what stands in place of a conversation before the first question: what is searched, who answers, and what
// to do next.
func (m *model) drawWelcome(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
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
	k := m.session.corpus
	switch {
	case k.State == show.CorpusFailed:
		text("✗ "+k.Error, t.Error)
		gap()
		text("Start weft on a folder with documents: weft DIR. Questions to a model alone still work with a workflow that does not search (^o).", t.Text)
	case m.index != nil && !m.index.over() || k.State == show.CorpusIndexing:
		text("Ask a question about "+m.corpusName()+" — you can type it now.", t.Strong)
		gap()
		m.drawGauge(c, canvas.R(r.Min.X, y, r.Dx()-1, r.Max.Y-y))
		y += 2
	case k.State == show.CorpusReady:
		text("Ask a question about "+m.corpusName()+".", t.Strong)
		gap()
		text(fmt.Sprintf("✓ %s in %s ready to be searched", counted(k.Chunks, "passage"), counted(k.Files, "file")), t.Done)
		if n := m.session.missed(); n > 0 {
			text(fmt.Sprintf("! %s left out: %s says why", were(n, "file"), m.keyOf("skipped")), t.Warn)
		}
	default:
		text("Ask a question about "+m.corpusName()+".", t.Strong)
	}
	gap()
	switch p := m.session.provider; {
	case p.Offline:
		text("Answers are the documents' own sentences: no model is used, and nothing leaves this machine. With OPENAI_API_KEY, or a model server such as Ollama, they are written.", t.Muted)
	case answers(p) != "":
		text("Answers are written by "+answers(p)+".", t.Muted)
	}
	for _, n := range m.session.notices {
		st := t.Info
		if n.Level != "info" {
			st = t.Warn
		}
		text("! "+n.Text, st)
	}
	gap()
	if len(m.workflows) > 1 && r.Max.Y-y > 1 {
		m.drawWorkflows(c, canvas.R(r.Min.X, y, r.Dx(), r.Max.Y-y))
	}
}

// drawGauge shows how far indexing is: files, chunks, rate and time left.
func (m *model) drawGauge(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	g := m.gauge
	x := r.Min.X
	stage, doing, unit := g.stage()
	x += c.TextN(x, r.Min.Y, r.Dx(), m.frames.spinner()+" "+doing+"  ", t.Running)
	if share := g.share(); share >= 0 {
		w := min(max(r.Dx()-40, 8), 40)
		if x+w < r.Max.X {
			bar(c, x, r.Min.Y, w, share, t.Running, t.Faint)
			x += w + 2
		}
		c.TextN(x, r.Min.Y, r.Max.X-x, fmt.Sprintf("%s of %s", count(stage.done), counted(stage.total, unit)), t.Text)
	} else {
		s := g.message
		if g.files.done > 0 {
			s = counted(g.files.done, "file")
		}
		c.TextN(x, r.Min.Y, r.Max.X-x, s, t.Text)
	}
	line := ""
	if g.chunks.done > 0 {
		line = counted(g.chunks.done, "passage")
	}
	if rate, left := g.rate(); rate > 0 {
		line = dots(line, fmt.Sprintf("%.0f %ss/s", rate, unit))
		if left > 0 {
			line = dots(line, remaining(left)+" left")
		}
	}
	if g.message != "" && g.message != "indexing" && g.message != doing && g.share() >= 0 {
		line = dots(line, g.message)
	}
	if r.Dy() > 1 {
		c.TextN(r.Min.X+2, r.Min.Y+1, r.Dx()-2, line, t.Muted)
	}
}

// remaining is a time left for a reader, in whole seconds: nobody knows it better.
func remaining(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%ds", max(int(d.Round(time.Second).Seconds()), 1))
	}
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}

func dots(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}

// drawWorkflows lists the workflows that can be asked.
func (m *model) drawWorkflows(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	names := 0
	for _, w := range m.workflows {
		names = max(names, canvas.Width(w.Name))
	}
	rows := min(r.Dy()-1, len(m.workflows))
	first := max(min(m.workflow-rows/2, len(m.workflows)-rows), 0) // the chosen one is among those that have room
	head := "Workflows"
	if rows < len(m.workflows) {
		head += fmt.Sprintf(", %d of %d", rows, len(m.workflows))
	}
	c.TextN(r.Min.X, r.Min.Y, r.Dx(), head+" (⇧tab or ^o changes)", t.Muted)
	for i, w := range m.workflows[first : first+rows] {
		y := r.Min.Y + 1 + i
		i += first
		mark, st := "  ", t.Text
		if i == m.workflow {
			mark, st = "▸ ", t.Strong
		}
		x := r.Min.X
		x += c.TextN(x, y, r.Dx(), mark, t.Accent)
		c.TextN(x, y, names, w.Name, st)
		x += names + 2
		c.TextN(x, y, r.Max.X-x, w.Description, t.Muted)
	}
}
