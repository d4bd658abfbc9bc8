package compare

import (
	"slices"
	"strings"
	"unicode"
)

// In says which of the two runs has something.
type In string

// The values of In.
const (
	Both  In = "both"
	OnlyA In = "A"
	OnlyB In = "B"
)

// A Piece is a stretch of two texts that are compared.
type Piece struct {
	In   In     `json:"in"`
	Text string `json:"text"`
}

// Words compares two texts word by word. The pieces in both and only in A, one after the other, are
// A; those in both and only in B are B, apart from spaces.
func Words(a, b string) []Piece { return pieces(splitWords(a), splitWords(b)) }

// Lines is Words with lines for words.
func Lines(a, b string) []Piece { return pieces(splitLines(a), splitLines(b)) }

// splitWords cuts a text into words with the spaces after them.
func splitWords(s string) (words []string) {
	from, space := 0, false
	for i, r := range s {
		if !unicode.IsSpace(r) && space {
			words = append(words, s[from:i])
			from = i
		}
		space = unicode.IsSpace(r)
	}
	if from < len(s) {
		words = append(words, s[from:])
	}
	return words
}

func splitLines(s string) []string {
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// mostEdits bounds the edits that are looked for: texts that differ in more of their words are shown
// one after the other.
const mostEdits = 1000

// pieces returns the shortest list of edits, by Myers' algorithm. Words are compared without the
// spaces around them.
func pieces(a, b []string) []Piece {
	equal := func(i, j int) bool { return strings.TrimSpace(a[i]) == strings.TrimSpace(b[j]) }
	n, m := len(a), len(b)
	var trace [][]int // for each number of edits, the furthest x on each diagonal
	v := []int{0, 0, 0}
	found := false
	for d := 0; d <= min(n+m, mostEdits) && !found; d++ {
		next := make([]int, 2*d+3) // diagonal k is at k+d+1
		for k := -d; k <= d; k += 2 {
			x := 0
			switch at := k + d; { // the diagonal k in v, whose d is one less
			case d == 0:
			case k == -d || k != d && v[at-1] < v[at+1]:
				x = v[at+1]
			default:
				x = v[at-1] + 1
			}
			for x < n && x-k < m && equal(x, x-k) {
				x++
			}
			next[k+d+1] = x
			if x >= n && x-k >= m {
				found = true
				break
			}
		}
		v = next
		trace = append(trace, next)
	}
	if !found {
		return compact([]Piece{{OnlyA, strings.Join(a, "")}, {OnlyB, strings.Join(b, "")}})
	}
	var back []Piece
	x, y := n, m
	for d := len(trace) - 1; d >= 0; d-- {
		k := x - y
		fromX, fromY := 0, 0
		down := false
		if d > 0 {
			prev := trace[d-1] // diagonal k is at k+(d-1)+1
			down = k == -d || k != d && prev[k+d-1] < prev[k+d+1]
			if down {
				fromX = prev[k+d+1]
				fromY = fromX - (k + 1)
			} else {
				fromX = prev[k+d-1]
				fromY = fromX - (k - 1)
			}
		}
		startX, startY := fromX, fromY // where the equal words begin
		if d > 0 && down {
			startY++
		} else if d > 0 {
			startX++
		}
		for x > startX && y > startY {
			x, y = x-1, y-1
			text := b[y]
			if len(a[x]) > len(text) { // the last word of b has no space after it
				text = a[x]
			}
			back = append(back, Piece{Both, text})
		}
		if d > 0 && down {
			back = append(back, Piece{OnlyB, b[fromY]})
		} else if d > 0 {
			back = append(back, Piece{OnlyA, a[fromX]})
		}
		x, y = fromX, fromY
	}
	slices.Reverse(back)
	return compact(back)
}

// compact joins neighbouring pieces of one kind. Between pieces that are in both, what is only in A
// comes before what is only in B.
func compact(ps []Piece) (out []Piece) {
	var only [2]strings.Builder
	flush := func() {
		for i, in := range []In{OnlyA, OnlyB} {
			if only[i].Len() > 0 {
				out = append(out, Piece{in, only[i].String()})
				only[i].Reset()
			}
		}
	}
	for _, p := range ps {
		switch {
		case p.In == OnlyA:
			only[0].WriteString(p.Text)
		case p.In == OnlyB:
			only[1].WriteString(p.Text)
		default:
			flush()
			if n := len(out); n > 0 && out[n-1].In == Both {
				out[n-1].Text += p.Text
			} else {
				out = append(out, p)
			}
		}
	}
	flush()
	return out
}
