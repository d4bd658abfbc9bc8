package extract

import (
	"strings"
	"testing"

	"weft/rag/analysis"
)

func TestARowThatNamesItsColumnsStandsByItself(t *testing.T) {
	got := join(Answer("how many tons does the Kittiwake have?", []Passage{{N: 1, Text: "Columns: Ship; Cargo; Tons\nShip: Marguerite; Cargo: salt; Tons: 40\nShip: Kittiwake; Cargo: St. John's oak; Tons: 54\nShip: Fortuna; Cargo: herring; Tons: 61\n"}}))
	if want := "- Ship: Kittiwake; Cargo: St. John's oak; Tons: 54 [1]\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestWhatHasNoSentencesIsQuotedInPart(t *testing.T) {
	text := strings.Repeat("oil litres nights remark ", 40) + "in fog the bell is struck " + strings.Repeat("month storm window flagpole ", 40)
	got := join(Answer("when is the bell struck?", []Passage{{N: 1, Text: text}}))
	if n := len(strings.Fields(got)); n > 60 || !strings.Contains(got, "the bell is struck") || !strings.HasPrefix(got, "… ") || !strings.HasSuffix(got, " … [1]\n") {
		t.Errorf("%d words: %s", n, got)
	}
}

func TestThePartThatHasTheTermsIsTheFirstThatHasMost(t *testing.T) {
	for at, want := range map[int]string{0: "bell b", 199: "b bell"} {
		words := strings.Fields(strings.Repeat("b ", 200))
		words[at] = "bell"
		if got := excerpt(analysis.For(analysis.English), words, set([]string{"bell"})); !strings.Contains(got, want) || len(strings.Fields(got)) > excerptWords+2 {
			t.Errorf("%d: %s", at, got)
		}
	}
}

func TestWhatBeginsInMidSentenceSaysSo(t *testing.T) {
	for text, want := range map[string]string{
		"and the lamp is lit half an hour before sunset.":  "… and the lamp is lit half an hour before sunset. [1]\n",
		"weft lights the lamp half an hour before sunset.": "weft lights the lamp half an hour before sunset. [1]\n",
		"The lamp is lit half an hour before sunset.":      "The lamp is lit half an hour before sunset. [1]\n",
	} {
		if got := join(Answer("when is the lamp lit before sunset?", []Passage{{N: 1, Text: text}})); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAListingDoesNotBeginOrEndWithAnEmptyComment(t *testing.T) {
	got := listed(strings.Split("//\n// Its context ends when the step should.\n//", "\n"), "")
	if want := "// Its context ends when the step should."; got.text != want {
		t.Errorf("got %q", got.text)
	}
}
