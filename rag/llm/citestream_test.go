package llm

import (
	"runtime"
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

// TestTheWorkOfAStreamGrowsWithItsText compares the memory that a short and a long answer take.
func TestTheWorkOfAStreamGrowsWithItsText(t *testing.T) {
	for name, piece := range map[string]string{
		"paragraphs": "Replace the filter [Source: 1]. See argv[1] and [2].\n\n",
		"one line":   "Replace the filter [Source: 1]. See argv[1] and [2]. ",
		"code":       "x[1] = y[2]\n",
	} {
		allocated := func(pieces int) uint64 {
			s := NewCiteStream(given, func(string) {})
			if name == "code" {
				s.Add("```\n")
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range pieces {
				s.Add(piece)
			}
			s.End()
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		short, long := allocated(200), allocated(800)
		if long > 7*short {
			t.Errorf("%s: %d bytes for an answer, and %d for one of four times the length", name, short, long)
		}
	}
}

func TestALongAnswerIsNormalisedToItsEnd(t *testing.T) {
	text := strings.Repeat("The filter is replaced [Source: 1]; `argv[1]` is its name.\n\n```\nx[Source: 1]\n```\n\n", 300)
	got := ""
	s := NewCiteStream(given, func(piece string) { got += piece })
	for piece := range slices.Chunk([]rune(text), 7) {
		s.Add(string(piece))
	}
	s.End()
	if want := Cite(text, given).Text; got != want {
		t.Errorf("got %d bytes, want %d; %d citations are as written", len(got), len(want), strings.Count(got, "Source: 1")-300)
	}
}
