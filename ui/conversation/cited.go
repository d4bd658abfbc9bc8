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
func (e *Exchange) rows() []int {
	rows := make([]int, 0, e.listRows())
	for _, cited := range []bool{true, false} {
		for i, s := range e.Sources {
			if s.Cited == cited && len(rows) < len(e.Sources)-e.folded() {
				rows = append(rows, i)
			}
		}
	}
	if e.folded() > 0 {
		rows = append(rows, FoldRow)
	}
	return rows
}

// listRows returns how many rows the list takes, without making it: heights are asked for often.
func (e *Exchange) listRows() int {
	if n := e.folded(); n > 0 {
		return len(e.Sources) - n + 1
	}
	return len(e.Sources)
}

// Citations returns the numbers of the sources that an answer cites, or may cite if it is not
// complete.
func Citations(from []show.Source, incomplete bool) (numbers []int) {
	for _, s := range from {
		if s.Cited || incomplete {
			numbers = append(numbers, s.N)
		}
	}
	return numbers
}

// cited returns how many sources the answer cites.
func (e *Exchange) cited() (n int) {
	for i := range e.Sources {
		if e.Sources[i].Cited {
			n++
		}
	}
	return n
}

// folded returns how many sources are not listed. A single one is listed, because the row that
// counts it would take as much room.
func (e *Exchange) folded() int {
	listed := e.cited()
	if listed == 0 {
		listed = uncited
	}
	if rest := len(e.Sources) - listed; rest > 1 && !e.unfolded {
		return rest
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
			text := fmt.Sprintf("… %d more", e.folded())
			if e.cited() > 0 {
				text += " sources, not cited"
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

// drawSource draws [1] path:lines, the trail of headings, and how relevant it is: in a word
// where that was judged, else the score.
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
		rated := fmt.Sprintf("%5.2f", s.Score)
		if s.Relevance != "" {
			rated = fmt.Sprintf("%6s", canvas.Head(string(s.Relevance), 6))
		}
		width := canvas.Width(rated)
		right -= width
		c.TextRight(right, y, width, rated, t.Muted)
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
