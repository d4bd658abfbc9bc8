package inspect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/inspect"
	"weft/ui/run"
	"weft/ui/run/runtest"
	"weft/ui/theme"
)

// pick selects the last execution of a step of the run's own workflow.
func pick(v run.View, step string) inspect.Selection {
	s := inspect.Selection{View: v}
	if v.Position() > 0 {
		s.Now = v.Start().Add(v.Elapsed(time.Time{}))
	}
	if st := v.Step(v.Root(), step); st != nil {
		es := v.Executions(st)
		s.Step, s.Execution = st, es[len(es)-1]
	}
	return s
}

func model(tb testing.TB) *inspect.Model {
	tb.Helper()
	th, err := theme.Named("dark", true)
	if err != nil {
		tb.Fatal(err)
	}
	return inspect.New(th)
}

func draw(m *inspect.Model, w, h int) string {
	c := canvas.New(w, h)
	m.Draw(c, c.Bounds())
	return c.Plain() + "\n"
}

func TestScreens(t *testing.T) {
	time.Local = time.UTC
	rag := runtest.Fold(runtest.RAG())
	for _, tt := range []struct {
		name string
		sel  inspect.Selection
		do   func(m *inspect.Model)
	}{
		{"run", pick(rag.Now(), ""), nil},
		{"run-failed", pick(runtest.Fold(runtest.Retries()).Now(), ""), nil},
		{"rerank", pick(rag.Now(), "rerank"), nil},
		{"rerank-unfolded", pick(rag.Now(), "rerank"), func(m *inspect.Model) { m.Move(14); m.Toggle() }},
		{"answer", pick(rag.Now(), "synthesize"), nil},
		{"answer-live", pick(runtest.Fold(runtest.RAGLive()).Now(), "synthesize"), nil},
		{"attempts", pick(runtest.Fold(runtest.Retries()).Now(), "synthesize"), nil},
		{"back-off", pick(runtest.Fold(runtest.Backoff()).Now(), "search·web"), nil},
		{"asks", pick(runtest.Fold(runtest.Human()).Now(), "approve"), nil},
		{"branch", pick(runtest.Fold(runtest.FanOut(40, false)).Now(), "embed"), nil},
		{"join", pick(runtest.Fold(runtest.FanOut(40, false)).Now(), "store"), nil},
		{"past", pick(rag.At(3), "retrieve"), nil},
		{"scrolled", pick(rag.Now(), "rerank"), func(m *inspect.Model) { m.Scroll(12) }},
		{"not-started", inspect.Selection{View: rag.At(2), Step: rag.Now().Step(rag.Now().Root(), "rerank")}, nil},
	} {
		for _, size := range [][2]int{{39, 9}, {78, 22}, {122, 36}} {
			t.Run(fmt.Sprintf("%s/%dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				m := model(t)
				m.SetSize(size[0], size[1])
				m.Show(tt.sel)
				if tt.do != nil {
					tt.do(m)
				}
				golden.RequireEqual(t, draw(m, size[0], size[1]))
			})
		}
	}
}

func TestTheTextHoldsMoreThanTheScreen(t *testing.T) {
	m := model(t)
	m.Show(pick(runtest.Fold(runtest.RAG()).Now(), "rerank"))
	draw(m, 80, 5)
	text := m.Text()
	for _, want := range []string{"rerank", "takes", "◆ Found", "gives", "◆ Ranked", "docs/retry.md", "▲2", "dropped", "kept"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}

func TestOutputOfAFailedAttemptIsVoid(t *testing.T) {
	m := model(t)
	m.Show(pick(runtest.Fold(runtest.Retries()).Now(), "synthesize"))
	draw(m, 80, 60)
	if text := m.Text(); strings.Contains(text, "Retries use exponential") || !strings.Contains(text, "429") {
		t.Errorf("shown:\n%s", text)
	}
}

func TestUnfoldingAPassageShowsItsText(t *testing.T) {
	m := model(t)
	m.Show(pick(runtest.Fold(runtest.RAG()).Now(), "rerank"))
	draw(m, 80, 60)
	before := m.Height()
	for i := range before {
		m.Move(-1000)
		m.Move(i)
		if target, ok := m.Target(); ok && target.Path != "" {
			if target.Line == 0 {
				t.Error("a passage has no line number")
			}
			if !m.Toggle() {
				t.Fatal("nothing to unfold")
			}
			break
		}
	}
	if m.Height() <= before {
		t.Errorf("%d lines before, %d after", before, m.Height())
	}
	if m.Toggle(); m.Height() != before {
		t.Errorf("%d lines before, %d after folding again", before, m.Height())
	}
}

func TestStateBelongsToTheInstant(t *testing.T) {
	r := runtest.Fold(runtest.Loop(3))
	m := model(t)
	seen := map[string]bool{}
	for n := range r.Len() + 1 {
		s := pick(r.At(n), "")
		m.Show(s)
		draw(m, 80, 60)
		for _, l := range strings.Split(m.Text(), "\n") {
			if strings.HasPrefix(strings.TrimSpace(l), "score ") {
				seen[strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "score"))] = true
			}
		}
	}
	for _, want := range []string{"+ 0.4", "0.4", "- 0.4", "0.5", "0.91"} {
		if !seen[want] {
			t.Errorf("%q was never shown: %v", want, seen)
		}
	}
}

func hostile() []flow.Record {
	deep := any("x")
	for range 100 {
		deep = runtest.P{"a\x1b[31m": []any{deep}}
	}
	wide := runtest.P{}
	for i := range 400 {
		wide[fmt.Sprint(i)] = strings.Repeat("y", 400)
	}
	bad := "\x1b]0;x\x07\u202e世界\u0301\n" + strings.Repeat("long ", 100)
	j, start := runtest.New(bad, bad, runtest.P{"question": bad, "deep": deep, "wide": wide})
	e := j.Run("bad", 1, start)
	e.Set(bad, runtest.P{bad: deep})
	e.Emit(bad, wide)
	e.Emit("ModelCall", runtest.P{"model": bad, "state": "done", "completion_tokens": -4})
	e.Send("Found", runtest.P{"passages": []any{runtest.P{"path": bad, "score": 1e300, "text": bad, "line": -3}, runtest.P{}}})
	e.Await(bad, deep)
	e.Fail(bad, 0)
	return j.Records
}

// The inspector stays within its rectangle and does not panic, for any run and any keys.
func TestAnySizeAndAnyKeys(t *testing.T) {
	all := []*run.Run{{}, runtest.Fold(runtest.RAG()), runtest.Fold(runtest.Retries()), runtest.Fold(runtest.Human()), runtest.Fold(runtest.Sub()), runtest.Fold(hostile())}
	rapid.Check(t, func(t *rapid.T) {
		m := inspect.New(theme.Mono())
		keys := []func(){
			func() { m.Scroll(rapid.IntRange(-50, 50).Draw(t, "scroll")) }, func() { m.Move(rapid.IntRange(-50, 50).Draw(t, "move")) },
			func() { m.Toggle() }, func() { m.Click(1, rapid.IntRange(-1, 40).Draw(t, "y")) }, func() { m.Target() }, func() { m.Focus(true) }, func() { m.Text() },
		}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			r := rapid.SampledFrom(all).Draw(t, "run")
			v := r.At(rapid.IntRange(0, r.Len()).Draw(t, "at"))
			m.Show(pick(v, rapid.SampledFrom([]string{"", "bad", "rerank", "synthesize", "approve"}).Draw(t, "step")))
			w, h := rapid.IntRange(0, 130).Draw(t, "w"), rapid.IntRange(0, 40).Draw(t, "h")
			c := canvas.New(w+2, h+2)
			c.Fill(c.Bounds(), "x", canvas.Style{})
			rect := canvas.R(1, 1, w, h)
			c.Clear(rect)
			m.SetSize(w, h)
			keys[rapid.IntRange(0, len(keys)-1).Draw(t, "key")]()
			m.Version()
			m.Draw(c, rect)
			for y := range h + 2 {
				for x := range w + 2 {
					if g, _ := c.At(x, y); (x < 1 || y < 1 || x > w || y > h) && g != "x" {
						t.Fatalf("%d×%d: cell %d,%d outside was drawn: %q", w, h, x, y, g)
					}
				}
			}
			if strings.ContainsAny(c.Plain(), "\x1b\u202e\x07") {
				t.Fatal("something harmful was drawn")
			}
		}
	})
}

// BenchmarkDraw draws the inspector with nothing changed and with everything changed.
func BenchmarkDraw(b *testing.B) {
	r := runtest.Fold(runtest.Long(100_000))
	c := canvas.New(122, 36)
	for _, fresh := range []bool{false, true} {
		b.Run(fmt.Sprintf("changed=%t", fresh), func(b *testing.B) {
			m := model(b)
			n := 0
			start := time.Now()
			for range 200 {
				c.Reset(122, 36)
			}
			least := time.Since(start) / 200
			for b.Loop() {
				if fresh {
					n++
				}
				m.Show(pick(r.At(r.Len()-n%100), "answer"))
				c.Reset(122, 36)
				m.Draw(c, c.Bounds())
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(least), "x-floor")
		})
	}
}

func TestTheCursorBeginsOnALineThatEnterOpens(t *testing.T) {
	m := model(t)
	m.Lead(true)
	m.SetSize(80, 20)
	v := runtest.Fold(runtest.RAG()).Now()
	s := v.Step(v.Root(), "rerank")
	m.Show(inspect.Selection{View: v, Step: s, Execution: v.Executions(s)[0]})
	if _, ok := m.Target(); !ok && !m.Toggle() {
		t.Error("the first enter does nothing")
	}
	m.Move(-100)
	m.Show(inspect.Selection{View: v, Step: s, Execution: v.Executions(s)[0], Critical: true})
	if _, ok := m.Target(); ok || m.Toggle() {
		t.Error("the cursor does not stay where it was moved to")
	}
}

func TestAChangedObjectIsShownAsATree(t *testing.T) {
	j, start := runtest.New("refine", "Question", runtest.P{"text": "why?"})
	e := j.Run("judge", 1, start)
	e.Set("best", runtest.P{"draft": "an answer", "round": 2})
	v := runtest.Fold(j.Records).Now()
	m := model(t)
	m.SetSize(80, 30)
	s := v.Step(v.Root(), "judge")
	m.Show(inspect.Selection{View: v, Step: s, Execution: v.Executions(s)[0]})
	if got := m.Text(); strings.Contains(got, `{"`) || !strings.Contains(got, "draft an answer · round 2") || !strings.Contains(got, "+ new") {
		t.Error(got)
	}
}
