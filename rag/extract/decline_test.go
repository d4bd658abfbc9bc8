package extract

import (
	"strings"
	"testing"

	"weft/rag/chunk"
)

// headed returns a passage that is one section.
func headed(path, heading, text string) Passage {
	return Passage{N: 1, Prior: 1, Chunk: chunk.Chunk{Path: path, Heading: []string{heading}, Text: text}}
}

func TestAnswersThatLackWhatIsAskedForAreDeclined(t *testing.T) {
	mill := headed("mill.md", "Grinding flour", "The miller grinds rye with the small stone. Grind flour for bread twice, and sieve it.")
	terms := func(list ...Term) []Term { return list }
	for _, c := range []struct {
		question string
		terms    []Term
		answered bool
	}{
		{"How do I grind flour?", terms(Term{"grind", 0.5}, Term{"flour", 0.5}), true},
		{"How do I grind flour with a turbine?", terms(Term{"grind", 0.25}, Term{"flour", 0.25}, Term{"turbine", 0.5}), false},
		{"How do I grind flour with little effort?", terms(Term{"grind", 0.3}, Term{"flour", 0.4}, Term{"effort", 0.3}), true},
		{"How do I grind flour with the Bosch?", terms(Term{"grind", 0.3}, Term{"flour", 0.4}, Term{"Bosch", 0.3}), false},
		{"Which stone do I grind flour with?", terms(Term{"stone", 0.35}, Term{"grind", 0.3}, Term{"flour", 0.35}), true},
		{"Which motor do I grind flour with?", terms(Term{"motor", 0.35}, Term{"grind", 0.3}, Term{"flour", 0.35}), false},
	} {
		pieces := Answer(c.question, c.terms, []Passage{mill})
		if answered := len(pieces) > 0; answered != c.answered {
			t.Errorf("%s: answered %v, want %v: %v", c.question, answered, c.answered, pieces)
		}
	}
}

func TestAQuestionForAReleaseIsAnsweredWithOne(t *testing.T) {
	guide := headed("guide.md", "Turbines", "Turbines drive the stone without wind. Use turbines on calm days.")
	log := headed("changelog.md", "v2.4.0", "Added turbines. Removed the bell.")
	log.N, log.Prior = 2, 0.6
	text := func(question string) string {
		var b strings.Builder
		for _, p := range Answer(question, []Term{{"turbines", 1}}, []Passage{guide, log}) {
			b.WriteString(p.Text + "\n")
		}
		return b.String()
	}
	if got := text("Since which version can I use turbines?"); !strings.Contains(got, "v2.4.0") || strings.Contains(got, "calm") {
		t.Errorf("the release is not quoted alone: %s", got)
	}
	if got := text("How do I use turbines?"); !strings.HasPrefix(got, "**Turbines**") {
		t.Errorf("the guide does not come first: %s", got)
	}
}
