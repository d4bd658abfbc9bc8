package flow_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"weft/flow"
)

// The samples are small forms of workflows that are often built with models. A model is a function
// here, so that the output is always the same.

type (
	question struct{ Text string }
	thought  struct{ History []string }
	toolCall struct {
		Tool, Input string
		History     []string
	}
	answered struct{ Text string }

	// reActs is what the model decides: to call a tool, or to answer.
	reActs interface{ reAct() }
)

func (toolCall) reAct() {}
func (answered) reAct() {}

// reAct lets a model call tools until it can answer.
func reAct(model func(history []string) reActs, tools map[string]func(string) string) *flow.Workflow[question, answered] {
	wf := flow.New[question, answered]("react")
	flow.Step(wf, "begin", func(_ *flow.Context, q question) (thought, error) {
		return thought{[]string{q.Text}}, nil
	})
	flow.Step(wf, "think", func(_ *flow.Context, t thought) (reActs, error) { return model(t.History), nil })
	flow.Step(wf, "act", func(c *flow.Context, call toolCall) (thought, error) {
		tool, ok := tools[call.Tool]
		if !ok {
			return thought{append(call.History, "there is no tool "+call.Tool)}, nil
		}
		return thought{append(call.History, call.Tool+": "+tool(call.Input))}, nil
	})
	return wf
}

func Example_reAct() {
	model := func(history []string) reActs {
		switch last := history[len(history)-1]; {
		case len(history) == 1:
			return toolCall{"lookup", "price of tea", history}
		case strings.HasPrefix(last, "lookup: "):
			return toolCall{"double", strings.TrimPrefix(last, "lookup: "), history}
		default:
			return answered{"two cups cost " + strings.TrimPrefix(last, "double: ")}
		}
	}
	tools := map[string]func(string) string{
		"lookup": func(string) string { return "3" },
		"double": func(s string) string { n, _ := strconv.Atoi(s); return strconv.Itoa(2 * n) },
	}
	a, err := reAct(model, tools).Run(context.Background(), question{"What do two cups of tea cost?"})
	fmt.Println(a.Text, err)
	// Output: two cups cost 6 <nil>
}

type (
	found struct {
		Question question
		Passages []string
	}
	relevant   struct{ Passages []string }
	irrelevant struct{ Question question }
	graded     interface{ graded() }
)

func (relevant) graded()   {}
func (irrelevant) graded() {}

// corrective grades the passages found in the documents, and searches the web if none is relevant.
func corrective(documents, web func(string) []string) *flow.Workflow[question, answered] {
	wf := flow.New[question, answered]("corrective")
	flow.Step(wf, "retrieve", func(_ *flow.Context, q question) (found, error) {
		return found{q, documents(q.Text)}, nil
	})
	flow.Step(wf, "grade", func(_ *flow.Context, f found) (graded, error) {
		var good []string
		for _, p := range f.Passages {
			if strings.Contains(p, f.Question.Text) {
				good = append(good, p)
			}
		}
		if good == nil {
			return irrelevant{f.Question}, nil
		}
		return relevant{good}, nil
	})
	flow.Step(wf, "search web", func(_ *flow.Context, i irrelevant) (relevant, error) {
		return relevant{web(i.Question.Text)}, nil
	})
	flow.Step(wf, "answer", func(_ *flow.Context, r relevant) (answered, error) {
		return answered{strings.Join(r.Passages, "; ")}, nil
	})
	return wf
}

func Example_correctiveRetrieval() {
	wf := corrective(
		func(string) []string { return []string{"moss is green", "rain is wet"} },
		func(q string) []string { return []string{"the web on " + q} },
	)
	for _, q := range []string{"moss", "lichen"} {
		a, err := wf.Run(context.Background(), question{q})
		fmt.Println(a.Text, err)
	}
	// Output:
	// moss is green <nil>
	// the web on lichen <nil>
}

type (
	extraction struct {
		Text     string
		Try      int
		Rejected string // why the previous attempt was rejected
	}
	written struct {
		Extraction extraction
		JSON       string
	}
	verified interface{ verified() }
)

func (extraction) verified() {}
func (answered) verified()   {}

// structured asks a model for a number. If the answer is invalid it asks again with the problem, at
// most three times.
func structured(model func(extraction) string) *flow.Workflow[question, answered] {
	wf := flow.New[question, answered]("structured")
	flow.Step(wf, "begin", func(_ *flow.Context, q question) (extraction, error) {
		return extraction{Text: q.Text, Try: 1}, nil
	})
	flow.Step(wf, "extract", func(_ *flow.Context, e extraction) (written, error) {
		return written{e, model(e)}, nil
	})
	flow.Step(wf, "validate", func(_ *flow.Context, w written) (verified, error) {
		n, err := strconv.Atoi(w.JSON)
		switch e := w.Extraction; {
		case err == nil:
			return answered{fmt.Sprintf("%d after %d tries", n, e.Try)}, nil
		case e.Try == 3:
			return nil, fmt.Errorf("no number after %d tries: %w", e.Try, err)
		default:
			return extraction{e.Text, e.Try + 1, w.JSON + " is no number"}, nil
		}
	})
	return wf
}

func Example_structuredRetry() {
	model := func(e extraction) string {
		if strings.Contains(e.Rejected, "no number") {
			return "12"
		}
		return "twelve"
	}
	a, err := structured(model).Run(context.Background(), question{"How many months has a year?"})
	fmt.Println(a.Text, err)
	// Output: 12 after 2 tries <nil>
}

type (
	plan     struct{ Steps []string }
	task     struct{ Text string }
	taskDone struct{ Text string }
	review   interface{ review() }
)

func (plan) review()     {}
func (answered) review() {}

// planAndExecute makes a plan, executes its steps at once, and plans again until nothing is left.
func planAndExecute(planner func(done []string) []string) *flow.Workflow[question, answered] {
	type progress struct{ Done []string }
	wf := flow.New[question, answered]("plan and execute")
	flow.Step(wf, "plan", func(*flow.Context, question) (plan, error) { return plan{planner(nil)}, nil })
	flow.Each(wf, "dispatch", func(_ *flow.Context, p plan) iter2[task] {
		return upTo(len(p.Steps), func(i int) task { return task{p.Steps[i]} })
	})
	flow.Step(wf, "execute", func(_ *flow.Context, t task) (taskDone, error) {
		return taskDone{t.Text + " done"}, nil
	})
	flow.Join(wf, "review", func(c *flow.Context, all []taskDone) (review, error) {
		err := flow.Update(c, func(p *progress) error {
			for _, t := range all {
				p.Done = append(p.Done, t.Text)
			}
			return nil
		})
		done := flow.State[progress](c).Done
		if next := planner(done); len(next) > 0 {
			return plan{next}, err
		}
		return answered{strings.Join(done, ", ")}, err
	})
	return wf
}

func Example_planAndExecute() {
	planner := func(done []string) []string {
		switch len(done) {
		case 0:
			return []string{"dig", "sow"}
		case 2:
			return []string{"water"}
		}
		return nil
	}
	a, err := planAndExecute(planner).Run(context.Background(), question{"How do I grow beans?"})
	fmt.Println(a.Text, err)
	// Output: dig done, sow done, water done <nil>
}

type (
	draft struct {
		Text  string
		Round int
	}
	critique struct {
		Draft  draft
		Advice string
	}
	judged interface{ judged() }
)

func (critique) judged() {}
func (answered) judged() {}

// reflection lets one model write and another one criticise, until the critic has no objection.
func reflection(write func(string, string) string, criticise func(string) string) *flow.Workflow[question, answered] {
	wf := flow.New[question, answered]("reflection")
	flow.Step(wf, "write", func(_ *flow.Context, q question) (draft, error) {
		return draft{write(q.Text, ""), 1}, nil
	})
	flow.Step(wf, "criticise", func(_ *flow.Context, d draft) (judged, error) {
		advice := criticise(d.Text)
		if advice == "" || d.Round == 5 {
			return answered{d.Text}, nil
		}
		return critique{d, advice}, nil
	})
	flow.Step(wf, "rewrite", func(_ *flow.Context, k critique) (draft, error) {
		return draft{write(k.Draft.Text, k.Advice), k.Draft.Round + 1}, nil
	})
	return wf
}

func Example_reflection() {
	wf := reflection(func(text, advice string) string {
		if advice != "" {
			return text + " and " + advice
		}
		return text
	}, func(text string) string {
		for _, must := range []string{"rain", "sun"} {
			if !strings.Contains(text, must) {
				return must
			}
		}
		return ""
	})
	a, err := wf.Run(context.Background(), question{"soil"})
	fmt.Println(a.Text, err)
	// Output: soil and rain and sun <nil>
}
