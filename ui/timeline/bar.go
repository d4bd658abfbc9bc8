package timeline

import (
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/theme"
)

// A cell of a row under construction. Where two things fall on one cell, the higher weight wins.
type cell struct {
	g      string
	st     theme.Style
	weight uint8
}

// The weights of cells, from the lowest.
const (
	waits uint8 = iota + 1 // queued, pending or retrying
	words                  // labels, whose text is kept separately in brush.texts
	marks                  // ◆
	works                  // bars
	fails                  // failed attempts
)

var (
	eighths = [...]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}
	heights = [...]string{"", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
)

// A brush paints the work of one row.
type brush struct {
	th     *theme.Theme
	labels bool // events show their names
	v      run.View
	a      *axis
	cells  []cell
	texts  []label       // the text of the cells that hold words
	until  time.Duration // the moment that is shown
	now    int           // column of that moment; negative if it is not visible
	dim    bool
	only   *run.Execution // in a row of many executions, the only one to paint; nil: all
	path   *criticalPath  // nil: the critical path is not shown
}

// A label is text among the cells of time. It is kept apart from them because a symbol may be wider
// than a cell.
type label struct {
	x    int
	text string
	st   theme.Style
}

func (b *brush) set(x int, g string, st theme.Style, weight uint8) {
	if x >= 0 && x < len(b.cells) && b.cells[x].weight < weight {
		if b.dim && weight != fails {
			st = b.th.Faint
		}
		b.cells[x] = cell{g, st, weight}
	}
}

// lane paints the work of a step, or of one of its workers (by number; 0 means all): span by span
// where they can be distinguished, otherwise as density.
func (b *brush) lane(l *run.Lane, step *run.Step, worker int) {
	begin, end := b.a.edge(0), b.a.edge(b.a.w)
	i, j := l.Window(b.v, begin, end)
	queued := l.Until(b.v, begin).In[run.Queued]
	if l.Peak(b.v) > 1 || (j-i)*5 > b.a.w || queued > 16 {
		b.density(l, float64(l.Peak(b.v)), step, worker)
		return
	}
	for s := range l.Spans(b.v, i-32, j) {
		b.span(s)
	}
	if b.only != nil {
		b.dim = false
	}
}

// span paints one span.
func (b *brush) span(s run.Span) {
	from, to := b.v.Time(s.From), b.until
	if s.To != 0 {
		to = b.v.Time(s.To)
	}
	x0, x1 := b.a.col(from), b.a.col(to)
	if x1 < 0 || x0 >= float64(b.a.w) {
		return
	}
	th := b.th
	if b.only != nil {
		b.dim = s.Execution != b.only
	}
	switch {
	case s.Phase == run.Queued:
		// While the run is paused, the execution waits for a person and not for a worker
		for _, h := range b.v.Paused(from, to) {
			b.line(b.a.col(h.From), b.a.col(h.To), status.Waiting.Bar(), status.Waiting.Style(th), waits)
		}
		b.line(x0, x1, status.Queued.Bar(), status.Queued.Style(th), waits)
	case s.Phase == run.Backoff:
		b.line(x0, x1, status.Retrying.Bar(), status.Retrying.Style(th), waits)
	case s.Phase == run.Pending:
		b.line(x0, x1, status.Queued.Bar(), status.Queued.Style(th), waits)
		if s.End == run.Failed {
			b.seen(x1, x1, status.Failed.Bar(), status.Failed.Style(th), fails)
		}
	case s.Phase == run.Waiting:
		b.seen(x0, x1, status.Waiting.Bar(), status.Waiting.Style(th), works)
	case s.Phase == run.Running && s.End == run.Failed:
		b.seen(x0, x1, status.Failed.Bar(), status.Failed.Style(th), fails)
		b.tries(s, from, to)
	case s.Phase == run.Running && b.path != nil && !b.path.has(s.Execution):
		b.seen(x0, x1, "░", th.Faint, works)
	case s.Phase == run.Running:
		st := th.Running
		switch {
		case b.path != nil:
			st = th.Critical
		case s.To != 0 && s.End == run.Cancelled:
			st = th.Cancelled
		}
		b.block(x0, x1, st)
		if t, ok := s.Execution.FirstToken(b.v, s.Attempt); ok && t >= from && t <= to {
			b.tokens(s, t, to)
		}
		b.tries(s, from, to)
	}
}

// tries marks within a bar the requests to a model that failed, and the pauses before the next
// request.
func (b *brush) tries(s run.Span, from, to time.Duration) {
	th := b.th
	ts := s.Execution.Tries(b.v)
	if len(ts) < 2 {
		return
	}
	for _, t := range ts {
		if t.Next == 0 || t.From < from || t.To > to {
			continue
		}
		x0, x1 := b.a.col(t.To), b.a.col(min(t.Next, to))
		end := int(math.Round(x1))
		if t.Next >= to { // no request follows within the span: the pause fills the last cell
			end = int(x1) + 1
		}
		for x := max(0, int(math.Round(x0))); x < min(b.a.w, end); x++ {
			b.cells[x] = cell{} // clear the bar, which was painted before
		}
		b.line(x0, x1, status.Retrying.Bar(), status.Retrying.Style(th), works)
	}
	for _, t := range ts {
		if t.Failed && t.From >= from && t.To <= to {
			b.seen(b.a.col(t.From), b.a.col(t.To), status.Failed.Bar(), status.Failed.Style(th), fails)
		}
	}
}

func (b *brush) line(x0, x1 float64, g string, st theme.Style, weight uint8) {
	for x := int(math.Round(x0)); x < int(math.Round(x1)); x++ {
		b.set(x, g, st, weight)
	}
}

// seen is line for stretches that must be visible however short they are: it paints at least the
// cell in which they begin.
func (b *brush) seen(x0, x1 float64, g string, st theme.Style, weight uint8) {
	if math.Round(x1) <= math.Round(x0) {
		b.set(int(x0), g, st, weight)
		return
	}
	b.line(x0, x1, g, st, weight)
}

// block paints a bar whose right end is exact to an eighth of a cell and whose left end is exact to
// a half. It paints at least one cell.
func (b *brush) block(x0, x1 float64, st theme.Style) {
	x0 = max(x0, 0)
	c0, c1 := int(x0), int(x1)
	if c0 == c1 {
		b.set(c0, eighths[max(1, int(math.Round((x1-x0)*8)))], st, works)
		return
	}
	switch f := x0 - float64(c0); {
	case f < 0.25:
		b.set(c0, "█", st, works)
	case f < 0.75 || x1-x0 < 1:
		b.set(c0, "▐", st, works)
	}
	for x := c0 + 1; x < c1; x++ {
		b.set(x, "█", st, works)
	}
	if e := int(math.Round((x1 - float64(c1)) * 8)); e > 0 {
		b.set(c1, eighths[e], st, works)
	}
}

// minRateSpan is the shortest stretch over which a rate of tokens is measured.
const minRateSpan = 300 * time.Millisecond

// tokens replaces the part of a bar in which a model writes by its rate of tokens, relative to the
// highest rate in that part.
func (b *brush) tokens(s run.Span, first, to time.Duration) {
	th := b.th
	c0, c1 := max(0, int(b.a.col(first))), min(b.a.w-1, int(b.a.col(to)))
	if c1 < c0 {
		return
	}
	rates, best := make([]float64, c1-c0+1), 0.0
	for i := range rates {
		from, until := b.a.edge(c0+i), b.a.edge(c0+i+1)
		// A column shorter than the interval between tokens would only show noise.
		if d := minRateSpan - (until - from); d > 0 {
			from, until = from-d/2, until+d/2
		}
		from, until = max(from, first), min(until, to)
		n := s.Execution.Tokens(b.v, s.Attempt, from, until+1)
		if d := until - from; i == 0 || float64(d) > b.a.per*0.4 {
			rates[i] = n / float64(max(d, 1))
		} else {
			rates[i] = rates[i-1] // too little of the column to measure
		}
		best = max(best, rates[i])
	}
	for i, r := range rates {
		g := heights[1]
		if best > 0 {
			g = heights[1+int(math.Round(r/best*6))]
		}
		if x := c0 + i; b.cells[x].weight <= works {
			b.cells[x].weight = 0
			b.set(x, g, th.Tokens, works)
		}
	}
	if b.a.col(first)-b.a.col(b.v.Time(s.From)) >= 2 && c0 > 0 && c1 > c0+1 {
		b.cells[c0].weight = 0
		b.set(c0, "╎", th.Now, works)
	}
}

// parent paints the line of a workflow over every cell in which a bar of its steps may be visible,
// except the line of the present.
func (b *brush) parent(from, to time.Duration) {
	st := b.th.Parent
	x0, x1 := b.a.col(from), b.a.col(to)
	if x1 < 0 || x0 >= float64(b.a.w) {
		return
	}
	x0 = math.Floor(max(x0, 0))
	// The last cell counts where a bar with this end would paint it
	if x1-math.Floor(x1) >= 1.0/16 && int(x1) != b.now {
		x1++
	}
	b.seen(x0, math.Floor(x1), "━", st, works)
}

// events paints the events that were sent, and their names where there is room.
func (b *brush) events(sent []int) {
	th := b.th
	begin, end := max(0, b.a.edge(0)), b.a.edge(b.a.w)
	time := func(i int) time.Duration { return b.v.Time(sent[i]) }
	i := sort.Search(len(sent), func(i int) bool { return time(i) >= begin })
	var placed []int
	var names []string
	// since is the first event that has no diamond yet. Events that a bar covers are named at the
	// next visible diamond.
	since := i
	for i < len(sent) && time(i) <= end {
		x := int(b.a.col(time(i)))
		next := b.a.edge(x + 1)
		j := i + 1 + sort.Search(len(sent)-i-1, func(k int) bool { return time(i+1+k) >= next })
		i = j
		if x >= 0 && x < b.a.w && b.cells[x].weight >= works {
			x++
		}
		if x < 0 || x >= b.a.w || b.cells[x].weight >= marks {
			continue
		}
		b.set(x, "◆", th.Event, marks)
		placed, names = append(placed, x), append(names, b.named(sent[since:i]))
		since = i
	}
	if !b.labels {
		return
	}
	for i, x := range placed {
		b.write(x+1, " "+names[i], th.Muted, 6)
	}
}

// maxTyped is how many events of one diamond are checked for types that differ from the first.
const maxTyped = 16

// named returns the name of a diamond: the type of its events with their number, or the types if
// there are several.
func (b *brush) named(sent []int) string {
	var types []string
	for _, at := range sent[:min(len(sent), maxTyped)] {
		if t := b.v.Record(at).Type; !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	if len(types) > 1 {
		return strings.Join(types, ", ")
	}
	if len(sent) > 1 {
		return types[0] + " ×" + count(len(sent))
	}
	return types[0]
}

// write writes text at column x if there is room for all of it, or for at least least cells of it.
// It reports whether it did.
func (b *brush) write(x int, text string, st theme.Style, least int) bool {
	if x < 0 {
		return false
	}
	free := 0
	for x+free < b.a.w && b.cells[x+free].weight < words && (x+free != b.now || x > b.now) {
		free++
	}
	if x+free < b.a.w {
		free-- // leave a blank before the next mark
	}
	short := canvas.Truncate(text, free)
	n := canvas.Width(short)
	if n == 0 || n < least && short != canvas.Line(text) {
		return false
	}
	for i := range n {
		b.set(x+i, "", st, words)
	}
	if b.dim {
		st = b.th.Faint
	}
	if x+n < b.a.w { // blank the cell after the word, so that the line of a tick does not touch it
		b.set(x+n, "", st, words)
		short += " "
	}
	b.texts = append(b.texts, label{x, short, st})
	return true
}

// begin returns the first column that is painted.
func (b *brush) begin() int {
	for x, c := range b.cells {
		if c.weight > 0 {
			return x
		}
	}
	return 0
}

// end returns the column after the last that is painted.
func (b *brush) end() int {
	for x := len(b.cells) - 1; x >= 0; x-- {
		if b.cells[x].weight > 0 {
			return x + 1
		}
	}
	return 0
}

// between paints the times in which an execution that runs a sub-workflow waited for a worker or
// for its next attempt.
func (b *brush) between(e *run.Execution) {
	for s := range e.Spans(b.v) {
		if s.Phase == run.Queued || s.Phase == run.Backoff {
			b.span(s)
		}
	}
}
