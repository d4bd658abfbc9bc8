package llm

import (
	"slices"
	"strings"
	"testing"
)

// TestAStreamedAnswerIsTheFinalOne checks that the streamed text equals the final text, so that the
// text on the screen need not be replaced at the end.
func TestAStreamedAnswerIsTheFinalOne(t *testing.T) {
	for _, in := range []string{
		"Replace the filter [Source: 1]. It is 42,000 euros [7]. It lasts [1, 2] and [report.pdf, page 3].",
		"The range is [0, 1], ids match [0-9]+ and argv[1] is the name; see RFC [12]. Done [1].",
		"A file search【1:0†install.md】 and (source 2).\n\n```\nx[1]\n```\n\n- an open [bracket\n- and [2]",
		"A [long bracket that is no citation but holds many words " + strings.Repeat("and more ", 60) + "] end [1]",
		"No brackets at all.  \n\nTwo paragraphs. ",
	} {
		for size := 1; size <= 9; size += 2 {
			got, pieces, first := "", 0, ""
			s := NewCiteStream(given, func(text string) {
				if pieces++; pieces == 1 {
					first = text
				}
				got += text
			})
			for piece := range slices.Chunk([]rune(in), size) {
				s.Add(string(piece))
			}
			s.End()
			if want := Cite(in, given).Text; got != want || len(first) > 2*size {
				t.Errorf("in pieces of %d, the first %q:\n got %q\nwant %q", size, first, got, want)
			}
		}
	}
}
