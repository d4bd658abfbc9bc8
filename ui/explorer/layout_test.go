package explorer

import (
	"testing"

	"pgregory.net/rapid"

	"weft/ui/canvas"
)

func TestEverySizeHasALayoutWithoutOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 260).Draw(t, "w"), rapid.IntRange(1, 80).Draw(t, "h")
		k := contents{
			alone: part(rapid.IntRange(0, 3).Draw(t, "alone")), rows: rapid.IntRange(0, 200).Draw(t, "rows"), lines: rapid.IntRange(0, 40).Draw(t, "lines"),
			form: rapid.Bool().Draw(t, "form"), detail: rapid.Bool().Draw(t, "detail"), note: rapid.IntRange(0, 3).Draw(t, "note"),
		}
		l := arrange(w, h, k)
		screen, area := canvas.R(0, 0, w, h), 0
		all := []canvas.Rect{l.header, l.timeline, l.conversation, l.detail, l.line, l.note, l.footer}
		for i, r := range all {
			if !r.In(screen) {
				t.Fatalf("%v is outside of %d×%d: %+v", r, w, h, l)
			}
			area += r.Dx() * r.Dy()
			for _, o := range all[i+1:] {
				if r.Overlaps(o) {
					t.Fatalf("%v overlaps %v at %d×%d: %+v", r, o, w, h, l)
				}
			}
		}
		if area != w*h {
			t.Fatalf("%d of %d cells are used at %d×%d with %+v: %+v", area, w*h, w, h, k, l)
		}
	})
}

func TestTheLayoutOfTheSizesThatMatter(t *testing.T) {
	run := contents{rows: 5, lines: 1}
	for _, c := range []struct {
		w, h                         int
		k                            contents
		shape                        shape
		timeline, conversation, line int // heights of the parts
	}{
		{1, 1, run, tiny, 0, 0, 0},
		{39, 9, run, tiny, 0, 7, 1},
		{59, 14, run, compact, 5, 6, 1},
		{80, 24, run, stacked, 7, 12, 3},
		{80, 24, contents{lines: 1}, stacked, 0, 19, 3},
		{80, 24, contents{lines: 3, rows: 40}, stacked, 9, 8, 5},
		{80, 24, contents{alone: timelinePart, rows: 5, lines: 1}, stacked, 22, 0, 0},
		{120, 30, run, stacked, 7, 18, 3},
		{200, 50, run, wide, 8, 45, 3},
	} {
		l := arrange(c.w, c.h, c.k)
		if l.shape != c.shape || l.timeline.Dy() != c.timeline || l.conversation.Dy() != c.conversation || l.line.Dy() != c.line {
			t.Errorf("%d×%d %+v: shape %d, timeline %d, conversation %d, line %d rows", c.w, c.h, c.k, l.shape, l.timeline.Dy(), l.conversation.Dy(), l.line.Dy())
		}
	}
}
