package timeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/run/runtest"
	"weft/ui/theme"
	"weft/ui/timeline"
)

// show returns a timeline of records at a time after the last of them.
func show(tb testing.TB, rs []flow.Record, th string, after time.Duration) *timeline.Model {
	tb.Helper()
	t, err := theme.Named(th, true)
	if err != nil {
		tb.Fatal(err)
	}
	m := timeline.New(t)
	now := runtest.Epoch
	if len(rs) > 0 {
		now = rs[len(rs)-1].Time.Add(after)
	}
	m.SetNow(now)
	m.SetRun(runtest.Fold(rs), steps("retrieve", "rerank", "approve", "synthesize", "judge"))
	return m
}

// steps returns the graph of a workflow with steps of these names, four workers each, with the
// fields that the timeline reads.
func steps(names ...string) (g flow.Graph) {
	for _, n := range names {
		g.Steps = append(g.Steps, flow.GraphStep{Name: n, Workers: 4})
	}
	return g
}

func draw(m *timeline.Model, w, h int) *canvas.Canvas {
	c := canvas.New(w, h)
	m.SetSize(w, h)
	m.Draw(c, c.Bounds())
	return c
}

var sizes = [][2]int{{39, 9}, {59, 14}, {80, 24}, {120, 30}, {200, 50}}

func TestScreens(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rs    []flow.Record
		after time.Duration
		do    func(m *timeline.Model)
	}{
		{"live", runtest.RAGLive(), 200 * time.Millisecond, nil},
		{"finished", runtest.RAG(), time.Hour, func(m *timeline.Model) { m.Move(2) }},
		{"retries", runtest.Retries(), 0, nil},
		{"back-off", runtest.Backoff(), 300 * time.Millisecond, nil},
		{"human", runtest.Human(), 4 * time.Second, nil},
		{"lunch", runtest.HumanDone(), 0, nil},
		{"fan-out", runtest.FanOut(128, false), 0, func(m *timeline.Model) { m.Move(2) }},
		{"fan-out-live", runtest.FanOut(128, true), 100 * time.Millisecond, nil},
		{"fan-out-open", runtest.FanOut(128, false), 0, func(m *timeline.Model) { m.Move(2); m.Toggle(); m.Move(3) }},
		{"workers", runtest.FanOut(128, false), 0, func(m *timeline.Model) { m.Workers() }},
		{"loop", runtest.Loop(3), 0, func(m *timeline.Model) { m.Critical() }},
		{"sub-workflow", runtest.Sub(), 0, func(m *timeline.Model) { m.Move(4) }},
		{"scrubbed", runtest.RAG(), 0, func(m *timeline.Model) { m.Scrub(-4) }},
		{"scrubbed-live", runtest.RAGLive(), time.Second, func(m *timeline.Model) { m.Scrub(-3) }},
		{"zoomed", runtest.RAG(), 0, func(m *timeline.Model) { m.Move(3); m.Zoom(0.5); m.Zoom(0.5) }},
		{"zoomed-to-step", runtest.Retries(), 0, func(m *timeline.Model) { m.Move(2); m.ZoomToSelected() }},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				m := show(t, tt.rs, "dark", tt.after)
				m.SetSize(size[0], size[1])
				if tt.do != nil {
					tt.do(m)
				}
				golden.RequireEqual(t, draw(m, size[0], size[1]).Plain()+"\n")
			})
		}
	}
}

// styled returns a frame in which the name of its style precedes each run of cells, so that a
// change of styles shows up in the diff.
func styled(c *canvas.Canvas) string {
	w, h := c.Size()
	var b strings.Builder
	for y := range h {
		last := ""
		for x := range w {
			g, st := c.At(x, y)
			name := ""
			if st.Fg != nil {
				r, gr, bl, _ := st.Fg.RGBA()
				name = fmt.Sprintf("%02x%02x%02x", r>>8, gr>>8, bl>>8)
			}
			if st.Bg != nil {
				name += "+bg"
			}
			for i, a := range []string{"bold", "dim", "italic", "", "", "reverse"} {
				if st.Attrs>>i&1 == 1 {
					name += "+" + a
				}
			}
			if st.Underline != 0 {
				name += "+under"
			}
			if name != last {
				fmt.Fprintf(&b, "⟨%s⟩", name)
				last = name
			}
			b.WriteString(g)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestLooks(t *testing.T) {
	for _, th := range []string{"dark", "light", "dark-cb", "mono"} {
		t.Run(th, func(t *testing.T) {
			m := show(t, runtest.Retries(), th, 0)
			m.SetSize(80, 12)
			m.Move(2)
			golden.RequireEqual(t, styled(draw(m, 80, 12)))
		})
	}
}

// Under NO_COLOR the same marks appear in the same cells.
func TestShapesAloneCarryAllInformation(t *testing.T) {
	for name, rs := range map[string][]flow.Record{"retries": runtest.Retries(), "human": runtest.Human(), "sub": runtest.Sub()} {
		for _, path := range []bool{false, true} {
			var seen []string
			for _, th := range []string{"dark", "mono"} {
				m := show(t, rs, th, time.Second)
				if path {
					m.Critical()
				}
				seen = append(seen, draw(m, 120, 30).Plain())
			}
			if seen[0] != seen[1] {
				t.Errorf("%s differs:\n%s\n%s", name, seen[0], seen[1])
			}
		}
	}
}

var situations = [][]flow.Record{
	nil, runtest.RAG()[:1], runtest.RAGLive(), runtest.Retries(), runtest.Backoff(), runtest.Human(), runtest.HumanDone(),
	runtest.FanOut(40, true), runtest.FanOut(128, false), runtest.Loop(9), runtest.Sub(), runtest.Long(3000), hostile(),
}

// hostile is a run whose names, errors and payloads contain control sequences and other harmful
// text.
func hostile() []flow.Record {
	bad := "\x1b]0;x\x07\u202e世界\u0301\u0301\n\t" + strings.Repeat("very long ", 30)
	j, start := runtest.New(bad, bad, runtest.P{bad: bad})
	e := j.Run(bad, 1, start)
	e.Emit("Progress", runtest.P{"done": -5, "total": 3, "unit": bad})
	j.Wait(10)
	e.Fail(bad, 5)
	j.Wait(1e12)
	e.Start(9999)
	e.Await(bad, runtest.P{"prompt": bad})
	f := j.Run("", 0, 77)
	f.Fail(bad, 0)
	f.Break(bad)
	return j.Records
}

// The timeline stays within its rectangle and does not panic, for any size and any keys.
func TestAnySizeAndAnyKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		th, _ := theme.Named(rapid.SampledFrom(theme.Names()).Draw(t, "theme"), true)
		rs := rapid.SampledFrom(situations).Draw(t, "situation")
		n := rapid.IntRange(0, len(rs)).Draw(t, "records")
		r := runtest.Fold(rs[:n])
		m := timeline.New(th)
		m.SetRun(r, steps("retrieve", "judge"))
		now := runtest.Epoch
		if n > 0 {
			now = rs[n-1].Time
		}
		keys := []func(){
			func() { m.Move(1) }, func() { m.Move(-1) }, func() { m.Move(20) }, m.SelectRun, m.Last, func() { m.Scroll(3) }, func() { m.Scroll(-100) },
			func() { m.Scrub(-1) }, func() { m.Scrub(1) }, func() { m.Scrub(-10) }, m.Begin, m.Present, func() { m.ScrubTo(rapid.IntRange(-1, 400).Draw(t, "to")) },
			func() { m.Zoom(0.5) }, func() { m.Zoom(3) }, func() { m.Zoom(1e9) }, m.Fit, m.ZoomToSelected, func() { m.Pan(-8) }, func() { m.Pan(500) },
			func() { m.Cause() }, func() { m.Effect() }, func() { m.Failure() }, func() { m.Toggle() }, m.Workers, func() { m.Critical() }, m.SelectRun,
			func() { m.Click(rapid.IntRange(-1, 220).Draw(t, "x"), rapid.IntRange(-1, 60).Draw(t, "y")) },
			func() { m.Filter(func(_ run.View, s *run.Step, _ *run.Execution) bool { return len(s.Name) > 6 }) }, func() { m.Filter(nil) },
			func() {
				for i := n; i < min(len(rs), n+20); i++ {
					r.Apply(rs[i])
				}
				n = min(len(rs), n+20)
			},
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			w, h := rapid.IntRange(0, 210).Draw(t, "w"), rapid.IntRange(0, 60).Draw(t, "h")
			if rapid.Bool().Draw(t, "small") {
				w, h = w%64, h%16
			}
			c := canvas.New(w+4, h+4)
			c.Fill(c.Bounds(), "x", canvas.Style{})
			rect := canvas.R(2, 2, w, h)
			c.Clear(rect)
			m.SetNow(now.Add(time.Duration(rapid.Int64Range(0, 1e11).Draw(t, "later"))))
			keys[rapid.IntRange(0, len(keys)-1).Draw(t, "key")]()
			m.Version()
			m.Rows()
			m.Draw(c, rect)
			for y := range h + 4 {
				for x := range w + 4 {
					if g, _ := c.At(x, y); (x < 2 || y < 2 || x >= w+2 || y >= h+2) && g != "x" {
						t.Fatalf("%d×%d: cell %d,%d outside was drawn: %q", w, h, x, y, g)
					}
				}
			}
			if strings.ContainsAny(c.Plain(), "\x1b\u202e\x07") {
				t.Fatal("something harmful was drawn")
			}
			s, e := m.Selected()
			if e != nil && e.Step != s {
				t.Fatal("the selected execution is not of the selected step")
			}
		}
	})
}

func TestCauseAndEffectWalkTheEvents(t *testing.T) {
	m := show(t, runtest.Loop(3), "dark", 0)
	m.SetSize(100, 20)
	var path []string
	for m.Effect() {
		s, e := m.Selected()
		path = append(path, fmt.Sprintf("%s%d", s.Name, e.Number))
	}
	if got, want := strings.Join(path, " "), "retrieve1 answer1 judge1 rewrite1 retrieve2 answer2 judge2 rewrite2 retrieve3 answer3 judge3"; got != want {
		t.Errorf("effects %s", got)
	}
	n := 0
	for m.Cause() {
		n++
	}
	if n != len(path)-1 {
		t.Errorf("the path back has %d causes", n)
	}
}

func TestClickFindsRowAndInstant(t *testing.T) {
	m := show(t, runtest.RAG(), "dark", 0)
	draw(m, 80, 20)
	m.Click(30, 3) // the row of rerank
	if s, _ := m.Selected(); s == nil || s.Name != "rerank" {
		t.Fatalf("selected %v", s)
	}
	m.Click(40, 0)
	if m.Live() {
		t.Error("a click on the ruler does not travel")
	}
	if h := m.HitTest(40, 0); m.View().Position() != h.Position || h.Time <= 0 {
		t.Errorf("at %d, want %d", m.View().Position(), h.Position)
	}
}

func TestFailuresSurviveEveryFilter(t *testing.T) {
	m := show(t, runtest.Retries(), "dark", 0)
	m.Filter(func(run.View, *run.Step, *run.Execution) bool { return false })
	text := draw(m, 80, 20).Plain()
	if !strings.Contains(text, "synthesize") || !strings.Contains(text, "search·web") || strings.Contains(text, "search·docs") {
		t.Errorf("filtered:\n%s", text)
	}
}

func TestVersionChangesWithThePicture(t *testing.T) {
	m := show(t, runtest.RAG(), "dark", 0)
	draw(m, 80, 20)
	v := m.Version()
	m.SetNow(runtest.Epoch.Add(time.Hour))
	if m.Version() != v {
		t.Error("the picture of a finished run changes with the time")
	}
	m.Move(1)
	if m.Version() == v {
		t.Error("a move is not seen")
	}
	live := show(t, runtest.RAGLive(), "dark", 0)
	v = live.Version()
	live.SetNow(runtest.Epoch.Add(time.Hour))
	if live.Version() == v {
		t.Error("the picture of a live run does not change")
	}
}

func TestRestartLeavesNoGap(t *testing.T) {
	rs := runtest.RAGLive()
	last := rs[len(rs)-1]
	back := last.Time.Add(3 * time.Hour)
	rs = append(rs, flow.Record{Time: back, Run: last.Run, Kind: flow.RunResumed, Type: "restart"})
	m := show(t, rs, "dark", time.Second)
	if text := draw(m, 100, 12).Plain(); strings.Contains(text, "3h") {
		t.Errorf("the time in which no process ran it is shown:\n%s", text)
	}
}

func TestTheRowsFollowTheWork(t *testing.T) {
	j, cause := runtest.New("many", "Start", nil)
	for i := range 40 {
		e := j.Run(fmt.Sprintf("step-%02d", i), 1, cause)
		j.Wait(100)
		if i < 39 {
			cause = e.Done("Next", nil)
		}
	}
	m := show(t, j.Records, "dark", 0)
	if text := draw(m, 80, 12).Plain(); !strings.Contains(text, "step-39") {
		t.Errorf("the step at work is not visible:\n%s", text)
	}
	if m.Scroll(-100); !strings.Contains(draw(m, 80, 12).Plain(), "step-00") {
		t.Error("scrolled rows do not stay")
	}
	if m.Present(); !strings.Contains(draw(m, 80, 12).Plain(), "step-39") {
		t.Error("the present does not show the work")
	}
}

func TestARecoveredFailureNamesTheRecoveryStep(t *testing.T) {
	j, cause := runtest.New("w", "Start", nil)
	e := j.Run("risky", 1, cause)
	j.Wait(5)
	e.Fail("boom", 0)
	j.Run("mend", 1, e.Send("Failure", nil)).Finish("Stop", nil)
	if text := draw(show(t, j.Records, "dark", 0), 80, 12).Plain(); !strings.Contains(text, "✗ boom → mend") {
		t.Errorf("shown:\n%s", text)
	}
}

func TestTheListCanBeClicked(t *testing.T) {
	m := show(t, runtest.RAG(), "dark", 0)
	draw(m, 50, 12)
	m.Click(5, 3)
	if s, _ := m.Selected(); s == nil || s.Name != "rerank" {
		t.Errorf("selected %v", s)
	}
}

func TestFewConcurrentExecutionsAreUnfoldedWithTheirHints(t *testing.T) {
	j, start := runtest.New("parallel", "Question", runtest.P{"question": "q"})
	d := j.Run("dispatch", 1, start)
	names := []string{"vector", "keyword", "structure"}
	for i, name := range names {
		j.Run("search", i+1, d.Send("SearchIn", runtest.P{"source": name}))
	}
	d.End()
	j.Wait(50)
	text := draw(show(t, j.Records, "dark", 0), 80, 14).Plain()
	for i, name := range names {
		if want := fmt.Sprintf("%d %s", i+1, name); !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}
