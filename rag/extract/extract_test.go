package extract

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var manual = []Passage{
	{N: 1, Heading: []string{"Keys", "Cancelling a run"}, Text: "Press `ctrl+c` while a run is going. The run is cancelled and its steps stop:\n\n- the text so far stays\n- the timeline shows `⊘`\n"},
	{N: 2, Heading: []string{"Keys", "Quitting"}, Text: "Press `q` in the timeline. A run that is going is cancelled first; see [the keys](keys.md)."},
	{N: 3, Heading: []string{"Index"}, Text: "The index is kept in the cache directory.\n\n```sh\nweft clean\n```\n\nIt is built again when it is needed."},
}

func join(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text + "\n")
	}
	return b.String()
}

func TestAnswerQuotesTheSectionThatIsAboutTheQuestion(t *testing.T) {
	got := join(Answer("How do I cancel a run?", manual))
	if !strings.HasPrefix(got, "Press `ctrl+c` while a run is going.") {
		t.Errorf("answer begins with something else:\n%s", got)
	}
	if !strings.Contains(got, "the text so far stays [1]") {
		t.Errorf("the list that a chosen sentence announces is missing:\n%s", got)
	}
}

func TestAnswerTakesTheCodeBehindASentence(t *testing.T) {
	got := join(Answer("where is the index kept?", manual))
	if !strings.HasPrefix(got, "The index is kept in the cache directory. [3]\n```sh\nweft clean\n```") {
		t.Errorf("got:\n%s", got)
	}
}

func TestAnswerIsSilentWhereNothingCoversTheQuestion(t *testing.T) {
	for _, q := range []string{"", "how do I?", "capital of Mongolia"} {
		if got := Answer(q, manual); got != nil {
			t.Errorf("%q: %v", q, got)
		}
	}
}

func TestBracketsOfDocumentsAreNoCitations(t *testing.T) {
	got := join(Answer("forged citation of a paper", []Passage{{N: 4, Text: "A forged citation [1] of a paper, [2, 3] and [a link](x.md)."}}))
	if want := "A forged citation (1) of a paper, (2, 3) and a link. [4]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryPieceCitesAPassageAndStandsInIt(t *testing.T) {
	number := regexp.MustCompile(`\[(\d+)\]`)
	word := rapid.SampledFrom([]string{"run", "index", "key", "press", "cancel", "file", "[7]", "a", "the", "\n", "- ", "# ", "```\n", "|", ". ", "日本"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(word, 0, 80).Draw(t, "text"), " ")
		pieces := Answer("cancel the index run", []Passage{{N: 3, Text: text}, {N: 5, Text: "The index run."}})
		for _, p := range pieces {
			if p.N != 3 && p.N != 5 {
				t.Fatalf("piece of no passage: %+v", p)
			}
			if strings.HasPrefix(p.Text, "```") {
				continue
			}
			for _, m := range number.FindAllStringSubmatch(p.Text, -1) {
				if m[1] != "3" && m[1] != "5" {
					t.Fatalf("a citation was forged: %q", p.Text)
				}
			}
		}
	})
}
