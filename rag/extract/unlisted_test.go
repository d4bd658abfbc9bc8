package extract

import (
	"fmt"
	"strings"
	"testing"
)

func TestQuestionsForAllThingsOfAKind(t *testing.T) {
	for question, want := range map[string]bool{
		"which exit codes are there?":            true,
		"Which ships have more than 50 tons?":    true,
		"what are the known limits of the pump?": true,
		"list the keys of the timeline":          true,
		"what kinds of filters exist?":           true,
		"how many projects are there?":           true,
		"Welche Tasten gibt es?":                 true,
		"what does exit code 3 mean?":            false,
		"what is the list of keys?":              false,
		"which process starts the server?":       false,
		"what happens when the keys are lost?":   false,
		"how do I list the files?":               false,
	} {
		if got := wantsAll(question); got != want {
			t.Errorf("%q: %v", question, got)
		}
	}
}

// An answer says how many items of a list it leaves out if the question asks for all of them.
func TestItemsThatAreLeftOutAreCounted(t *testing.T) {
	var list, table strings.Builder
	const n = 15 // so that they are one passage
	for i := range n {
		fmt.Fprintf(&list, "- The colour number %d of the lamps is a warm tone\n", i)
		fmt.Fprintf(&table, "| lamp %d | a warm tone of colour number %d |\n", i, i)
	}
	for _, c := range []struct {
		name, text, question string
		counted              bool
	}{
		{"a list", "These colours are there:\n\n" + list.String(), "which colours of the lamps are there?", true},
		{"one item", "These colours are there:\n\n" + list.String(), "what is the tone of colour number 7 of the lamps?", false},
		{"a table", "| lamp | colour |\n|---|---|\n" + table.String(), "which colours of the lamps are there?", true},
		{"one row", "| lamp | colour |\n|---|---|\n" + table.String(), "what is the tone of lamp 7?", false},
		{"a short list", "These colours are there:\n\n- the red of the lamps\n- the green of the lamps\n", "which colours of the lamps are there?", false},
	} {
		lamps := markdown("# Colours of the lamps\n\n" + c.text)
		pieces := Answer(c.question, nil, lamps)
		left, quoted := 0, 0
		for _, p := range pieces {
			left += p.Left
			quoted += strings.Count(p.Text, "a warm tone")
		}
		if len(lamps) != 1 || len(pieces) == 0 || c.counted && (quoted == 0 || quoted+left != n) || !c.counted && left != 0 {
			t.Errorf("%s: %d items are quoted and %d left out:\n%+v", c.name, quoted, left, pieces)
		}
	}
}
