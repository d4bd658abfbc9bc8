package extract

import (
	"slices"
	"testing"
)

func TestAcronymsStandForTheWordsBesideThem(t *testing.T) {
	for text, want := range map[string][]string{
		"A tidal stream atlas (TSA) is on board.":     {"tidal", "stream", "atlas"},
		"TSA (tidal stream atlas): see the shelf.":    {"tidal", "stream", "atlas"},
		"TSA is the tidal stream atlas.":              {"tidal", "stream", "atlas"},
		"TSA: tidal stream atlas":                     {"tidal", "stream", "atlas"},
		"The old atlas (TSA) is on board.":            nil,
		"TSA is a book, tidal stream atlas is above.": nil,
		"Tidal stream atlases are sold.":              nil,
	} {
		if got := spelledOut("TSA", text); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestAnAcronymFindsTheSectionThatSpellsItOut(t *testing.T) {
	p := markdown(`# Pilot

## Terms

A tidal stream atlas (TSA) shows the streams of each hour.

## Reading the tidal stream atlas

Find the hour before high water first.
`)
	has(t, join(Answer("how is the TSA read?", []Term{{"TSA", 0.7}, {"read", 0.3}}, p)), "high water")
}
