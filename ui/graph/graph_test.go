package graph_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/graph"
	"weft/ui/run"
	"weft/ui/run/runtest"
	"weft/ui/theme"
)

// of returns a graph of edges, each "from>event>to"; [] before the event marks a join and ! a
// failure.
func of(edges ...string) flow.Graph {
	g := flow.Graph{Name: "test", Start: "Question", Stop: "Answer"}
	seen := map[string]bool{"": true}
	for _, text := range edges {
		f := strings.Split(text, ">")
		e := flow.Edge{From: f[0], Event: strings.TrimLeft(f[1], "[]!"), To: f[2], Kind: "event"}
		if strings.HasPrefix(f[1], "[]") {
			e.Kind = "join"
		} else if strings.HasPrefix(f[1], "!") {
			e.Kind = "failure"
		}
		g.Edges = append(g.Edges, e)
		for _, n := range []string{e.From, e.To} {
			if !seen[n] {
				seen[n] = true
				g.Steps = append(g.Steps, flow.GraphStep{Name: n, Kind: "step"})
			}
		}
	}
	return g
}

var graphs = map[string]flow.Graph{
	"rag": of(">Question>retrieve", "retrieve>Found>rerank", "rerank>Ranked>synthesize", "synthesize>Answer>"),
	"parallel": of(">Question>dispatch", "dispatch>Vector>vector", "dispatch>Keyword>keyword", "dispatch>Structure>structure",
		"vector>Hits>merge", "keyword>Hits>merge", "structure>Hits>merge", "merge>Found>answer", "answer>Answer>"),
	"refine": of(">Question>retrieve", "retrieve>Found>answer", "answer>Draft>judge", "judge>Answer>", "judge>Unsupported>rewrite", "rewrite>Question>retrieve"),
	"routing": of(">Question>classify", "classify>Simple>simple", "classify>Complex>decompose", "simple>Answer>", "decompose>Part>search",
		"search>[]Found>synthesize", "synthesize>Answer>"),
	"fallback": of(">Question>risky", "risky>Answer>", "risky>Fallback>fallback", "risky>!Failure>rescue", "fallback>Answer>", "rescue>Answer>"),
}

func graphOf(g flow.Graph) *graph.Model {
	th, err := theme.Named("dark", true)
	if err != nil {
		panic(err)
	}
	m := graph.New(th)
	m.SetGraph(g)
	return m
}

func model(g flow.Graph, v run.View) *graph.Model {
	if root := v.Root(); root != nil {
		g.Name = root.Name // the progress of a run of another workflow is not shown
	}
	m := graphOf(g)
	m.Show(v, runtest.Epoch)
	return m
}

func draw(m *graph.Model, w, h int) string {
	c := canvas.New(w, h)
	m.Draw(c, c.Bounds())
	return c.Plain() + "\n"
}

func TestScreens(t *testing.T) {
	for name, g := range graphs {
		v := run.View{}
		switch name {
		case "rag":
			v = runtest.Fold(runtest.RAGLive()).Now()
		case "refine":
			v = runtest.Fold(runtest.Loop(3)).Now()
		}
		for _, size := range [][2]int{{39, 9}, {76, 16}, {76, 20}, {117, 34}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, draw(model(g, v), size[0], size[1]))
			})
		}
	}
}

type (
	ask   struct{ Parts int }
	part  struct{ N int }
	found struct{ N int }
	reply struct{ Found int }
)

// The graph of a real workflow is drawn with the counts of a real run of it.
func TestRealWorkflowWithItsRun(t *testing.T) {
	wf := flow.New[ask, reply]("real")
	flow.Each(wf, "split", func(_ *flow.Context, a ask) iter.Seq2[part, error] {
		return func(yield func(part, error) bool) {
			for i := range a.Parts {
				if !yield(part{i}, nil) {
					return
				}
			}
		}
	})
	flow.Step(wf, "search", func(_ *flow.Context, p part) (found, error) { return found(p), nil })
	flow.Join(wf, "gather", func(_ *flow.Context, fs []found) (reply, error) { return reply{len(fs)}, nil })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := wf.Start(ctx, ask{7})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	var rs []flow.Record
	for rec := range r.Records(ctx, 0) {
		rs = append(rs, rec)
	}
	got := draw(model(wf.Graph(), runtest.Fold(rs).Now()), 122, 9)
	for _, want := range []string{"✓ split", "✓ search", "×7", "✓ gather", "[]found", "◉"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

// Every step can be selected and is then visible, for any graph and any size, and nothing is drawn
// outside.
func TestAnyGraphAndAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 8).Draw(t, "steps")
		var edges []string
		name := func(i int) string {
			if i == n {
				return ""
			}
			return fmt.Sprintf("step%d", i)
		}
		for range rapid.IntRange(0, 14).Draw(t, "edges") {
			edges = append(edges, name(rapid.IntRange(0, n).Draw(t, "from"))+">"+rapid.SampledFrom([]string{"A", "Banana", "[]C", "!Failure", "\x1b[31m"}).Draw(t, "event")+">"+name(rapid.IntRange(0, n).Draw(t, "to")))
		}
		g := of(edges...)
		m := model(g, runtest.Fold(runtest.RAG()).Now())
		seen := map[string]bool{}
		w, h := rapid.IntRange(0, 200).Draw(t, "w"), rapid.IntRange(0, 50).Draw(t, "h")
		c := canvas.New(w+2, h+2)
		c.Fill(c.Bounds(), "x", canvas.Style{})
		c.Clear(canvas.R(1, 1, w, h))
		m.Draw(c, canvas.R(1, 1, w, h))
		m.Scroll(rapid.IntRange(-3, 9).Draw(t, "scroll"))
		for y := range h + 2 {
			for x := range w + 2 {
				if s, _ := c.At(x, y); (x < 1 || y < 1 || x > w || y > h) && s != "x" {
					t.Fatalf("%d×%d: cell %d,%d outside was drawn: %q", w, h, x, y, s)
				}
			}
		}
		m.Move(-1) // the last one
		m.Move(-len(g.Steps))
		for range g.Steps {
			name := m.Selected().Name
			seen[name] = true
			c.Clear(c.Bounds())
			m.Draw(c, canvas.R(1, 1, w, h))
			if text := c.Plain(); w >= 40 && h >= 2 && !(strings.Contains(text, "▌") && strings.Contains(text, name)) {
				t.Fatalf("%s is selected and not visible:\n%s", name, text)
			}
			m.Move(1)
		}
		if len(seen) != len(g.Steps) {
			t.Fatalf("%d of %d steps can be selected", len(seen), len(g.Steps))
		}
	})
}

func TestAPastInstantDoesNotMove(t *testing.T) {
	r := runtest.Fold(runtest.RAGLive())
	for _, n := range []int{r.Len() - 5, r.Len()} {
		th, err := theme.Named("mono", true)
		if err != nil {
			t.Fatal(err)
		}
		m := graph.New(th)
		g := graphs["rag"]
		g.Name = r.Now().Root().Name
		m.SetGraph(g)
		pictures, versions := map[string]bool{}, map[uint64]bool{}
		for i := range 20 {
			m.Show(r.At(n), runtest.Epoch.Add(time.Duration(i)*90*time.Millisecond))
			versions[m.Version()] = true
			c := canvas.New(120, 12)
			m.Draw(c, c.Bounds())
			pictures[c.Plain()] = true
		}
		if live := n == r.Len(); (len(pictures) > 1) != live || (len(versions) > 2) != live {
			t.Errorf("after %d of %d records there are %d pictures of %d versions", n, r.Len(), len(pictures), len(versions))
		}
	}
}
