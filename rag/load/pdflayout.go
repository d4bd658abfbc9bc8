package load

import (
	"slices"
	"unicode"
)

// layout returns the lines of a page in reading order: columns one after the other, rows of tables
// whole, and text in less frequent directions at the end.
func (raw *pdfRaw) layout() (lines []pdfLine) {
	counts := [4]int{}
	for _, g := range raw.glyphs {
		counts[raw.styles[g.style].direction]++
	}
	directions := []int8{0, 1, 2, 3}
	slices.SortStableFunc(directions, func(a, b int8) int { return counts[b] - counts[a] })
	o := ordering{headings: raw.headings}
	for _, d := range directions {
		if counts[d] > 0 {
			o.order(rowsOf(raw.words(d)), 0)
			o.column++
		}
	}
	return o.lines
}

// An ordering collects the lines of a page in reading order.
type ordering struct {
	headings map[int]int
	lines    []pdfLine
	column   int
}

// The limits of the search for columns. Without them scattered labels, as on a map, would make it
// slow.
const (
	maxColumnDepth   = 4 // levels of columns within columns
	maxNestedColumns = 2 // levels of further columns on one side of a gutter
	maxGutters       = 8 // positions that are tried as a gutter
)

// order appends the lines of rows. Where a strip stays empty over many rows and both sides of it
// are lines of text, the sides are columns and read one after the other; other rows are read
// across.
func (o *ordering) order(rows []pdfRow, depth int) {
	if depth < maxColumnDepth {
		if from, to, x := gutter(rows, maxNestedColumns); to > from {
			o.order(rows[:from], depth+1)
			o.column++
			left, right := cutRows(rows[from:to], x)
			o.order(left, depth+1)
			o.column++
			o.order(right, depth+1)
			o.column++
			o.order(rows[to:], depth+1)
			return
		}
	}
	for _, r := range rows {
		if l := r.line(o.headings); l.Text != "" {
			l.Column = o.column
			o.lines = append(o.lines, l)
		}
	}
}

// cutRows splits rows at x, between their segments.
func cutRows(rows []pdfRow, x float32) (left, right []pdfRow) {
	for _, r := range rows {
		at := 0
		for at < len(r.segments) && r.segments[at].x0 < x {
			at++
		}
		if at > 0 {
			left = append(left, pdfRow{r.y, r.size, r.segments[:at]})
		}
		if at < len(r.segments) {
			right = append(right, pdfRow{r.y, r.size, r.segments[at:]})
		}
	}
	return left, right
}

// The minimum requirements for columns of text.
const (
	minColumnRows    = 4
	minIndexRows     = 20   // for narrow columns, such as those of an index
	minColumnLetters = 14   // average number of letters in a line
	minIndexLetters  = 6    // the same for narrow columns
	minGutter        = 0.9  // width of the gutter, as a multiple of the type size
	minColumnWidth   = 0.15 // of the text's width
)

// gutter returns the strip between two columns that divides the most rows: rows[from:to], divided
// at x. from equals to when there is none. nested is how many further levels of columns one side
// may have.
func gutter(rows []pdfRow, nested int) (from, to int, x float32) {
	if len(rows) < minColumnRows {
		return 0, 0, 0
	}
	left, right, size := bounds(rows)
	width := right - left
	if width <= 0 || size <= 0 {
		return 0, 0, 0
	}
	// The number of segments that cover each strip of the width: gutters are minima.
	const bins = 200
	var covers [bins + 1]int
	bin := func(x float32) int { return min(max(int((x-left)/width*bins), 0), bins) }
	for _, r := range rows {
		for _, s := range r.segments {
			for b := bin(s.x0); b <= bin(s.x1); b++ {
				covers[b]++
			}
		}
	}
	type place struct {
		x      float32
		covers int
	}
	var places []place
	most := slices.Max(covers[:])
	for b := bins / 10; b < bins*9/10; b++ {
		if covers[b] > most*6/10 || covers[b] > covers[b+1] || covers[b] > covers[b-1] {
			continue
		}
		first := b
		for b < bins && covers[b+1] == covers[first] {
			b++
		}
		places = append(places, place{left + width*(float32(first+b)/2+0.5)/bins, covers[first]})
	}
	slices.SortStableFunc(places, func(a, b place) int { return a.covers - b.covers })
	best := 0
	for _, p := range places[:min(len(places), maxGutters)] {
		for _, run := range clearRuns(rows, p.x, size*minGutter/2) {
			if run[1]-run[0] > best && areColumns(rows[run[0]:run[1]], p.x, width, nested) {
				from, to, x, best = run[0], run[1], p.x, run[1]-run[0]
			}
		}
	}
	return from, to, x
}

// bounds returns the left and right ends of rows and their median type size.
func bounds(rows []pdfRow) (left, right, size float32) {
	sizes := make([]float32, len(rows))
	left, right = rows[0].segments[0].x0, rows[0].segments[0].x1
	for i, r := range rows {
		sizes[i] = r.size
		for _, s := range r.segments {
			left, right = min(left, s.x0), max(right, s.x1)
		}
	}
	slices.Sort(sizes)
	return left, right, sizes[len(sizes)/2]
}

// clearRuns returns the runs of rows, as [from, to), in which no segment comes closer to x than
// distance.
func clearRuns(rows []pdfRow, x, distance float32) (runs [][2]int) {
	start := 0
	for i := 0; i <= len(rows); i++ {
		crossed := i == len(rows)
		if !crossed {
			crossed = slices.ContainsFunc(rows[i].segments,
				func(s pdfSegment) bool { return s.x0 < x+distance && s.x1 > x-distance })
		}
		if crossed {
			if i-start >= minColumnRows {
				runs = append(runs, [2]int{start, i})
			}
			start = i + 1
		}
	}
	return runs
}

// areColumns reports whether both sides of x are columns of text rather than cells of a table.
func areColumns(rows []pdfRow, x, width float32, nested int) bool {
	a, b := cutRows(rows, x)
	left, right := measure(a), measure(b)
	if min(left.lines, right.lines) < minColumnRows || min(left.width, right.width) < minColumnWidth*width {
		return false
	}
	for _, side := range [][]pdfRow{a, b} {
		// Several segments in a line are cells of a table, unless this side has further columns.
		if m := measure(side); m.segments > 1.4 {
			if nested == 0 {
				return false
			}
			if from, to, _ := gutter(side, nested-1); (to-from)*10 < m.lines*6 {
				return false
			}
		}
	}
	if min(left.letters, right.letters) >= minColumnLetters && min(left.full, right.full) >= 0.45 &&
		min(left.dense, right.dense) >= 0.6 {
		return true
	}
	similar := min(left.width, right.width) > 0.5*max(left.width, right.width)
	return similar && min(left.lines, right.lines) >= minIndexRows &&
		min(left.letters, right.letters) >= minIndexLetters &&
		min(left.dense, right.dense) >= 0.6 && min(left.words, right.words) >= 1.5
}

// A columnMeasure holds statistics of the lines of a column.
type columnMeasure struct {
	lines    int
	width    float32
	letters  float64 // average per line, as are words and segments
	words    float64
	segments float64
	full     float64 // share of lines that are nearly as wide as the column
	dense    float64 // share of lines that follow the previous one without a gap
}

func measure(rows []pdfRow) (m columnMeasure) {
	if m.lines = len(rows); m.lines == 0 {
		return m
	}
	left, right, size := bounds(rows)
	m.width = right - left
	letters, words, segments, full, dense := 0, 0, 0, 0, 1
	for i, r := range rows {
		segments += len(r.segments)
		for _, s := range r.segments {
			words += len(s.words)
			for _, w := range s.words {
				if unicode.IsLetter(w.text[0]) || len(w.text) > 1 {
					letters += len(w.text)
				}
			}
		}
		if last := r.segments[len(r.segments)-1]; last.x1-r.segments[0].x0 >= 0.8*m.width {
			full++
		}
		if i > 0 && rows[i-1].y-r.y < 2*size {
			dense++
		}
	}
	n := float64(m.lines)
	m.letters, m.words, m.segments = float64(letters)/n, float64(words)/n, float64(segments)/n
	m.full, m.dense = float64(full)/n, float64(dense)/n
	return m
}
