package analysis

import (
	"slices"
	"strings"
	"testing"
)

func TestWordingsOfQuestionsAreUnderstood(t *testing.T) {
	for _, c := range []struct{ question, carrier, also, inner string }{
		{"What is the longest delay?", "longest", "maximum", ""},
		{"How big may a page be?", "big", "size", "How"},
		{"Can I turn the coloured lamps off?", "turn", "disable", "off"},
		{"Can I turn the lamp that hangs above the door of the mill off?", "", "", ""}, // too far apart
		{"Which file is read out of the box?", "box", "default", "out"},
		{"Is it removed?", "removed", "delete", ""},
		{"Do they run at once?", "at", "parallel", "once"},
		{"Wie schalte ich die Lampe ab?", "schalte", "deaktivieren", "ab"},
		{"Wie schalte ich die Leiste für alle im Projekt ab?", "schalte", "deaktivieren", "ab"},
		{"What is the time limit of a visit?", "time", "timeout", "limit"},
		{"Which wax is left over?", "left", "remaining", "over"},
		{"Where is the box?", "", "", ""},
	} {
		a := For(English)
		if strings.HasPrefix(c.question, "Wie") {
			a = For(German)
		}
		tokens := a.Tokens(c.question)
		carrier, inner := "", []string{}
		var also []string
		for i, s := range a.Senses(tokens) {
			word := c.question[tokens[i].Start:tokens[i].End]
			if s.Inner {
				inner = append(inner, word)
			}
			if len(s.Terms) > 0 {
				carrier, also = word, s.Terms
			}
		}
		if carrier != c.carrier || c.also != "" && !slices.Contains(also, a.Tokens(c.also)[0].Term) ||
			c.inner != "" && !slices.Contains(inner, c.inner) {
			t.Errorf("%s: %q means %q, within a phrase are %q", c.question, carrier, also, inner)
		}
	}
}

func TestAWordingDoesNotMeanItself(t *testing.T) {
	for lang, byFirst := range wordings() {
		for first, list := range byFirst {
			for _, w := range list {
				if len(w.also) == 0 || len(w.words) == 1 && slices.Contains(w.also, first) {
					t.Errorf("%s: %q means %q", lang, w.words, w.also)
				}
			}
		}
	}
}
