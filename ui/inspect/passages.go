package inspect

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/sources"
)

// location returns the location of a passage in its document.
func location(p show.Passage) string {
	s := p.Path
	switch {
	case p.Line > 0 && p.EndLine > p.Line:
		s += fmt.Sprintf(":%d–%d", p.Line, p.EndLine)
	case p.Line > 0:
		s += fmt.Sprintf(":%d", p.Line)
	case p.Place != "":
		s += " " + p.Place
	}
	return s
}

type spot struct {
	path string
	line int
	text string
}

func where(p show.Passage) spot { return spot{p.Path, p.Line, p.Text} }

// passages writes a list of passages; if brief is set, only the first few, in one line each. before
// is the list that the step received, to show how the order changed.
func (b *builder) passages(ps, before []show.Passage, path string, brief bool) {
	best := 0.0
	for _, p := range ps {
		best = max(best, p.Score)
	}
	was := map[spot]int{}
	for i, p := range before {
		if _, twice := was[where(p)]; !twice {
			was[where(p)] = i
		}
	}
	shown := 30
	if brief {
		shown = 5
	}
	for i, pa := range ps {
		if i == shown && !b.fold(path+"/more", false, p(fmt.Sprintf("%d more", len(ps)-shown), b.th.Muted)) {
			return
		}
		b.passage(i, pa, best, before, was, fmt.Sprintf("%s/p%d", path, i), brief)
	}
	if n := len(before) - len(ps); n > 0 && len(ps) > 0 {
		b.add(p(fmt.Sprintf("%d were dropped", n), b.th.Faint))
	}
}

func (b *builder) passage(i int, pa show.Passage, best float64, before []show.Passage, was map[spot]int, path string, brief bool) {
	th := b.th
	title := []part{p(fmt.Sprintf("%2d ", i+1), th.Muted), p(score(pa.Score), th.Strong), p(" "+gauge(pa.Score, best)+" ", th.Tokens)}
	if len(before) > 0 {
		change, st := "new  ", th.Event
		if k, ok := was[where(pa)]; ok {
			switch {
			case k > i:
				change, st = fmt.Sprintf("▲%d", k-i), th.Done
			case k < i:
				change, st = fmt.Sprintf("▼%d", i-k), th.Failed
			default:
				change, st = "=", th.Faint
			}
			if before[k].Score != pa.Score {
				change = fmt.Sprintf("%-3s from %s", change, score(before[k].Score))
			}
			change += " "
		}
		title = append(title, p(change+" ", st))
	}
	used := b.indent + 2
	for _, t := range title {
		used += canvas.Width(t.text)
	}
	title = append(title, p(canvas.TruncateLeft(location(pa), max(8, b.w-used)), th.Link))
	open := b.fold(path, false, title...)
	b.lines[len(b.lines)-1].target = Target{Path: pa.Path, Line: pa.Line}
	if brief && !open {
		b.lines[len(b.lines)-1].parts = append(b.lines[len(b.lines)-1].parts, p("  "+snippet(pa), th.Faint))
		return
	}
	b.indent += 5
	if pa.Relevance != "" {
		b.add(p(canvas.Head(judged(pa), b.w), th.Muted))
	}
	if len(pa.Heading) > 0 {
		b.add(p(canvas.Head(strings.Join(pa.Heading, " › "), b.w), th.Muted))
	}
	if open {
		b.text(sources.Plain(pa), th.Text, 60)
		if why := reasons(pa.Why); why != "" {
			b.text(why, th.Muted, 6)
		}
	} else {
		b.add(p(canvas.Truncate(snippet(pa), max(8, b.w-b.indent)), th.Faint))
	}
	b.indent -= 5
}

// snippet returns the beginning of a passage's text in one line, without the headings that are
// shown next to it.
func snippet(pa show.Passage) string {
	text := canvas.Head(pa.Text, 500)
	if len(pa.Heading) > 0 {
		for strings.HasPrefix(text, "#") {
			_, text, _ = strings.Cut(text, "\n")
			text = strings.TrimLeft(text, "\n")
		}
	}
	pa.Text = text
	var words []string
	for line := range strings.Lines(sources.Plain(pa)) {
		words = append(words, strings.Fields(line)...)
		if len(words) > 60 {
			break
		}
	}
	return strings.Join(words, " ")
}

// score formats a score in four cells or slightly more.
func score(s float64) string {
	switch {
	case math.IsNaN(s) || math.IsInf(s, 0):
		return "  ? "
	case math.Abs(s) < 0.01 && s != 0:
		return fmt.Sprintf("%.4f", s)
	case math.Abs(s) < 10:
		return fmt.Sprintf("%.2f", s)
	}
	return fmt.Sprintf("%4.0f", s)
}

// gauge draws a score as a bar of five cells, relative to the best.
func gauge(s, best float64) string {
	if best <= 0 || math.IsNaN(s) {
		return "     "
	}
	n := int(min(max(s/best, 0), 1)*10 + 0.5)
	if s > 0 {
		n = max(n, 1)
	}
	bar := strings.Repeat("━", n/2)
	if n%2 > 0 {
		bar += "╸"
	}
	return bar + strings.Repeat(" ", 5-canvas.Width(bar))
}

// reasons formats the parts of a score: vector 0.81 · keyword 7.2.
func reasons(why json.RawMessage) string {
	var m map[string]any
	if json.Unmarshal(why, &m) != nil {
		return ""
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		switch v := m[k].(type) {
		case float64:
			parts = append(parts, fmt.Sprintf("%s %s", k, strings.TrimSpace(score(v))))
		case string:
			parts = append(parts, k+" "+v)
		case bool:
			parts = append(parts, fmt.Sprintf("%s %t", k, v))
		default:
			if j, err := json.Marshal(v); err == nil {
				parts = append(parts, k+" "+string(j))
			}
		}
	}
	return strings.Join(parts, " · ")
}

// judged returns the relevance of a passage with its reason.
func judged(pa show.Passage) string {
	if pa.Reason == "" {
		return canvas.Line(string(pa.Relevance))
	}
	return canvas.Line(string(pa.Relevance) + ": " + pa.Reason)
}
