package retrieve

import (
	"fmt"
	"testing"

	"weft/rag/embed"
	"weft/rag/index"
)

func TestADrawingWithItsHeadingRanksBelowText(t *testing.T) {
	picture := "```timeline cancelled\n" +
		" ⊘ after 3.7s      0          1s         2s         3s\n" +
		"▌⊘ cancelled       ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   3.7s\n" +
		" ⊘ ╰ cancelled     ┊          ┊███████████╎▆▆▄▅▅▄▅▄▄▅▅▅▆▅▆   2.7s\n```\n"
	r := corpus(t, embed.NewHashed(), map[string]string{
		"picture": "# Cancelled\n" + picture,
		"said":    "# How do I cancel a run?\nPress a key while the run is going: it is cancelled, and its steps stop.",
		"other":   "# Zoom\nPress plus and minus to zoom in and out around the cursor.",
	})
	hits := ask(t, r, Query{Text: "cancel"})
	if got := paths(hits); len(got) != 2 || got[0] != "said" || got[1] != "picture" {
		t.Errorf("found %v", got)
	}
	r = corpus(t, embed.NewHashed(), map[string]string{
		"both": "# Cancelled\nA run that was cancelled ends where it was.\n\n" + picture,
		"said": "# How do I cancel a run?\nPress a key while the run is going: it is cancelled, and its steps stop.",
	})
	if got := paths(ask(t, r, Query{Text: "cancel"})); got[0] != "both" {
		t.Errorf("a heading that repeats the question, with an answer and a drawing, is found behind others: %v", got)
	}
}

func TestAHeadingIsComparedWithTheQuestionOnce(t *testing.T) {
	texts := map[string]string{}
	for i := range 20 {
		texts[fmt.Sprint(i)] = fmt.Sprintf("# What is a harbour?\nHarbour number %d has %d cranes.", i, i*i)
	}
	s := corpus(t, embed.NewHashed(), texts).begin(Query{Text: "what is a harbour?"})
	list := s.smooth(s.view.Keyword(s.question.terms, pool, nil))
	s.question.form = nil // a second comparison would return 0: the result must be cached
	for _, h := range s.hits(list, make([][]index.Match, len(list)), nil, nil) {
		if h.Why.Likeness != 1 {
			t.Errorf("the likeness of %s is %v", h.Path, h.Why.Likeness)
		}
	}
}
