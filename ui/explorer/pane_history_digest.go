package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/digest"
	"weft/ui/history"
	"weft/ui/markdown"
	"weft/ui/units"
)

// The least size, in cells, of a screen that shows the selected run beside the list.
const (
	besideFrom     = 150
	besideFromRows = 20
)

// mostDigested is the size, in bytes, of the longest journal that is read whole when its run is
// selected. Of a longer journal only the end is read, which has the answer.
const mostDigested = 2 << 20

type (
	// A previewMsg brings the beginning of a run's answer.
	previewMsg struct{ id, text string }
	// A digestMsg brings the digest of a run.
	digestMsg struct {
		id     string
		digest *digest.Digest
	}
)

// beside reports whether the selected run is shown beside the list.
func (p *historyPane) beside() bool { return p.shell.w >= besideFrom && p.shell.h >= besideFromRows }

// wanted returns a command that reads the preview of the selected run and, if it is shown beside
// the list, its digest, unless they were read already.
func (p *historyPane) wanted() tea.Cmd {
	r, ok := p.run()
	if !ok {
		return nil
	}
	var cmds []tea.Cmd
	h := p.historian
	if r.ID != p.previewed {
		p.previewed, p.preview = r.ID, ""
		cmds = append(cmds, func() tea.Msg {
			text := markdown.Plain(h.Preview(r.ID))
			if text == "" && len(r.Waits) > 0 {
				text = "It asks you: " + canvas.Line(r.Waits[0].Text)
			}
			return previewMsg{r.ID, text}
		})
	}
	if p.beside() && r.ID != p.digested {
		p.digested, p.digest = r.ID, nil
		cmds = append(cmds, digestOf(h, p.all, r))
	}
	return tea.Batch(cmds...)
}

// digestOf returns a command that reads the digest of a run.
func digestOf(h Historian, all []history.Run, r history.Run) tea.Cmd {
	return func() tea.Msg {
		d := new(digest.Digest)
		if r.Bytes <= mostDigested {
			_, records, _ := h.Kept(r.ID) // of a damaged journal, what can be read
			d = digest.New(r, records)
		}
		answer := h.Preview(r.ID)
		if d.Answer == "" {
			d.Answer = markdown.Plain(answer)
		}
		for _, o := range digest.Same(all, r) {
			d.Others = append(d.Others, digest.Other{Run: o, Answer: digest.Against(answer, h.Preview(o.ID))})
		}
		return digestMsg{r.ID, d}
	}
}

// drawBeside draws the selected run beside the list.
func (p *historyPane) drawBeside(c *canvas.Canvas, r canvas.Rect) {
	k, ok := p.run()
	d := p.digest
	if !ok || k.ID != p.digested || d == nil {
		d = new(digest.Digest)
	}
	words := digest.Text{}
	if ok {
		words.Title = whenText(k.Started) + " · " + canvas.Line(k.Question)
		if p.previewed == k.ID {
			words.Answer = p.preview
		}
		if words.Answer == "" {
			words.Answer = historyReason(k)
		}
		if k.Bytes > 0 {
			words.Kept = "kept " + units.Bytes(k.Bytes)
		}
	}
	d.Draw(c, r, words, &p.shell.theme)
}

// keptText says how many runs there are, and how much of them is kept.
func (p *historyPane) keptText() string {
	bytes := int64(0)
	for _, r := range p.all {
		bytes += r.Bytes
	}
	if bytes == 0 {
		return ""
	}
	return " kept: " + counted(len(p.all), "run") + ", " + units.Bytes(bytes) + " "
}
