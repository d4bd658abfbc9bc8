package extract

import (
	"fmt"
	"strings"
	"testing"

	"weft/rag/chunk"
)

var long = "func long(n int) int {\n" + strings.Repeat("\tn++\n", 15) + "\n" + strings.Repeat("\tn--\n", 15) + "\treturn n\n}"

var source = []Passage{
	{N: 1, Code: "go", Chunk: chunk.Chunk{Heading: []string{"run_test.go", "func TestACancelledRun(t *testing.T)"}, Text: "func TestACancelledRun(t *testing.T) {\n\trun := begin(t)\n\trun.Cancel(nil)\n}"}},
	{N: 2, Code: "go", Chunk: chunk.Chunk{Heading: []string{"run.go"}, Text: "// Cancel ends the run; its error wraps the cause.\nfunc (r *Run) Cancel(cause error) { r.cancel(cause) }\n\n// Send gives the run an event [7].\nfunc (r *Run) Send(ev any) error { return r.send(ev) }\n"}},
	{N: 3, Code: "go", Chunk: chunk.Chunk{Heading: []string{"long.go", "func long(n int) int"}, Text: long}},
	{N: 4, Code: "go", Chunk: chunk.Chunk{Heading: []string{"sum.go", "func sum(all []int) (total int)"}, Text: "\tfor _, n := range all {\n\t\ttotal += n\n\t}\n\treturn total\n}"}},
	{N: 5, Code: "go", Chunk: chunk.Chunk{Heading: []string{"part.go", "func partition(all []int) (low, high []int)"}, Text: "// partition divides numbers.\nfunc partition(all []int) (low, high []int) {\n\tfor _, n := range all {\n\t\tlow = append(low, n)"}},
	{N: 6, Code: "py", Chunk: chunk.Chunk{Heading: []string{"lamp.py", "class Lamp"}, Text: "    def light(self, oil):\n        \"\"\"Light the lamp, if there is oil.\n        It smokes.\"\"\"\n        return oil > 0\n\n    def douse(self):\n        # it hisses\n        self.lit = False\n"}},
}

func TestAnAnswerFromSourceCodeIsAWholeDeclaration(t *testing.T) {
	for question, want := range map[string]string{
		"how do I cancel a run?":        "`run.go` [2]\n\n```go\n// Cancel ends the run; its error wraps the cause.\nfunc (r *Run) Cancel(cause error) { r.cancel(cause) }\n```\n",
		"what does Send do?":            "`run.go` [2]\n\n```go\n// Send gives the run an event [7].\nfunc (r *Run) Send(ev any) error { return r.send(ev) }\n```\n",
		"long":                          "`long.go` [3]\n\n```go\nfunc long(n int) int {\n" + strings.Repeat("\tn++\n", 15) + "\t…\n```\n",
		"sum":                           "`sum.go` [4]\n\n```go\nfunc sum(all []int) (total int)\n\t…\n\tfor _, n := range all {\n\t\ttotal += n\n\t}\n\treturn total\n}\n```\n",
		"partition":                     "`part.go` [5]\n\n```go\n// partition divides numbers.\nfunc partition(all []int) (low, high []int) {\n\tfor _, n := range all {\n\t\tlow = append(low, n)\n\t\t…\n```\n",
		"is there oil to light a lamp?": "`lamp.py` [6]\n\n```py\nclass Lamp\n    …\n    def light(self, oil):\n        \"\"\"Light the lamp, if there is oil.\n        It smokes.\"\"\"\n        return oil > 0\n```\n",
		"douse":                         "`lamp.py` [6]\n\n```py\ndef douse(self):\n    # it hisses\n    self.lit = False\n```\n",
	} {
		if got := answered(question, source); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", question, got, want)
		}
	}
}

func TestTextAndCodeAreAnsweredTogether(t *testing.T) {
	mixed := append(passages(9, "markdown", []string{"Manual", "Cancelling"}, "Press a key to cancel the run. It stops at once."), source[1])
	got := answered("how do I cancel the run, and what does Send do?", mixed)
	if !strings.Contains(got, "Press a key to cancel the run. It stops at once. [9]\n") || !strings.Contains(got, "```go\n// Send gives the run an event [7].\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestAListingIsAsLongAsCanBeReadAtAGlance(t *testing.T) {
	var b strings.Builder
	b.WriteString("func f() {\n")
	for i := range 200 {
		fmt.Fprintf(&b, "\tif x%d {\n\t\tgo f%d()\n\t}\n", i, i)
	}
	got := answered("f", []Passage{{N: 1, Code: "go", Chunk: chunk.Chunk{Text: b.String() + "}"}}})
	if n := strings.Count(got, "\n"); n > mostLines+6 || !strings.HasPrefix(got, "[1]\n\n```go\nfunc f() {\n") || !strings.HasSuffix(got, "\t}\n\t…\n```\n") {
		t.Errorf("%d lines:\n%s", n, got)
	}
}

func TestAListingDoesNotBeginOrEndWithAnEmptyComment(t *testing.T) {
	got := listed(strings.Split("//\n// Its context ends when the step should.\n//", "\n"), "")
	if want := "// Its context ends when the step should."; got.text != want {
		t.Errorf("got %q", got.text)
	}
}
