package markdown

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	xansi "github.com/charmbracelet/x/ansi"

	"weft/ui/canvas"
)

// numberSet returns a set of the numbers of citations: each as a character, for strings can be
// compared and are cheap to search.
func numberSet(numbers []int) string {
	var b strings.Builder
	for _, n := range numbers {
		b.WriteRune(rune(n))
	}
	return b.String()
}

// anyNumber returns the set of all numbers that a citation can have, for texts whose sources are not
// known yet.
var anyNumber = sync.OnceValue(func() string {
	var numbers []int
	for n := range 1000 {
		numbers = append(numbers, n)
	}
	return numberSet(numbers)
})

// citedIn returns the numbers of a set that occur in brackets in a piece. No other numbers affect
// how the piece looks, so pieces can be cached by these.
func citedIn(src, cited string) string {
	if cited == "" {
		return ""
	}
	var b strings.Builder
	for _, m := range numberLabel.FindAllStringSubmatch(src, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && strings.ContainsRune(cited, rune(n)) {
			b.WriteRune(rune(n))
		}
	}
	return b.String()
}

// escapedNumber matches a number in brackets whose first one is escaped: text that is quoted, not a
// citation.
var escapedNumber = regexp.MustCompile(`\\\[(\d{1,3}\\?\])`)

// escapeMark follows an escaped bracket until the citations are found. It takes no cell, and lines
// are not broken at it.
const escapeMark = "\u034f"

// markEscapes marks the escaped numbers in brackets, because the backslashes do not appear in what
// glamour returns.
func markEscapes(src string) string {
	if !strings.Contains(src, `\[`) {
		return src
	}
	return escapedNumber.ReplaceAllString(src, `\[`+escapeMark+"$1")
}

// A cell is the place of a cell in a block.
type cell struct{ x, y int }

// unmarkEscapes removes the marks from lines, and returns the cells of the brackets before them.
func unmarkEscapes(lines []string) (escaped []cell) {
	for y, line := range lines {
		for {
			before, after, found := strings.Cut(line, "["+escapeMark)
			if !found {
				break
			}
			escaped = append(escaped, cell{xansi.StringWidth(before), y})
			line = before + "[" + after
		}
		lines[y] = line
	}
	return escaped
}

// isCode reports whether a piece is only code, in which [1] is an index and not a citation.
func isCode(src string) bool {
	return strings.HasPrefix(src, "```") || strings.HasPrefix(src, "~~~") || strings.HasPrefix(src, "    ")
}

// isIdentifier reports whether a cell holds a character of an identifier.
func isIdentifier(b *canvas.Canvas, x, y int) bool {
	g, _ := b.At(x, y)
	r, _ := utf8.DecodeRuneInString(g)
	return r == '_' || unicode.IsDigit(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// cite applies the style of citations to those of a set in line y. A bracket directly behind a
// letter, a digit or an underscore is an index, such as argv[1]. No part of a link is a citation, and
// no escaped bracket.
func (r *Renderer) cite(b *canvas.Canvas, y int, cited string, escaped []cell) {
	width, _ := b.Size()
	for x := 0; x < width; x++ {
		if g, _ := b.At(x, y); g != "[" || b.Linked(x, y) || x > 0 && isIdentifier(b, x-1, y) || slices.Contains(escaped, cell{x, y}) {
			continue
		}
		end, n := x+1, rune(0)
		for end < width && end-x <= 3 {
			g, _ := b.At(end, y)
			if len(g) != 1 || g[0] < '0' || g[0] > '9' {
				break
			}
			n = n*10 + rune(g[0]-'0')
			end++
		}
		if g, _ := b.At(end, y); end > x+1 && g == "]" && strings.ContainsRune(cited, n) {
			b.Fade(canvas.R(x, y, end+1-x, 1), r.look.Cite)
			x = end
		}
	}
}
