package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weft/flow/show"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

type p = runtest.P

// A story writes a journal after the start of its run.
type story func(j *runtest.Journal, start uint64)

func told(question string, s story) run.View {
	j, start := runtest.New("rag", "Question", p{"text": question})
	j.Wait(1)
	s(j, start)
	var r run.Run
	for _, rec := range j.Records {
		r.Apply(rec)
	}
	return r.Now()
}

// line is a run of steps, each of which gets the event of the one before. change is called in each.
func line(steps string, change func(step string, e *runtest.Exec) p) story {
	return func(j *runtest.Journal, ev uint64) {
		var e *runtest.Exec
		names := strings.Fields(steps)
		for i, name := range names {
			j.Wait(2)
			e = j.Run(name, 1, ev)
			j.Wait(3)
			out := p{"by": name}
			if change != nil {
				if more := change(name, e); more != nil {
					out = more
				}
			}
			if i == len(names)-1 {
				e.Finish("Answer", out)
				return
			}
			ev = e.Done(strings.ToUpper(name[:1])+name[1:]+"d", out)
		}
	}
}

// in returns a change of one step of a line.
func in(step string, change func(e *runtest.Exec) p) func(string, *runtest.Exec) p {
	return func(name string, e *runtest.Exec) p {
		if name != step {
			return nil
		}
		return change(e)
	}
}

func gives(value any) func(*runtest.Exec) p {
	return func(*runtest.Exec) p { return p{"value": value} }
}

// fan is a fan-out of items that are worked on in an order, and joined.
func fan(items, order []string, result func(item string) string) story {
	return func(j *runtest.Journal, ev uint64) {
		split := j.Run("split", 1, ev)
		scope := split.Scope()
		events := map[string][]uint64{}
		for _, item := range items {
			events[item] = append(events[item], split.Send("Item", p{"item": item}))
		}
		split.End()
		var last *runtest.Exec
		for i, item := range order {
			j.Wait(float64(1 + i))
			last = j.Run("work", i%2+1, events[item][0])
			events[item] = events[item][1:]
			last.Done("Result", p{"result": result(item)})
		}
		j.CloseScope(scope)
		join := j.Join("join", scope)
		join.Finish("Answer", p{"text": "joined"})
	}
}

func echo(item string) string { return item }

func not(wrong string) func(string) string {
	return func(item string) string {
		if item == wrong {
			return "wrong"
		}
		return item
	}
}

// loop asks a judge for a number of rounds, each with an output.
func loop(rounds ...string) story {
	return func(j *runtest.Journal, ev uint64) {
		for i, out := range rounds {
			j.Wait(1)
			write := j.Run("write", 1, ev)
			draft := write.Done("Draft", p{"text": out})
			judge := j.Run("judge", 1, draft)
			if i == len(rounds)-1 {
				judge.Finish("Answer", p{"text": out})
				return
			}
			ev = judge.Done("Again", p{"round": i})
		}
	}
}

// nested runs a sub-workflow with one step.
func nested(out string) story {
	return func(j *runtest.Journal, ev uint64) {
		ask := j.Run("ask", 1, ev)
		sub, begin := ask.Sub("inner", "Question", p{"text": "part"})
		find := sub.Run("find", 1, begin)
		find.Finish("Found", p{"text": out})
		ask.Finish("Answer", p{"text": "done"})
	}
}

// branches runs two steps on the start event, in an order, the second of which may differ.
func branches(first, second, slow string) story {
	return func(j *runtest.Journal, ev uint64) {
		a := j.Run(first, 1, ev)
		b := j.Run(second, 1, ev)
		j.Wait(5)
		out := map[string]string{"left": "l", "right": "r"}
		if slow != "" {
			out["right"] = slow
		}
		b.Done("Done"+second, p{"text": out[second]})
		j.Wait(5)
		a.Done("Done"+first, p{"text": out[first]})
	}
}

const steps = "understand retrieve synthesize"

// pairsOfRuns are constructed pairs of runs with the first difference that a person would name.
var pairsOfRuns = []struct {
	name string
	a, b story
	want string // the start of the first difference; "": there is none
}{
	{"the same", line(steps, nil), line(steps, nil), ""},
	{"an output", line(steps, nil), line(steps, in("retrieve", gives(1))), "the output of retrieve: Retrieved.by retrieve ≠ nothing"},
	{"a number in an output", line(steps, in("retrieve", gives(1))), line(steps, in("retrieve", gives(2))), "the output of retrieve: Retrieved.value 1 ≠ 2"},
	{"deep in an output", line(steps, in("retrieve", gives([]p{{"path": "a"}, {"path": "b"}}))), line(steps, in("retrieve", gives([]p{{"path": "a"}, {"path": "c"}}))), "the output of retrieve: Retrieved.value[1].path b ≠ c"},
	{"a longer list in an output", line(steps, in("retrieve", gives([]int{1}))), line(steps, in("retrieve", gives([]int{1, 2}))), "the output of retrieve: Retrieved.value[1] nothing ≠ 2"},
	{"the answer", line(steps, in("synthesize", gives("x"))), line(steps, in("synthesize", gives("y"))), "the output of synthesize: Answer.value x ≠ y"},
	{"the first of two differences", line(steps, func(string, *runtest.Exec) p { return p{"v": 1} }), line(steps, func(string, *runtest.Exec) p { return p{"v": 2} }), "the output of understand: Understandd.v 1 ≠ 2"},
	{"an event more", line(steps, nil), line(steps, in("retrieve", func(e *runtest.Exec) p { e.Send("Note", p{}); return nil })), "the output of retrieve: Retrieved ≠ Note"},
	{"a step more at the end", line(steps, nil), line(steps+" check", nil), "the output of synthesize: Answer ≠ Synthesized"},
	{"a step that only B has", line("understand", nil), func(j *runtest.Journal, ev uint64) {
		line("understand", nil)(j, ev)
		j.Run("extra", 1, ev).End()
	}, "only B has extra"},
	{"a step that only A has", func(j *runtest.Journal, ev uint64) {
		j.Run("extra", 1, ev).End()
		line("understand", nil)(j, ev)
	}, line("understand", nil), "only A has extra"},
	{"other steps from the start", line("retrieve synthesize", nil), line("dispatch synthesize", nil), "retrieve ≠ dispatch"},
	{"other steps after the first", line("understand retrieve rerank synthesize", nil), line("understand dispatch merge synthesize", nil), "retrieve ≠ dispatch"},
	{"the prompt", line(steps, in("synthesize", asks("be short"))), line(steps, in("synthesize", asks("be long"))), "the prompt of synthesize: Prompt[0].content be short ≠ be long"},
	{"the state", line(steps, in("understand", sets("top", 5))), line(steps, in("understand", sets("top", 8))), "state of understand: top 5 ≠ 8"},
	{"a key of the state that only B has", line(steps, nil), line(steps, in("understand", sets("top", 8))), "state of understand: nothing ≠ top"},
	{"a reply", line(steps, in("retrieve", replied("all"))), line(steps, in("retrieve", replied("none"))), "reply of retrieve: Choice.keep all ≠ none"},
	{"a failure", line(steps, nil), failing("retrieve", "429"), "the output of retrieve: Retrieved ≠ nothing"},
	{"another failure", failing("retrieve", "429"), failing("retrieve", "500"), "outcome of retrieve: failed: 429 ≠ failed: 500"},
	{"an attempt more", line(steps, nil), line(steps, in("retrieve", func(e *runtest.Exec) p { e.Fail("429", 1); e.Start(1); return nil })), ""},
	{"items in another order", fan([]string{"x", "y", "z"}, []string{"x", "y", "z"}, echo), fan([]string{"x", "y", "z"}, []string{"z", "x", "y"}, echo), ""},
	{"one of the items", fan([]string{"x", "y", "z"}, []string{"x", "y", "z"}, echo), fan([]string{"x", "y", "z"}, []string{"z", "x", "y"}, not("y")), "the output of work: Result.result y ≠ wrong"},
	{"equal items", fan([]string{"x", "x", "z"}, []string{"x", "x", "z"}, echo), fan([]string{"x", "x", "z"}, []string{"z", "x", "x"}, echo), ""},
	{"an item less", fan([]string{"x", "y"}, []string{"x", "y"}, echo), fan([]string{"x"}, []string{"x"}, echo), "the output of split: Item ≠ nothing"},
	{"another item", fan([]string{"x", "y"}, []string{"x", "y"}, echo), fan([]string{"x", "w"}, []string{"w", "x"}, echo), "the output of split: Item.item y ≠ w"},
	{"the second round", loop("one", "two"), loop("one", "zwei"), "the output of write: Draft.text two ≠ zwei"},
	{"a round more", loop("one"), loop("one", "two"), "the output of judge: Answer ≠ Again"},
	{"within a sub-workflow", nested("x"), nested("y"), "the output of find: Found.text x ≠ y"},
	{"a sub-workflow that only B has", line("ask", func(string, *runtest.Exec) p { return p{"text": "done"} }), nested("x"), "only B has find"},
	{"a run that goes on", line(steps, nil), unfinished(steps, 2, nil), ""},
	{"a run that goes on and differs", line(steps, nil), unfinished(steps, 2, in("understand", gives(1))), "the output of understand: Understandd.by understand ≠ nothing"},
	{"runs that go on with other steps", unfinished("understand retrieve x", 2, nil), unfinished("understand dispatch x", 2, nil), "retrieve ≠ dispatch"},
	{"a run that was stopped", line(steps, nil), stopped(steps, 2), "outcome of synthesize: done ≠ cancelled"},
	{"branches of another speed", branches("left", "right", ""), branches("right", "left", ""), ""},
	{"one of the branches", branches("left", "right", ""), branches("right", "left", "late"), "the output of right: Doneright.text r ≠ late"},
	{"how the answer was streamed", line(steps, in("synthesize", func(e *runtest.Exec) p { e.Say("some text", 1); return nil })), line(steps, in("synthesize", func(e *runtest.Exec) p { e.Say("some text", 3); return nil })), ""},
	{"a measured time", line(steps, in("retrieve", func(*runtest.Exec) p { return p{"took_ms": 1.5, "list": []p{{"wait_ms": 2}}} })), line(steps, in("retrieve", func(*runtest.Exec) p { return p{"took_ms": 3, "list": []p{{"wait_ms": 4}}} })), ""},
	{"an empty run", func(*runtest.Journal, uint64) {}, line(steps, nil), ""},
}

func asks(system string) func(*runtest.Exec) p {
	return func(e *runtest.Exec) p {
		e.Emit(show.TypePrompt, p{"messages": []p{{"role": "system", "content": system}}, "tokens": len(system)})
		return nil
	}
}

func sets(key string, value any) func(*runtest.Exec) p {
	return func(e *runtest.Exec) p { e.Set(key, value); return nil }
}

func replied(keep string) func(*runtest.Exec) p {
	return func(e *runtest.Exec) p {
		e.Reply(e.Await("Choice", p{"prompt": "which?"}), "Choice", p{"keep": keep})
		return nil
	}
}

// failing runs the steps of a line up to one that fails.
func failing(step, why string) story {
	return func(j *runtest.Journal, ev uint64) {
		for _, name := range strings.Fields(steps) {
			e := j.Run(name, 1, ev)
			if name == step {
				e.Fail(why, 0)
				e.Break(why)
				return
			}
			ev = e.Done(strings.ToUpper(name[:1])+name[1:]+"d", p{"by": name})
		}
	}
}

// unfinished runs a number of steps of a line, the last of which has not ended.
func unfinished(steps string, n int, change func(string, *runtest.Exec) p) story {
	return func(j *runtest.Journal, ev uint64) {
		for i, name := range strings.Fields(steps)[:n] {
			e := j.Run(name, 1, ev)
			out := p{"by": name}
			if change != nil {
				if more := change(name, e); more != nil {
					out = more
				}
			}
			if i < n-1 {
				ev = e.Done(strings.ToUpper(name[:1])+name[1:]+"d", out)
			}
		}
	}
}

// stopped runs a number of steps of a line, and is cancelled in the next one, which has sent its
// answer already.
func stopped(steps string, n int) story {
	return func(j *runtest.Journal, ev uint64) {
		names := strings.Fields(steps)
		for i, name := range names[:n+1] {
			e := j.Run(name, 1, ev)
			if i == n {
				e.Send("Answer", p{"by": name})
				e.Cancel()
				return
			}
			ev = e.Done(strings.ToUpper(name[:1])+name[1:]+"d", p{"by": name})
		}
	}
}

func TestTheFirstDifferenceOfTwoRuns(t *testing.T) {
	if len(pairsOfRuns) < 30 {
		t.Fatalf("%d pairs, want at least 30", len(pairsOfRuns))
	}
	for _, c := range pairsOfRuns {
		a, b := told("why?", c.a), told("why?", c.b)
		for _, swapped := range []bool{false, true} {
			x, y := a, b
			if swapped {
				x, y = b, a
			}
			got := First(x, y, Align(x, y))
			switch {
			case c.want == "" && got != nil:
				t.Errorf("%s (swapped %v): %s, want no difference", c.name, swapped, got)
			case c.want != "" && got == nil:
				t.Errorf("%s (swapped %v): no difference, want %s", c.name, swapped, c.want)
			case got != nil && !swapped && !strings.HasPrefix(got.String(), c.want+", "):
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
		}
	}
}

func TestAnotherQuestionIsTheFirstDifference(t *testing.T) {
	a, b := told("why?", line(steps, nil)), told("how?", line(steps, in("retrieve", gives(1))))
	got := First(a, b, Align(a, b))
	if got == nil || got.String() != "the start: text why? ≠ how?, 0s after the start" {
		t.Errorf("the first difference is %v", got)
	}
}

// TestEveryExecutionIsInExactlyOnePair holds Align to be a matching, of executions of one step, in
// all constructed pairs with each other.
func TestEveryExecutionIsInExactlyOnePair(t *testing.T) {
	for _, x := range pairsOfRuns {
		for _, y := range pairsOfRuns {
			a, b := told("why?", x.a), told("why?", y.b)
			seen := map[*run.Execution]int{}
			for _, pair := range Align(a, b) {
				if pair.A != nil && pair.B != nil && pair.A.Step.Name != pair.B.Step.Name {
					t.Errorf("%s with %s: %s is paired with %s", x.name, y.name, pair.A.Step.Name, pair.B.Step.Name)
				}
				seen[pair.A]++
				seen[pair.B]++
			}
			for _, e := range slices.Concat(a.AllExecutions(), b.AllExecutions()) {
				if seen[e] != 1 {
					t.Errorf("%s with %s: %s %d is in %d pairs", x.name, y.name, e.Step.Name, e.Number, seen[e])
				}
			}
		}
	}
}

func rows(c *Comparison) string {
	var out []string
	for _, r := range c.Rows {
		out = append(out, fmt.Sprintf("%s %s %d/%d", r.Mark, r.Path, r.A.Executions, r.B.Executions))
	}
	return strings.Join(out, "\n")
}

func TestRowsAreSteps(t *testing.T) {
	a := Side{View: told("why?", line("understand retrieve rerank synthesize", nil))}
	b := Side{View: told("why?", func(j *runtest.Journal, ev uint64) {
		e := j.Run("understand", 1, ev)
		j.Wait(2)
		ev = e.Done("Understandd", p{"by": "understand"})
		dispatch := j.Run("dispatch", 1, ev)
		events := []uint64{dispatch.Send("In", p{"n": 1}), dispatch.Send("In", p{"n": 2})}
		dispatch.End()
		one := j.Run("search", 1, events[0])
		j.Wait(1)
		two := j.Run("search", 2, events[1])
		j.Wait(2)
		one.End()
		ev = two.Done("Found", p{})
		s := j.Run("synthesize", 1, ev)
		j.Wait(10)
		s.Finish("Answer", p{"text": "x"})
	})}
	c := Compare(a, b, runtest.Epoch)
	want := "≈ understand 1/1\nB dispatch 0/1\nB search 0/2\nA retrieve 1/0\nA rerank 1/0\n≠ synthesize 1/1"
	if got := rows(c); got != want {
		t.Errorf("the rows are\n%s\nwant\n%s", got, want)
	}
	if took := c.Rows[2].B.Took.Milliseconds(); took != 3 {
		t.Errorf("two searches that overlap took %d ms, want 3", took)
	}
	open := Compare(a, Side{View: told("why?", unfinished("understand retrieve", 2, nil))}, runtest.Epoch)
	if got, want := rows(open), "≈ understand 1/1\n… retrieve 1/1\n… rerank 1/0\n… synthesize 1/0"; got != want {
		t.Errorf("with a run that goes on the rows are\n%s\nwant\n%s", got, want)
	}
}

func TestWordsRebuildBothTexts(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""}, {"a", ""}, {"", "a b"}, {"a b c", "a b c"}, {"a b c", "a x c"}, {"one two three", "two three four"},
		{"the sea is deep", "the lake is not deep"}, {"a a a b", "b a a a"}, {strings.Repeat("x ", 3000), strings.Repeat("y ", 3000)},
	} {
		var a, b strings.Builder
		for _, piece := range Words(c[0], c[1]) {
			if piece.In != OnlyB {
				a.WriteString(piece.Text)
			}
			if piece.In != OnlyA {
				b.WriteString(piece.Text)
			}
		}
		if !slices.Equal(strings.Fields(a.String()), strings.Fields(c[0])) || !slices.Equal(strings.Fields(b.String()), strings.Fields(c[1])) {
			t.Errorf("%.40q and %.40q are rebuilt as %.40q and %.40q", c[0], c[1], a.String(), b.String())
		}
	}
	got := Words("Text is copied. It works.", "Text is copied by ctrl+y. It works.")
	want := []Piece{{Both, "Text is "}, {OnlyA, "copied. "}, {OnlyB, "copied by ctrl+y. "}, {Both, "It works."}}
	if !slices.Equal(got, want) {
		t.Errorf("the pieces are %q, want %q", got, want)
	}
}

func TestSourcesAreGainedLostAndMoved(t *testing.T) {
	with := func(lines ...int) Side {
		var list []p
		for i, line := range lines {
			list = append(list, p{"n": i + 1, "path": "a.md", "line": line, "score": 0.5})
		}
		return Side{View: told("why?", line("synthesize", func(string, *runtest.Exec) p { return p{"text": "x", "sources": list} }))}
	}
	c := Compare(with(10, 20, 30, 40), with(10, 30, 50, 40), runtest.Epoch)
	var got []string
	for _, s := range c.Sources() {
		got = append(got, fmt.Sprintf("%d%s", s.Line, s.Sign()))
	}
	if want := "10= 20− 50+ 30▲ 40="; strings.Join(got, " ") != want {
		t.Errorf("the sources are %v, want %s", got, want)
	}
}
