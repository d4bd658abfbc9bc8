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

func TestAnswerToWhatSomethingIsBeginsWithItsDefinition(t *testing.T) {
	passages := []Passage{
		{N: 1, Text: "The join runs once for each fan-out. A join may fail, and a join that fails is tried again."},
		{N: 2, Text: "A **join** is a step that takes what came of all branches. Its input is a list."},
	}
	if got := join(Answer("What is a join?", passages)); !strings.HasPrefix(got, "A **join** is a step that takes what came of all branches.") {
		t.Errorf("got:\n%s", got)
	}
}

func TestAnotherPassageIsQuotedForWhatItAddsOnly(t *testing.T) {
	passages := []Passage{
		{N: 1, Heading: []string{"Cancelling"}, Text: "Press a key to cancel the run."},
		{N: 2, Heading: []string{"History"}, Text: "Whoever wants to cancel the run long after it has begun should know that this was difficult once."},
		{N: 3, Heading: []string{"Index"}, Text: "To rebuild the index delete its folder."},
	}
	got := join(Answer("How do I cancel the run and rebuild the index?", passages))
	if !strings.Contains(got, "[1]") || strings.Contains(got, "[2]") || !strings.Contains(got, "[3]") {
		t.Errorf("got:\n%s", got)
	}
}

func TestASentenceThatLeansOnAnotherComesWithIt(t *testing.T) {
	got := join(Answer("how long does the cache of pictures live?", []Passage{{N: 1, Text: "There is a store on disk. It is the cache of pictures and lives long. Other things are elsewhere."}}))
	if !strings.HasPrefix(got, "There is a store on disk. It is the cache of pictures") {
		t.Errorf("got:\n%s", got)
	}
}

func TestTheTableBehindAColonComesWhole(t *testing.T) {
	got := join(Answer("which colours are there?", []Passage{{N: 1, Text: "These colours are there:\n\n| name | meaning |\n|---|---|\n| red | stop |\n| green | go |\n| blue | rest |\n"}}))
	if want := "These colours are there: [1]\n- red: stop [1]\n- green: go [1]\n- blue: rest [1]\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestWhereLinksLeadIsNotQuoted(t *testing.T) {
	got := join(Answer("why many events?", []Passage{{N: 1, Text: "Many events come from indexing (see [#15]).\n\n[#15]: https://example.org/many/events\n"}}))
	if want := "Many events come from indexing (see [#15]). [1]\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestEmphasisThatIsCutIsTakenAway(t *testing.T) {
	got := join(Answer("what does a join get?", []Passage{{N: 1, Text: "**R12. A join gets everything**, in the order of the yields. Use `a**b` for **powers**."}}))
	if strings.Count(strings.ReplaceAll(got, "`a**b`", ""), "**")%2 != 0 || !strings.Contains(got, "A join gets everything, in the order") {
		t.Errorf("got:\n%s", got)
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
