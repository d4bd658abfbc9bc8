package conversation

import (
	"fmt"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/sources"
	"weft/ui/theme"
)

// uncited is how many sources are listed for an answer that cites none.
const uncited = 2

// FoldRow is returned by Panel.Target in place of a source's index, for the row that counts the
// sources that are not listed.
const FoldRow = -2

// rows returns the indices of the sources that are listed: those that the answer cites first, then
// the others if the list is unfolded, otherwise FoldRow in place of the others.
func (e *Exchange) rows() (rows []int) {
	for i, s := range e.Sources {
		if s.Cited {
			rows = append(rows, i)
		}
	}
	cited := len(rows)
	for i, s := range e.Sources {
		if !s.Cited && (e.unfolded || cited == 0 && len(rows) < uncited || len(rows) == len(e.Sources)-1) {
			rows = append(rows, i)
		}
	}
	if len(rows) < len(e.Sources) {
		rows = append(rows, FoldRow)
	}
	return rows
}

// Folded returns how many sources are not listed.
func (e *Exchange) Folded() int {
	if rows := e.rows(); len(rows) > 0 && rows[len(rows)-1] == FoldRow {
		return len(e.Sources) - len(rows) + 1
	}
	return 0
}

// ToggleSources lists all sources, or only those that are cited.
func (e *Exchange) ToggleSources() { e.unfolded = !e.unfolded }

// drawSources draws the list from row y on, and returns the row after it. key is the key that lists
// all sources. hit is called with each row and its source.
func (e *Exchange) drawSources(c *canvas.Canvas, y int, t *theme.Theme, key string, hit func(y, source int)) int {
	w, h := c.Size()
	nums := 0
	for _, s := range e.Sources {
		nums = max(nums, len(fmt.Sprint(s.N)))
	}
	for _, i := range e.rows() {
		switch {
		case y < 0 || y >= h:
		case i == FoldRow:
			text := fmt.Sprintf("… %d more", e.Folded())
			if n := len(e.Sources) - e.Folded(); n > 0 && e.Sources[e.rows()[0]].Cited {
				text = fmt.Sprintf("… %s, not cited", plural(e.Folded(), "more source"))
			}
			c.TextN(margin, y, w-margin, text, t.Muted)
			if w > 30 {
				c.TextRight(margin, y, room(w), key, t.Accent)
			}
			hit(y, FoldRow)
		default:
			drawSource(c, y, nums, e.Sources[i], t)
			hit(y, i)
		}
		y++
	}
	return y
}

// drawSource draws [1] path:lines, the trail of headings, and the score.
func drawSource(c *canvas.Canvas, y, nums int, s show.Source, t *theme.Theme) {
	w, _ := c.Size()
	x := margin
	num := t.Muted
	if s.Cited {
		num = t.Citation
	}
	right := x + room(w)
	x += c.TextN(x, y, right-x, fmt.Sprintf("%*s ", nums+2, fmt.Sprintf("[%d]", s.N)), num)
	if w > 30 {
		right -= 5
		c.TextRight(right, y, 5, fmt.Sprintf("%.2f", s.Score), t.Muted)
		right--
	}
	where := canvas.TruncateLeft(sources.Where(s.Passage), right-x)
	st := t.Muted
	if s.Cited {
		st = t.Link
	}
	x += c.TextN(x, y, right-x, where, st)
	if trail := sources.Trail(s.Passage); trail != "" && right-x > 12 {
		c.TextN(x+2, y, right-x-2, trail, t.Faint)
	}
}
