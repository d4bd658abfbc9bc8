package explorer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/flowtest"
)

type supper struct {
	Dish  string `json:"dish" about:"what to cook"`
	Times int    `json:"times"`
}

type eaten struct {
	Text string `json:"text"`
}

type snack struct{ Dish string }

// dinner is a workflow that uses nothing of weft but the engine.
func dinner[In any](cook func(In) string) *flow.Workflow[In, eaten] {
	wf := flow.New[In, eaten]("dinner")
	flow.Step(wf, "cook", func(_ *flow.Context, in In) (eaten, error) { return eaten{cook(in)}, nil })
	return wf
}

func showing[In any](t *testing.T, wf *flow.Workflow[In, eaten], f func(*screen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := &ownEngine[In, eaten]{ctx: t.Context(), wf: wf, runs: map[string]flow.Handle{}}
		if err := o.begin(); err != nil {
			t.Fatal(err)
		}
		s := open(t, o, Options{}, 100, 30)
		f(s)
		s.close()
		o.session.Cancel(nil)
		o.close(func() {})
	})
}

func TestOwnWorkflowIsAskedForWithAForm(t *testing.T) {
	wf := dinner(func(s supper) string { return strings.Repeat(s.Dish+" ", s.Times) })
	showing(t, wf, func(s *screen) {
		s.has("a form asks for the fields of supper")
		s.press("hello", "enter")
		s.wait(time.Second)
		s.has("what to cook")
		s.has("times")
		s.press("soup", "tab", "2", "enter")
		s.wait(time.Second)
		s.has("soup soup")
		s.press("tab")
		s.has("cook")
	})
}

func TestOwnWorkflowTakesATextOrJSONAtOnce(t *testing.T) {
	showing(t, dinner(func(w snack) string { return "one " + w.Dish }), func(s *screen) {
		s.has("what you type starts a run of dinner")
		s.press("pancake", "enter")
		s.wait(time.Second)
		s.has("one pancake")
	})
	showing(t, dinner(func(s supper) string { return strings.Repeat(s.Dish+" ", s.Times) }), func(s *screen) {
		s.press(`{"dish":"egg","times":3}`, "enter")
		s.wait(time.Second)
		s.has("egg egg egg")
	})
}

func TestFillingAsksAgainWhatCannotBe(t *testing.T) {
	bad, good := anyReply{json.RawMessage(`{"dish":"soup","times":"many"}`)}, anyReply{json.RawMessage(`{"dish":"soup","times":2}`)}
	got, err := fill[supper](nil)(flowtest.NewContext(t.Context(), bad, good), opening{"hello"})
	if err != nil || got != (supper{"soup", 2}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestShowSaysWhatIsWrongWithAWorkflow(t *testing.T) {
	wf := flow.New[supper, eaten]("empty")
	if err := Show(t.Context(), wf); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("got %v", err)
	}
}

// fence returns the first code block of docs/own-workflow.md that begins with start, without the
// line of its fence. start is that line and the beginning of the code.
func fence(t *testing.T, start string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "own-workflow.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), start)
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed {
		t.Fatalf("docs/own-workflow.md has no block that begins with %q", start)
	}
	_, open, _ := strings.Cut(start, "\n")
	return open + block
}

func TestTheManualsProgramIsShort(t *testing.T) {
	if n := strings.Count(fence(t, "```go\n"), "\n"); n > 40 {
		t.Errorf("the program in docs/own-workflow.md has %d lines", n)
	}
}
