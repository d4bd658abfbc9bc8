package explorer

import (
	"fmt"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/keys"
)

// drawHeader shows the program, the corpus, and at the right who answers.
func (m *model) drawHeader(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	x := r.Min.X + 1
	x += c.TextN(x, r.Min.Y, r.Max.X-x, "◈ weft", t.Accent)
	right := answers(m.session.provider)
	st := t.Muted
	if right == "" {
		right, st = "…", t.Faint
	}
	if p, k := m.usage(); p+k > 0 && m.w >= 100 {
		right = fmt.Sprintf("↑%s ↓%s · %s", short(p), short(k), right)
	}
	state, whole := m.corpusState(), m.home(m.session.corpus.Dir)
	if state != "" {
		state = " · " + state
	}
	room := r.Max.X - x - 2
	left := 4 + canvas.Width(state) + min(canvas.Width(whole), 12)
	right = canvas.Truncate(right, max(room-left, room/2)) // a model's name may be as long as somebody likes
	n := c.TextRight(x, r.Min.Y, room+1, right, st)
	if room -= n + 2; room <= 0 {
		return
	}
	if canvas.Width(state)+min(canvas.Width(whole), 12) > room {
		state, _, _ = strings.Cut(state, ", ") // the time left is the first to go
	}
	dir := canvas.TruncateLeft(whole, max(room-canvas.Width(state), 8))
	x += 2
	x += c.TextN(x, r.Min.Y, room, dir, t.Muted)
	if dir == "" {
		state = strings.TrimPrefix(state, " · ")
	}
	n = c.TextN(x, r.Min.Y, room-canvas.Width(dir), state, t.Muted)
	if strings.HasSuffix(state, "left out") {
		m.leftOut = canvas.R(x, r.Min.Y, n, 1)
	}
}

// home writes a path below the person's home with a ~.
func (m *model) home(dir string) string {
	if home := m.opt.getenv("HOME"); len(home) > 1 {
		if rest, ok := strings.CutPrefix(dir, home+"/"); ok {
			return "~/" + rest
		}
	}
	return dir
}

// corpusState says how much is searched, or how far indexing is.
func (m *model) corpusState() string {
	k := m.session.corpus
	switch {
	case k.State == show.CorpusFailed:
		return "✗ not indexed"
	case m.index != nil && !m.index.over():
		share := m.gauge.share()
		_, doing, _ := m.gauge.stage()
		if share < 0 {
			return doing
		}
		s := fmt.Sprintf("%s %d%%", doing, min(int(share*100), 99)) // it is not done before it says so
		if _, left := m.gauge.rate(); left > 0 {
			s += ", " + remaining(left) + " left"
		}
		return s
	case k.State == show.CorpusIndexing:
		return "indexing"
	case k.Chunks > 0 || k.Files > 0:
		s := counted(k.Chunks, "passage")
		if n := m.session.missed(); n > 0 {
			s += fmt.Sprintf(", %s left out", counted(n, "file"))
		}
		return s
	}
	return ""
}

func (m *model) usage() (prompt, completion int) {
	if m.shown == nil {
		return 0, 0
	}
	return m.shown.view(m.at()).Usage()
}

// short writes a number of tokens: 412, 3.1k.
func short(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.1fk", float64(n)/1000)
}

// drawFooter shows the keys that do something here and now.
func (m *model) drawFooter(c *canvas.Canvas, r canvas.Rect) {
	t := &m.theme
	x := r.Min.X + 1
	hint := func(h [2]string) {
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h[0], t.Accent) + 1
		x += c.TextN(x, r.Min.Y, r.Max.X-x, h[1], t.Muted) + 3
	}
	width := func(h [2]string) int { return canvas.Width(h[0]) + 1 + canvas.Width(h[1]) }
	hints := m.hints()
	keep := func(h [2]string) bool { // the ways out, and the way to all the others, always have room
		return h[1] == "help" || h[1] == m.backLabel() || h[1] == m.focusLabel() && m.layout.boxed
	}
	said, full, room := map[string]bool{}, false, r.Max.X
	for _, h := range hints {
		if keep(h) && !said[h[1]] {
			said[h[1]] = true
			room -= width(h) + 3
		}
	}
	for _, h := range hints {
		switch {
		case keep(h) && said[h[1]]:
			said[h[1]] = false
			room += width(h) + 3
			hint(h)
		case keep(h) || said[h[1]] || full:
		case x+width(h) >= room:
			full = true
		default:
			said[h[1]] = true
			hint(h)
		}
	}
}

// hints are the keys for the footer, with what they do: those of what stands in front and takes all keys, or else of the focused
// part first.
func (m *model) hints() (out [][2]string) {
	switch {
	case m.overlay != nil:
		return [][2]string{{"↑↓", "select"}, {"↵", "choose"}, {"esc", "close"}}
	case m.panels.filtering && m.focus == keys.Timeline:
		return [][2]string{{"↵", "keep"}, {"esc", "clear"}, {"↑↓", "step"}}
	case m.formTyped():
		out = append(out, [2]string{"↵", "reply"}, [2]string{"esc", "later"})
		if !m.awaited() {
			out = [][2]string{{"↵", "send"}, {"esc", "close"}}
		}
		return append(out, m.hintsOf(keys.Anywhere)...)
	}
	return append(m.hintsOf(m.focus), m.hintsOf(keys.Anywhere)...)
}

func (m *model) hintsOf(s keys.Scope) (out [][2]string) {
	for _, b := range m.keys.In(s) {
		c := m.command(b.Command)
		word := b.Short
		if c.label != nil {
			word = c.label(m)
		}
		if word == "" || m.blocked(c) != "" || b.Command == "back" && s != keys.Anywhere { // esc closes everywhere, and is what one looks for
			continue
		}
		key := b.Key()
		switch b.Command { // one hint for a pair of keys
		case "select.up", "scroll.up":
			key = "↑↓"
		case "scrub.back":
			key = "←→"
		case "zoom.in":
			key = "+-"
		}
		if pair := pairs[b.Command]; pair != "" {
			key = m.pairKey(s, b, pair)
		}
		out = append(out, [2]string{key, word})
	}
	return out
}

// pairs are commands that the footer shows together with their opposite.
var pairs = map[string]string{"select.up": "select.down", "scroll.up": "scroll.down", "scrub.back": "scrub.forward", "zoom.in": "zoom.out"}

func (m *model) pairKey(s keys.Scope, b keys.Binding, opposite string) string {
	for _, o := range m.keys.In(s) {
		if o.Command == opposite {
			return b.Key() + o.Key()
		}
	}
	return b.Key()
}
