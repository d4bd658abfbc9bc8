package analysis

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSentencesAreCut(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"One. Two! Three? Four", []string{"One.", "Two!", "Three?", "Four"}},
		{"Dr. Smith met J. Doe, e.g. in Fig. 3. Then he left.", []string{"Dr. Smith met J. Doe, e.g. in Fig. 3.", "Then he left."}},
		{"Version 1.5.2 is out. It is v0.7.0.", []string{"Version 1.5.2 is out.", "It is v0.7.0."}},
		{"A line\nthat goes on. And\nanother.", []string{"A line\nthat goes on.", "And\nanother."}},
		{"# Title\n\nText here.\n", []string{"Title", "Text here."}},
		{"Title\n=====\nText.", []string{"Title", "Text."}},
		{"- one item\n- two. Items.\n  goes on\n3. three", []string{"one item", "two.", "Items.\n  goes on", "three"}},
		{"Before.\n\n```go\na. B. c\n\nd()\n```\nAfter.", []string{"Before.", "```go\na. B. c\n\nd()\n```", "After."}},
		{"Para.\n\n    code. Block\n    more\n\nNext.", []string{"Para.", "    code. Block\n    more", "Next."}},
		{"| a | b |\n|---|---|\n| 1. X | 2 |", []string{"| a | b |", "| 1. X | 2 |"}},
		{"Call `x. Y` now. Done.", []string{"Call `x. Y` now.", "Done."}},
		{"> quoted text. More.", []string{"quoted text.", "More."}},
		{"He said \"stop.\" Then left.", []string{"He said \"stop.\"", "Then left."}},
		{"取消运行。按下 ctrl+c！好", []string{"取消运行。", "按下 ctrl+c！", "好"}},
		{"", nil},
	} {
		var got []string
		for _, s := range Sentences(c.text) {
			got = append(got, c.text[s.Start:s.End])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestSentencesLoseNothing(t *testing.T) {
	pieces := []string{"a", "B", ". ", "! ", "\n", "\n\n", "- ", "1. ", "```\n", "`", "# ", "| ", "> ", "    ", "e.g. ", "。", "中", "\t", "===\n", "---\n", " "}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(t, "pieces"), "")
		end := 0
		var kept strings.Builder
		for _, s := range Sentences(text) {
			if s.Start < end || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("%q: sentence %+v after %d", text, s, end)
			}
			end = s.End
			kept.WriteString(text[s.Start:s.End])
		}
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r == 'a' || r == 'B' || r == '中' {
					return r
				}
				return -1
			}, s)
		}
		if letters(kept.String()) != letters(text) {
			t.Fatalf("%q: letters lost, kept %q", text, kept.String())
		}
	})
}
