package flow_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"weft/flow"
)

type (
	Question struct{ Text string }
	Passages struct{ Found []string }
	Answer   struct{ Text string }
)

// A workflow of two steps: the types wire them.
func Example() {
	wf := flow.New[Question, Answer]("hello")
	flow.Step(wf, "retrieve", func(ctx *flow.Context, q Question) (Passages, error) {
		return Passages{[]string{"a thread", "a weft"}}, nil
	})
	flow.Step(wf, "answer", func(ctx *flow.Context, p Passages) (Answer, error) {
		return Answer{strings.Join(p.Found, " and ")}, nil
	})
	answer, err := wf.Run(context.Background(), Question{"what is woven?"})
	fmt.Println(answer.Text, err)
	// Output: a thread and a weft <nil>
}

// Route is what classify may return: an interface that only its branches implement.
type Route interface{ route() }

type (
	Simple  struct{ Text string }
	Complex struct{ Text string }
)

func (Simple) route()  {}
func (Complex) route() {}

// A step that returns an interface branches to the steps that take the event that it returns.
func ExampleStep_branching() {
	wf := flow.New[Question, Answer]("routing")
	flow.Step(wf, "classify", func(ctx *flow.Context, q Question) (Route, error) {
		if len(strings.Fields(q.Text)) < 5 {
			return Simple(q), nil
		}
		return Complex(q), nil
	})
	flow.Step(wf, "simple", func(ctx *flow.Context, s Simple) (Answer, error) { return Answer{"quick"}, nil })
	flow.Step(wf, "complex", func(ctx *flow.Context, c Complex) (Answer, error) { return Answer{"thorough"}, nil })

	quick, _ := wf.Run(context.Background(), Question{"why?"})
	thorough, _ := wf.Run(context.Background(), Question{"why is it so, and since when?"})
	fmt.Println(quick.Text, thorough.Text)
	// Output: quick thorough
}

type (
	Draft  struct{ Rounds int }
	Judged interface{ judged() }
)

func (Draft) judged()  {}
func (Answer) judged() {}

// A loop is a branch that leads back.
func ExampleStep_loop() {
	wf := flow.New[Question, Answer]("refine")
	flow.Step(wf, "write", func(ctx *flow.Context, q Question) (Draft, error) { return Draft{1}, nil })
	flow.Step(wf, "judge", func(ctx *flow.Context, d Draft) (Judged, error) {
		if d.Rounds < 3 {
			return Draft{d.Rounds + 1}, nil
		}
		return Answer{fmt.Sprint("good after ", d.Rounds, " rounds")}, nil
	})
	fmt.Println(wf.Run(context.Background(), Question{"?"}))
	// Output: {good after 3 rounds} <nil>
}

type (
	Search struct{ In string }
	Hits   struct{ From string }
)

// Three searches run at once, and a join takes all their hits. No step counts them.
func ExampleEach() {
	wf := flow.New[Question, Answer]("parallel")
	flow.Each(wf, "dispatch", func(ctx *flow.Context, q Question) iter.Seq2[Search, error] {
		return func(yield func(Search, error) bool) {
			for _, in := range []string{"vectors", "keywords", "titles"} {
				if !yield(Search{in}, nil) {
					return
				}
			}
		}
	})
	flow.Step(wf, "search", func(ctx *flow.Context, s Search) (*Hits, error) {
		if s.In == "titles" {
			return nil, nil // nothing found: the branch drops out
		}
		return &Hits{s.In}, nil
	}, flow.Workers(3))
	flow.Join(wf, "merge", func(ctx *flow.Context, all []Hits) (Answer, error) {
		return Answer{fmt.Sprint(all)}, nil
	})
	fmt.Println(wf.Run(context.Background(), Question{"?"}))
	// Output: {[{vectors} {keywords}]} <nil>
}

// Two steps take the question; a collect takes what both give.
func ExampleCollect2() {
	wf := flow.New[Question, Answer]("collect")
	flow.Step(wf, "search", func(ctx *flow.Context, q Question) (Hits, error) { return Hits{"keywords"}, nil })
	flow.Step(wf, "retrieve", func(ctx *flow.Context, q Question) (Passages, error) { return Passages{[]string{"p"}}, nil })
	flow.Collect2(wf, "both", func(ctx *flow.Context, h Hits, p Passages) (Answer, error) {
		return Answer{fmt.Sprint(h.From, " ", p.Found)}, nil
	})
	fmt.Println(wf.Run(context.Background(), Question{"?"}))
	// Output: {keywords [p]} <nil>
}

type (
	Proposal struct{ Sources []string }
	Decision struct{ Keep bool }
)

// A person decides. The prompt is a record that a screen shows; the decision is sent to the run.
func ExampleAwait() {
	wf := flow.New[Question, Answer]("approve")
	flow.Step(wf, "ask", func(ctx *flow.Context, q Question) (Answer, error) {
		d, err := flow.Await[Decision](ctx, "sources", Proposal{[]string{"a.md"}})
		if err != nil {
			return Answer{}, err
		}
		return Answer{fmt.Sprint("kept: ", d.Keep)}, nil
	}, flow.Awaits[Decision]())

	run, _ := wf.Start(context.Background(), Question{"?"})
	for r := range run.Records(context.Background(), 0) {
		if r.Kind == flow.AwaitOpened {
			fmt.Println("prompt:", r.Payload.(flow.Prompt).Prompt)
			run.Send(Decision{Keep: true})
		}
	}
	fmt.Println(run.Wait(context.Background()))
	// Output:
	// prompt: {[a.md]}
	// {kept: true} <nil>
}

// A step is tried three times; then a recovery step answers instead.
func ExampleRecover() {
	wf := flow.New[Question, Answer]("fallback")
	flow.Step(wf, "risky", func(ctx *flow.Context, q Question) (Answer, error) {
		return Answer{}, errors.New("the network is down")
	}, flow.Retry(flow.Policy{Attempts: 3, Delay: time.Millisecond, Factor: 2, Jitter: 0.2}))
	flow.Recover(wf, "apologise", func(ctx *flow.Context, f flow.Failure) (Answer, error) {
		return Answer{fmt.Sprintf("no answer after %d attempts: %v", f.Attempts, f.Err)}, nil
	}, flow.Covers("risky"))
	fmt.Println(wf.Run(context.Background(), Question{"?"}))
	// Output: {no answer after 3 attempts: the network is down} <nil>
}

// Usage is state that the steps of a run share.
type Usage struct{ Tokens int }

func ExampleUpdate() {
	wf := flow.New[Question, Answer]("state")
	flow.Step(wf, "retrieve", func(ctx *flow.Context, q Question) (Passages, error) {
		if err := flow.Set(ctx, "question", q.Text); err != nil {
			return Passages{}, err
		}
		return Passages{}, flow.Update(ctx, func(u *Usage) error { u.Tokens += 7; return nil })
	})
	flow.Step(wf, "answer", func(ctx *flow.Context, p Passages) (Answer, error) {
		question, _ := flow.Get[string](ctx, "question")
		return Answer{fmt.Sprint(question, " took ", flow.State[Usage](ctx).Tokens, " tokens")}, nil
	})
	fmt.Println(wf.Run(context.Background(), Question{"this"}))
	// Output: {this took 7 tokens} <nil>
}

// A step that is a workflow.
func ExampleSub() {
	rag := flow.New[Search, Hits]("rag")
	flow.Step(rag, "find", func(ctx *flow.Context, s Search) (Hits, error) { return Hits{s.In + "!"}, nil })

	wf := flow.New[Question, Answer]("research")
	flow.Each(wf, "decompose", func(ctx *flow.Context, q Question) iter.Seq2[Search, error] {
		return func(yield func(Search, error) bool) {
			for _, part := range strings.Fields(q.Text) {
				if !yield(Search{part}, nil) {
					return
				}
			}
		}
	})
	flow.Sub(wf, "rag", rag)
	flow.Join(wf, "report", func(ctx *flow.Context, all []Hits) (Answer, error) { return Answer{fmt.Sprint(all)}, nil })
	fmt.Println(wf.Run(context.Background(), Question{"how why"}))
	// Output: {[{how!} {why!}]} <nil>
}

// A step shows its progress to the readers of the run.
type Progress struct{ Message string }

func ExampleContext_Emit() {
	wf := flow.New[Question, Answer]("streaming")
	flow.Step(wf, "work", func(ctx *flow.Context, q Question) (Answer, error) {
		ctx.Emit(Progress{"retrieving"})
		ctx.Emit(Progress{"writing"})
		return Answer{"done"}, nil
	})
	run, _ := wf.Start(context.Background(), Question{"?"})
	for r := range run.Records(context.Background(), 0) { // until the run has ended
		if p, ok := r.Payload.(Progress); ok {
			fmt.Println(p.Message)
		}
	}
	fmt.Println(run.Wait(context.Background()))
	// Output:
	// retrieving
	// writing
	// {done} <nil>
}

// Pending holds the calls that a run has made or is about to make.
type Pending struct{ Calls []string }

// The run is cancelled while it books a car. The state names each call before it is made, so that
// the clean-up step also undoes the call that the cancel has cut off.
func ExampleFinally() {
	underWay := make(chan bool)
	book := func(ctx context.Context, what string) (string, error) {
		fmt.Println("book", what)
		if what == "car" {
			close(underWay)
			<-ctx.Done() // whether there is a car is not known
			return "", ctx.Err()
		}
		return "reference of the " + what, nil
	}

	wf := flow.New[Question, Answer]("travel")
	flow.Step(wf, "book", func(ctx *flow.Context, q Question) (Answer, error) {
		for _, what := range []string{"flight", "hotel", "car"} {
			_, err := flow.Do(ctx, what, func(call context.Context, _ string) (string, error) {
				err := flow.Update(ctx, func(p *Pending) error {
					if !slices.Contains(p.Calls, what) { // the call may be made again
						p.Calls = append(p.Calls, what)
					}
					return nil
				})
				if err != nil {
					return "", err
				}
				return book(call, what)
			})
			if err != nil {
				return Answer{}, err
			}
		}
		return Answer{"booked"}, nil
	})
	flow.Finally(wf, "undo", func(ctx *flow.Context, e flow.Ending) error {
		if e.Kind == flow.RunFinished {
			return nil
		}
		for _, what := range slices.Backward(flow.State[Pending](ctx).Calls) {
			_, err := flow.Do(ctx, what, func(context.Context, string) (bool, error) {
				fmt.Println("undo", what)
				return true, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})

	run, err := wf.Start(context.Background(), Question{"Rome?"})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-underWay
	rain := errors.New("it rains in Rome")
	run.Cancel(rain)
	_, err = run.Wait(context.Background())
	fmt.Println(errors.Is(err, rain))
	// Output:
	// book flight
	// book hotel
	// book car
	// undo car
	// undo hotel
	// undo flight
	// true
}

// A run continues from its records. Steps that had finished are not called again.
func ExampleWorkflow_Resume() {
	build := func(down bool) *flow.Workflow[Question, Answer] {
		wf := flow.New[Question, Answer]("resume")
		flow.Step(wf, "retrieve", func(ctx *flow.Context, q Question) (Passages, error) {
			fmt.Println("retrieving")
			return Passages{[]string{"p"}}, nil
		})
		flow.Step(wf, "answer", func(ctx *flow.Context, p Passages) (Answer, error) {
			if down {
				<-ctx.Done() // the process ends here
				return Answer{}, ctx.Err()
			}
			return Answer{p.Found[0]}, nil
		})
		return wf
	}
	first, _ := build(true).Start(context.Background(), Question{"?"})
	var journal []flow.Record
	for r := range first.Records(context.Background(), 0) {
		if journal = append(journal, r); r.Kind == flow.StepStarted && r.Step == "answer" {
			break
		}
	}
	first.Cancel(nil)

	second, err := build(false).Resume(context.Background(), slices.Values(journal))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(second.Wait(context.Background()))
	// Output:
	// retrieving
	// {p} <nil>
}
