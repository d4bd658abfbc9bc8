package rephrase

import "testing"

func TestOnlyTheTypedQuestionIsAcceptedAsItsRewriting(t *testing.T) {
	conversation := []Turn{{Question: "How often is the pump's filter replaced?", Answer: "Replace the filter every 400 hours [1]. Its part number is FP-2231."}}
	for _, c := range []struct {
		typed, rewritten string
		want             bool
	}{
		{"and its part number?", "What is the part number of the pump's filter?", true},
		{"who replaces it?", "Who replaces the pump's filter?", true},
		{"how often?", "How often is the filter replaced?", true},
		{"What is a fuse?", "What is a fuse?", true},
		{"and for the valve?", "How often is the valve of the pump replaced?", true},
		{"Ja varaosan numero?", "Mikä on suodattimen varaosan numero?", true},
		{"Und die Teilenummer?", "Wie lautet die Teilenummer des Filters FP-2231?", true},
		{"who replaces it?", "Okay, the user asks about the filter. They want to know who replaces it.", false},
		{"who replaces it?", "The user wants to know who replaces the filter.", false},
		{"who replaces it?", "Here is the rewritten question: who replaces the filter?", false},
		{"who replaces it?", "I need to replace the pronoun in who replaces it.", false},
		{"and its part number?", "Which cities lie on the river Rhine?", false},
		{"and its part number?", "What is the part number of the German chancellor's armoured black limousine from Stuttgart?", false},
		{"who replaces it?", "Every 400 hours.", false},
		{"who replaces it?", "", false},
		{"Okay, who replaces it?", "Okay, who replaces the filter?", true},
	} {
		if got := Accept(conversation, c.typed, c.rewritten); got != c.want {
			t.Errorf("%q as %q: %v, want %v", c.typed, c.rewritten, got, c.want)
		}
	}
}
