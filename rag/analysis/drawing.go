package analysis

import (
	"strings"
	"unicode/utf8"
)

// The minimum number of marks, and of consecutive marks, of a drawing.
const (
	fewMarks = 16
	shortRow = 4
)

// Drawings returns the byte ranges of the code blocks in a text that are drawings: at least a third
// of the visible characters of their lines with words are bars, boxes and arrows. The words of a
// drawing are labels, which carry little meaning outside it.
func Drawings(text string) (ranges [][2]int) {
	if n, row := marks(text); n < fewMarks || row < shortRow { // nearly every text has no drawing: return early
		return nil
	}
	for _, s := range Sentences(text) {
		if s.Block == Code && drawn(text[s.Start:s.End]) {
			ranges = append(ranges, [2]int{s.Start, s.End})
		}
	}
	return ranges
}

func drawn(block string) bool {
	drawing, seen := 0, 0
	for line := range strings.Lines(block) {
		if !strings.ContainsFunc(line, wordRune) { // a line without words, such as a table rule
			continue
		}
		n, _ := marks(line)
		drawing += n
		for _, r := range line {
			if r > ' ' {
				seen++
			}
		}
	}
	n, row := marks(block)
	return n >= fewMarks && row >= shortRow && 3*drawing >= seen
}

// marks returns the number of characters that drawings are made of, and the length of the longest
// run.
func marks(text string) (n, longest int) {
	row := 0
	for i := 0; i < len(text); {
		mark, size := false, 1
		if c := text[i]; c < utf8.RuneSelf {
			mark = asciiMarks[c]
		} else {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			// Arrows; lines, blocks and shapes; braille patterns.
			mark = r >= 0x2190 && r <= 0x21FF || r >= 0x2500 && r <= 0x25FF || r >= 0x2800 && r <= 0x28FF
		}
		if i += size; !mark {
			row = 0
			continue
		}
		n++
		row++
		longest = max(longest, row)
	}
	return n, longest
}

var asciiMarks = func() (set [utf8.RuneSelf]bool) {
	for _, c := range []byte(`-_=+|/\~^*#<>`) {
		set[c] = true
	}
	return set
}()

// HasText reports whether a passage has any text apart from headings and drawings.
func HasText(text string) bool {
	drawings := Drawings(text)
	for _, s := range Sentences(text) {
		switch {
		case s.Block == Heading:
		case len(drawings) > 0 && drawings[0][0] == s.Start:
			drawings = drawings[1:]
		default:
			return true
		}
	}
	return false
}
