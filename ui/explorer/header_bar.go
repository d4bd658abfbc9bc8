package explorer

import (
	"fmt"
	"image"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/conversation"
	"weft/ui/speech"
	"weft/ui/status"
	"weft/ui/units"
)

// A headerBar is the first row: the corpus, the progress of indexing, and the model. On a tiny
// screen it shows the status of the run.
type headerBar struct {
	shell    *shell
	runs     *runs
	timeline *timelinePane
	form     *formPane
	leftOut  canvas.Rect // area of the count of files that are left out, for clicks

	said struct {
		provider, corpus string
		questions        string // the suggested ones
		quarter          int
	}
}

// Draw shows the header in r.
func (h *headerBar) Draw(c *canvas.Canvas, r canvas.Rect) {
	h.leftOut = canvas.Rect{}
	if h.shell.layout.shape == tiny {
		h.drawStatus(c, r)
		return
	}
	h.drawSession(c, r)
}

// Command returns the command that lists the files that are left out, if the cell is on their
// count.
func (h *headerBar) Command(at image.Point) string {
	if at.In(h.leftOut) {
		return "skipped"
	}
	return ""
}

// drawSession draws the program, the corpus, and at the right the model.
func (h *headerBar) drawSession(c *canvas.Canvas, r canvas.Rect) {
	t := &h.shell.theme
	x := r.Min.X + 1
	x += c.TextN(x, r.Min.Y, r.Max.X-x, "◈ weft", t.Accent)
	right := answers(h.runs.session.provider)
	st := t.Muted
	if right == "" {
		right, st = "…", t.Faint
	}
	if p, k := h.usage(); p+k > 0 && h.shell.w >= 100 {
		right = fmt.Sprintf("↑%s ↓%s · %s", units.Count(p), units.Count(k), right)
	}
	corpus, whole := h.corpusState(), h.shell.opt.home(h.runs.session.corpus.Dir)
	state := corpus.text + corpus.more
	if state != "" {
		state = " · " + state
	}
	room := r.Max.X - x - 2
	left := 4 + canvas.Width(state) + min(canvas.Width(whole), 12)
	// The name of a model may be long, and is cut
	right = canvas.Truncate(right, max(room-left, room/2))
	n := c.TextRight(x, r.Min.Y, room+1, right, st)
	if room -= n + 2; room <= 0 {
		return
	}
	if canvas.Width(state)+min(canvas.Width(whole), 12) > room {
		state = strings.TrimSuffix(state, corpus.more)
		corpus.leftOut = false
	}
	dir := canvas.TruncateLeft(whole, max(room-canvas.Width(state), 8))
	x += 2
	x += c.TextN(x, r.Min.Y, room, dir, t.Muted)
	if dir == "" {
		state = strings.TrimPrefix(state, " · ")
	}
	n = c.TextN(x, r.Min.Y, room-canvas.Width(dir), state, t.Muted)
	if corpus.leftOut {
		h.leftOut = canvas.R(x, r.Min.Y, n, 1)
	}
}

// A corpusState is the header's text about the corpus. more is dropped if there is no room.
type corpusState struct {
	text, more string
	leftOut    bool // more says how many files are left out
}

// corpusState describes how much can be searched, or the progress of indexing.
func (h *headerBar) corpusState() (s corpusState) {
	k := h.runs.session.corpus
	switch {
	case k.State == show.CorpusFailed:
		return corpusState{text: status.Failed.Glyph() + " not indexed"}
	case h.runs.indexing() || k.State == show.CorpusIndexing:
		share := h.runs.gauge.share()
		_, doing, _ := h.runs.gauge.stage()
		if share < 0 {
			return corpusState{text: doing}
		}
		// The percentage stays below 100 until the run says that it is done.
		s.text = fmt.Sprintf("%s %d%%", doing, min(int(share*100), 99))
		if _, left := h.runs.gauge.rate(h.shell.now()); left > 0 {
			s.more = ", " + remaining(left) + " left"
		}
	case k.Chunks > 0 || k.Files > 0:
		s.text = counted(k.Chunks, "passage")
		if lacking := h.runs.session.lacking(); lacking != "" {
			s.more, s.leftOut = ", "+lacking, true
		}
	}
	return s
}

func (h *headerBar) usage() (prompt, completion int) {
	if h.runs.shown == nil {
		return 0, 0
	}
	return h.runs.shown.view(h.timeline.instant()).Usage()
}

// drawStatus draws the single line of a tiny screen: the status of the run.
func (h *headerBar) drawStatus(c *canvas.Canvas, r canvas.Rect) {
	t := &h.shell.theme
	mark, text, st := "·", "weft: ask a question", t.Muted
	if h.form.front != nil {
		mark, text, st = status.Waiting.Glyph(), h.form.asker(), t.Waiting
	} else if s := h.runs.shown; s != nil {
		k := s.content(h.timeline.instant(), h.shell.now())
		switch k.State {
		case conversation.Running, conversation.Asked:
			mark, text, st = h.shell.frames.spinner(), k.Doing, t.Running
		case conversation.Waiting, conversation.Done, conversation.Failed, conversation.Cancelled, conversation.Interrupted:
			is := k.State.Status()
			if mark, text, st = is.Glyph(), is.Word(), is.Style(t); k.State == conversation.Failed {
				text = k.Error
			}
		}
		text = units.Duration(k.Elapsed) + " " + text
	} else if k := h.runs.session.corpus; k.State == show.CorpusFailed {
		mark, text, st = status.Failed.Glyph(), k.Error, t.Failed
	}
	if h.shell.note.text != "" {
		text = h.shell.note.text
	}
	x := c.TextN(r.Min.X, r.Min.Y, r.Dx(), mark, st) + 1
	x += c.TextN(r.Min.X+x, r.Min.Y, r.Dx()-x, text, t.Text)
	for _, more := range []string{fmt.Sprintf("timeline from %d×%d on", leastWidth, leastHeight), fmt.Sprintf("needs %d×%d", leastWidth, leastHeight)} {
		if n := canvas.Width(more); h.runs.shown != nil && h.shell.note.text == "" && h.form.front == nil && x+n+2 <= r.Dx() {
			c.TextRight(r.Min.X, r.Min.Y, r.Dx(), more, t.Faint)
			break
		}
	}
}

// Report announces changes of the session: the model, what can be searched, and each quarter of
// indexing.
func (h *headerBar) Report(a arrival) {
	say := a.say
	if a.first {
		h.said.provider, h.said.corpus, h.said.questions, h.said.quarter = "", "", "", 0
	}
	if p := h.runs.session.provider; answers(p) != h.said.provider {
		h.said.provider = answers(p)
		if p.Offline {
			say("No model is used: answers are the documents' own sentences.")
		} else {
			say("Answers are written by " + canvas.Line(strings.ReplaceAll(h.said.provider, " · ", ", ")) + ".")
		}
	}
	k := h.runs.session.corpus
	state := ""
	switch {
	case k.State == show.CorpusFailed:
		state = speech.Sentence("Not indexed: " + canvas.Line(k.Error))
	case k.State == show.CorpusReady:
		state = fmt.Sprintf("Ready: %s of %s in %s can be searched.", speech.Number(k.Chunks, "passage"), speech.Number(k.Files, "file"), canvas.Line(h.shell.opt.home(k.Dir)))
		if n := h.runs.session.missed(); n > 0 {
			state += fmt.Sprintf(" %s left out.", were(n, "file"))
		}
		if n := h.runs.session.inPart(); n > 0 {
			state += fmt.Sprintf(" %s read in part.", were(n, "file"))
		}
	case k.State == show.CorpusIndexing:
		state = "Indexing " + canvas.Line(h.shell.opt.home(k.Dir)) + ". You can ask already."
	}
	if state != h.said.corpus {
		h.said.corpus = state
		if state != "" {
			say(state)
		}
	}
	if qs := strings.Join(h.runs.session.overview.Questions, " "); qs != h.said.questions && h.runs.last() == nil {
		h.said.questions = qs
		say("They answer, for example: " + canvas.Line(qs) + " Down puts one into the question line.")
	}
	_, doing, _ := h.runs.gauge.stage()
	if share := h.runs.gauge.share(); share >= 0 && (h.runs.indexing() || k.State == show.CorpusIndexing) {
		q := int(share * 4)
		switch h.runs.gauge.phase() {
		case show.PhaseEmbed:
			q += 5
		case show.PhaseOpen:
			q += 10
		}
		if q != h.said.quarter && q%5 > 0 {
			say(fmt.Sprintf("%s: %s.", strings.ToUpper(doing[:1])+doing[1:], h.runs.gauge.amount()))
		}
		h.said.quarter = q
	}
}
