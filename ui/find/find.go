// Package find finds words in what is drawn on a canvas.
package find

import (
	"strings"
	"unicode"

	"weft/ui/canvas"
)

// A Match is where a match is drawn: one rectangle of one row, or several where the text is wrapped.
type Match []canvas.Rect

// A place is the cell in which a rune is drawn.
type place struct{ x, y, w int }

// In returns the matches of a query in the text of a canvas, from top to bottom. Upper and lower
// case are the same, and so are one and several spaces. A line break counts as a space, so words
// that were wrapped are found. An empty query matches nothing.
func In(c *canvas.Canvas, query string) (matches []Match) {
	want := []rune(strings.ToLower(strings.Join(strings.Fields(query), " ")))
	if len(want) == 0 {
		return nil
	}
	text, places := read(c)
	for at := 0; at+len(want) <= len(text); at++ {
		if !equal(text[at:at+len(want)], want) {
			continue
		}
		matches = append(matches, cover(places[at:at+len(want)]))
		at += len(want) - 1
	}
	return matches
}

// read returns the text of a canvas, in lower case and with single spaces, and where each rune is.
func read(c *canvas.Canvas) (text []rune, places []place) {
	w, h := c.Size()
	space := true // nothing begins with a space
	for y := range h {
		for x := 0; x < w; x++ {
			g, _ := c.At(x, y)
			if strings.TrimSpace(g) == "" {
				if g != "" && !space { // the second cell of a wide character is empty
					text, places = append(text, ' '), append(places, place{x, y, 0})
					space = true
				}
				continue
			}
			for _, r := range g {
				text, places = append(text, unicode.ToLower(r)), append(places, place{x, y, max(canvas.Width(g), 1)})
			}
			space = false
		}
		if !space {
			text, places = append(text, ' '), append(places, place{w, y, 0})
			space = true
		}
	}
	return text, places
}

func equal(a, b []rune) bool {
	for i := range b {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// cover returns the rectangles around some cells, one for each row.
func cover(places []place) (m Match) {
	for _, p := range places {
		if p.w == 0 {
			continue
		}
		if n := len(m); n > 0 && m[n-1].Min.Y == p.y {
			m[n-1].Max.X = max(m[n-1].Max.X, p.x+p.w)
			continue
		}
		m = append(m, canvas.R(p.x, p.y, p.w, 1))
	}
	return m
}
