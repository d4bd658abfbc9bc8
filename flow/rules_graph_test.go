package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/flow"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(b) {
		t.Errorf("%s differs; look at it and run with -update:\n%s", path, got)
	}
}

type unused interface{ unused() }

func TestR49_ValidationReportsAllFindingsAtOnce(t *testing.T) {
	toStop := func(*flow.Context, A) (Stop, error) { return Stop{}, nil }
	for _, c := range []struct {
		name  string
		build func(*flow.Workflow[Start, Stop])
		want  []string
	}{
		{"no steps", func(wf *flow.Workflow[Start, Stop]) {}, []string{"it has no steps"}},
		{"no start", func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "a", toStop) },
			[]string{"no step takes the start event Start", `step "a": no step gives A`}},
		{"no stop", func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "a", func(*flow.Context, Start) (*A, error) { return nil, nil })
			flow.Step(wf, "b", func(*flow.Context, A) (*A, error) { return nil, nil })
		}, []string{"no step gives the stop event Stop", `"a": the stop event Stop cannot be reached`, `"b": the stop event Stop cannot be reached`}},
		{"stop is taken", func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "a", func(*flow.Context, Start) (Stop, error) { return Stop{}, nil })
			flow.Step(wf, "b", func(*flow.Context, Stop) (Stop, error) { return Stop{}, nil })
		}, []string{`"b": it takes the stop event`}},
		{"produced, not consumed", func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "a", func(*flow.Context, Start) (Stop, error) { return Stop{}, nil }, flow.Sends[B]())
		}, []string{`"a": no step takes B`}},
		{"unreachable", func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "s", func(*flow.Context, Start) (Stop, error) { return Stop{}, nil })
			flow.Step(wf, "x", func(*flow.Context, A) (B, error) { return B{}, nil })
			flow.Step(wf, "y", func(*flow.Context, B) (AorB, error) { return A{}, nil })
		}, []string{`"x": nothing leads to it`, `"y": nothing leads to it`, `"x": the stop event Stop cannot be reached`, `"y": the stop event Stop cannot be reached`}},
		{"join without fan-out", func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "s", func(*flow.Context, Start) (A, error) { return A{}, nil })
			flow.Join(wf, "j", func(*flow.Context, []A) (Stop, error) { return Stop{}, nil })
		}, []string{`"j": it joins A, but no fan-out leads to it`}},
		{"an implementor that nobody takes", func(wf *flow.Workflow[Start, Stop]) {
			flow.Name[B](wf, "Bee")
			flow.Step(wf, "s", func(*flow.Context, Start) (AorB, error) { return A{}, nil })
			flow.Step(wf, "a", toStop)
		}, []string{`"s": no step takes Bee`}},
		{"an interface that nothing implements", func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "s", func(*flow.Context, Start) (unused, error) { return nil, nil })
		}, []string{"no step gives the stop event", "no known event implements flow_test.unused"}},
		{"recovery", func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "s", func(*flow.Context, Start) (Stop, error) { return Stop{}, nil })
			r := func(*flow.Context, flow.Failure) (Stop, error) { return Stop{}, nil }
			flow.Recover(wf, "r1", r, flow.Covers("s", "nobody"))
			flow.Recover(wf, "r2", r, flow.Covers("s", "r1"))
			flow.Recover(wf, "r3", r)
			flow.Recover(wf, "r4", r)
		}, []string{`"nobody", which is no step`, `"r2": it covers "s", which "r1" covers already`, `"r1", which is a recovery step`, `"r4": all steps are covered by "r3"`}},
		{"within", func(wf *flow.Workflow[Start, Stop]) {
			flow.Sub(wf, "child", flow.New[Start, Stop]("inner"))
		}, []string{`workflow "inner": the workflow: it has no steps`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wf := flow.New[Start, Stop]("wf")
			c.build(wf)
			err := wf.Check()
			want(t, err, c.want...)
			var all *flow.InvalidError
			if !errors.As(err, &all) || len(all.Findings) != len(c.want) {
				t.Errorf("%d findings instead of %d:\n%v", len(all.Findings), len(c.want), err)
			}
			for _, f := range all.Findings {
				if f.What == "" || f.Where == "" || f.Mend == "" {
					t.Errorf("a finding that does not say what, where and how to mend: %+v", f)
				}
			}
			if _, err := wf.Start(t.Context(), Start{}); err == nil {
				t.Error("it can be started")
			}
		})
	}
	if err := chain().Check(); err != nil {
		t.Error(err)
	}
}

func TestR49_AWorkflowWithinItselfHasAWayAroundIt(t *testing.T) {
	quick := func(*flow.Context, Start) (Stop, error) { return Stop{}, nil }
	for name, build := range map[string]func(wf, other *flow.Workflow[Start, Stop]){
		"nothing else": func(wf, _ *flow.Workflow[Start, Stop]) { flow.Sub(wf, "self", wf) },
		"beside what ends": func(wf, _ *flow.Workflow[Start, Stop]) {
			flow.Sub(wf, "self", wf)
			flow.Step(wf, "quick", quick)
		},
		"through another": func(wf, other *flow.Workflow[Start, Stop]) {
			flow.Sub(wf, "other", other)
			flow.Step(other, "in", func(_ *flow.Context, s Start) (A, error) { return A(s), nil })
			flow.Step(other, "more", func(_ *flow.Context, a A) (Tick, error) { return Tick(a), nil })
			back := flow.New[Tick, Stop]("back")
			flow.Step(back, "again", func(_ *flow.Context, t Tick) (Start, error) { return Start(t), nil })
			flow.Sub(back, "self", wf)
			flow.Sub(other, "back", back)
		},
	} {
		t.Run(name, func(t *testing.T) {
			wf, other := flow.New[Start, Stop]("wf"), flow.New[Start, Stop]("other")
			build(wf, other)
			_, err := wf.Start(t.Context(), Start{})
			var e *flow.InvalidError
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			want(t, err, "the workflow: it stands within itself")
		})
	}
}

func TestR49_MisusePanicsWhenTheStepIsAdded(t *testing.T) {
	step := func(*flow.Context, Start) (Stop, error) { return Stop{}, nil }
	for name, f := range map[string]func(wf *flow.Workflow[Start, Stop]){
		"a duplicate name": func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "s", step); flow.Step(wf, "s", step) },
		"no name":          func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "", step) },
		"too many workers": func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "s", step, flow.Workers(1<<15)) },
		"no workers":       func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "s", step, flow.Workers(0)) },
		"Take on a step":   func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "s", step, flow.Take(1)) },
		"Covers on a step": func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "s", step, flow.Covers("s")) },
		"a pointer is taken": func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "s", func(*flow.Context, *Start) (Stop, error) { return Stop{}, nil })
		},
		"any is returned": func(wf *flow.Workflow[Start, Stop]) {
			flow.Step(wf, "s", func(*flow.Context, Start) (any, error) { return nil, nil })
		},
		"a step after the run":  func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "s", step); wf.Check(); flow.Step(wf, "t", step) },
		"a name that is taken":  func(wf *flow.Workflow[Start, Stop]) { flow.Name[A](wf, "Start") },
		"no function":           func(wf *flow.Workflow[Start, Stop]) { flow.Step[Start, Stop](wf, "s", nil) },
		"no function of a join": func(wf *flow.Workflow[Start, Stop]) { flow.Join[A, Stop](wf, "s", nil) },
		"a limit of none":       func(wf *flow.Workflow[Start, Stop]) { flow.Step(wf, "s", step, flow.Limit(0)) },
		"a limit of a workflow": func(wf *flow.Workflow[Start, Stop]) {
			flow.Sub(wf, "child", flow.New[A, B]("child"), flow.Limit(1))
		},
		"no runs at all": func(wf *flow.Workflow[Start, Stop]) { flow.New[Start, Stop]("x", flow.MaxRuns(0)) },
		"collecting none": func(wf *flow.Workflow[Start, Stop]) {
			flow.CollectN(wf, "c", 0, func(*flow.Context, []A) (Stop, error) { return Stop{}, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p, ok := recover().(string); !ok || !strings.HasPrefix(p, "flow: ") {
					t.Errorf("no panic that says why: %v", p)
				}
			}()
			f(flow.New[Start, Stop]("wf"))
		})
	}
}

// everything is a workflow with every kind of step.
func everything() *flow.Workflow[Start, Stop] {
	child := flow.New[B, C]("child", flow.Describe("Turns a B into a C."))
	flow.Step(child, "turn", func(_ *flow.Context, b B) (C, error) { return C(b), nil })
	wf := flow.New[Start, Stop]("everything", flow.Describe(`One of "each" kind.`))
	flow.Each(wf, "split", func(_ *flow.Context, s Start) iter.Seq2[A, error] { return upTo(3, func(i int) A { return A{i} }) }, flow.Describe("Splits."))
	flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) {
		if a.N == 1 {
			return B{}, errBoom
		}
		return B(a), nil
	}, flow.Workers(2), flow.Awaits[Reply]())
	flow.Recover(wf, "mend", func(*flow.Context, flow.Failure) (B, error) { return B{}, nil }, flow.Covers("work"))
	flow.Sub(wf, "child", child)
	flow.Join(wf, "sum", func(_ *flow.Context, all []C) (D, error) { return D{len(all)}, nil })
	flow.Step(wf, "side", func(*flow.Context, Start) (*Stop, error) { return nil, nil }, flow.Sends[Tick]())
	flow.Collect2(wf, "pair", func(*flow.Context, D, Tick) (Stop, error) { return Stop{}, nil })
	flow.Step(wf, "end", func(_ *flow.Context, d D) (Stop, error) { return Stop(d), nil })
	return wf
}

func TestR50_TheGraphIsToldByTheTypes(t *testing.T) {
	wf := everything()
	if err := wf.Check(); err != nil {
		t.Fatal(err)
	}
	g, err := json.MarshalIndent(wf.Graph(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "graph.json", string(g)+"\n")
	golden(t, "graph.mmd", wf.Graph().Mermaid())
	run := begin(t, wf, Start{})
	must(run.Wait(t.Context()))
	golden(t, "run.mmd", run.Graph().Mermaid())
}

type BorC interface{ borc() }

func (B) borc() {}
func (C) borc() {}

func TestR50_AWorkflowWithinItselfIsToldOnce(t *testing.T) {
	down, up := flow.New[A, B]("down"), flow.New[C, D]("up")
	flow.Step(down, "more", func(_ *flow.Context, a A) (BorC, error) {
		if a.N == 0 {
			return B{}, nil
		}
		return C(a), nil
	})
	flow.Sub(down, "up", up)
	flow.Step(down, "add", func(_ *flow.Context, d D) (B, error) { return B{d.N + 1}, nil })
	flow.Step(up, "less", func(_ *flow.Context, c C) (A, error) { return A{c.N - 1}, nil })
	flow.Sub(up, "down", down)
	flow.Step(up, "back", func(_ *flow.Context, b B) (D, error) { return D(b), nil })
	same(t, must(down.Run(t.Context(), A{5})), B{5})
	inner := down.Graph().Steps[1].Graph
	same(t, inner.Name, "up")
	same(t, inner.Steps[1].Graph, nil)
}

func TestR51_VerboseLogsALineForEachRecord(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var b strings.Builder
		wf := flow.New[Start, Stop]("r51", flow.Verbose(), flow.LogTo(slog.New(slog.NewTextHandler(&b, nil))))
		flow.Step(wf, "fail", func(c *flow.Context, s Start) (Stop, error) {
			if c.Attempt() == 1 {
				return Stop{}, errBoom
			}
			return Stop(s), nil
		}, flow.Retry(flow.Policy{Attempts: 2}))
		run := begin(t, wf, Start{})
		must(run.Wait(t.Context()))
		n := len(all(t, run))
		if lines := strings.Count(settled(&b), "\n"); lines != n {
			t.Errorf("%d lines for %d records", lines, n)
		}
		for _, part := range []string{"msg=step.failed", "step=fail", "error=boom", "attempt=2", "type=Stop"} {
			if !strings.Contains(b.String(), part) {
				t.Errorf("no %s in:\n%s", part, b.String())
			}
		}
	})
}

// asking is a handler that looks at the run when something is logged.
type asking struct {
	slog.Handler
	run   flow.Handle
	asked chan string
}

func (a *asking) Handle(_ context.Context, r slog.Record) error {
	a.asked <- r.Message
	a.run.Explain()
	a.run.Pause()
	return nil
}

func TestR51_AHandlerMayAskTheRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a := &asking{Handler: slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug}), asked: make(chan string, 8)}
	begun, late := make(chan bool), make(chan bool)
	wf := flow.New[Start, Stop]("r51", flow.LogTo(slog.New(a)))
	flow.Step(wf, "one", func(c *flow.Context, _ Start) (A, error) { <-begun; return A{}, nil })
	flow.Step(wf, "late", func(c *flow.Context, _ Start) (*A, error) {
		<-late
		for _, err := range []error{c.Send(B{}), flow.Set(c, "k", 1)} {
			if !errors.Is(err, flow.ErrEnded) {
				t.Error(err)
			}
		}
		c.Emit(Tick{})
		late <- true
		return nil, nil
	}, flow.Sends[B]())
	flow.CollectN(wf, "two", 2, func(*flow.Context, []A) (Stop, error) { return Stop{}, nil })
	flow.Step(wf, "end", func(*flow.Context, A) (Stop, error) { return Stop{}, nil })
	flow.Step(wf, "b", func(*flow.Context, B) (*Stop, error) { return nil, nil })
	run := begin(t, wf, Start{})
	a.run = run
	close(begun)
	must(run.Wait(ctx))
	late <- true
	select {
	case <-late:
	case <-ctx.Done():
		t.Fatal("the handler waits for the run, which waits for the handler")
	}
	for _, what := range []string{"events were collected and never used", "too late", "too late", "too late"} {
		same(t, <-a.asked, what)
	}
}
