package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"weft/flow"
)

type (
	item   struct{ N int }
	result struct{ N int }
	inner  struct{ N int }
	nested struct{ N int }
	answer struct{ N int }
	sums   struct{ N int }
	more   interface{ more() }
)

func (inner) more() {}
func (stop) more()  {}

// killedWorkflow returns one of five kinds of workflow: a fast loop, a fan-out with retries,
// awaits, a sub-workflow in a loop, and calls that are made once. Each body says that it begins.
func killedWorkflow(kind int, begins func(what, key string)) *flow.Workflow[start, stop] {
	wf := flow.New[start, stop](fmt.Sprint("killed ", kind%5))
	switch kind % 5 {
	case 0:
		flow.Step(wf, "begin", func(_ *flow.Context, s start) (tick, error) { return tick{0}, nil })
		flow.Step(wf, "tick", func(_ *flow.Context, e tick) (next, error) {
			if begins(fmt.Sprint("tick ", e.N, " 1"), ""); e.N >= 2500 {
				return stop(e), nil
			}
			return tick{e.N + 1}, nil
		})
	case 1:
		flow.Each(wf, "split", func(*flow.Context, start) iter.Seq2[item, error] {
			return func(yield func(item, error) bool) {
				for i := 0; i < 300 && yield(item{i}, nil); i++ {
				}
			}
		})
		flow.Step(wf, "work", func(c *flow.Context, e item) (result, error) {
			begins(fmt.Sprint("work ", e.N, " ", c.Attempt()), "")
			if e.N%7 == 0 && c.Attempt() < 3 {
				return result{}, errors.New("try again")
			}
			return result{e.N * e.N}, flow.Update(c, func(s *sums) error { s.N += e.N; return nil })
		}, flow.Retry(flow.Policy{Attempts: 3, Delay: time.Millisecond}))
		flow.Join(wf, "sum", func(c *flow.Context, all []result) (stop, error) {
			n := 0
			for i, r := range all {
				n += i * r.N
			}
			return stop{n}, nil
		})
	case 2:
		flow.Step(wf, "ask", func(c *flow.Context, _ start) (stop, error) {
			n := 0
			for i := range 12 {
				r, err := flow.Await[answer](c, "question", start{i}, flow.Where("N", i+100))
				if err != nil {
					return stop{}, err
				}
				n = 3*n + r.N
			}
			return stop{n}, nil
		}, flow.Awaits[answer]())
	case 3:
		sub := flow.New[inner, nested]("sub")
		flow.Step(sub, "deep", func(_ *flow.Context, e inner) (nested, error) {
			begins(fmt.Sprint("deep ", e.N, " 1"), "")
			return nested(e), nil
		})
		flow.Step(wf, "begin", func(*flow.Context, start) (inner, error) { return inner{0}, nil })
		flow.Sub(wf, "inner", sub)
		flow.Step(wf, "again", func(_ *flow.Context, e nested) (more, error) {
			if begins(fmt.Sprint("again ", e.N, " 1"), ""); e.N >= 400 {
				return stop(e), nil
			}
			return inner{e.N + 1}, nil
		})
	case 4:
		flow.Step(wf, "pay", func(c *flow.Context, _ start) (stop, error) {
			n := 0
			for i := range 12 {
				v, err := flow.Do(c, fmt.Sprint("call ", i), func(_ context.Context, key string) (int, error) {
					begins(fmt.Sprint("call ", i), key)
					return i * i, nil
				})
				if err != nil {
					return stop{}, err
				}
				n = 2*n + v
			}
			return stop{n}, nil
		})
	}
	return wf
}

// answerAll answers what a run asks, until it ends, and says which replies were acknowledged.
func answerAll(run *flow.Run[stop], acknowledged func(reply string)) {
	for r := range run.Records(context.Background(), 0) {
		if r.Kind != flow.AwaitOpened || r.Type != "answer" {
			continue
		}
		var asked struct{ Prompt start }
		raw, err := r.JSON()
		if err == nil {
			err = json.Unmarshal(raw, &asked)
		}
		if err == nil {
			err = run.Reply(r.Event, answer{asked.Prompt.N + 100})
		}
		if err == nil {
			acknowledged(fmt.Sprint("answer ", asked.Prompt.N+100))
		}
	}
}

// finishedIn returns the work that has finished according to the records of a run, under the keys
// that killedWorkflow uses.
func finishedIn(records []flow.Record) map[string]bool {
	numbers := map[uint64]int{}   // of events
	bodies := map[uint64]string{} // by execution, without the attempt
	calls := map[uint64]string{}
	finished := map[string]bool{}
	for _, r := range records {
		var payload struct {
			N   int
			Key string `json:"key"`
		}
		if raw, ok := r.Payload.(json.RawMessage); ok {
			_ = json.Unmarshal(raw, &payload) // payloads of other shapes have none of these fields
		}
		switch r.Kind {
		case flow.RunStarted, flow.EventSent:
			if numbers[r.Event] = payload.N; r.Type == "answer" {
				finished[fmt.Sprint("answer ", payload.N)] = true
			}
		case flow.StepStarted:
			bodies[r.Execution] = fmt.Sprint(r.Step, " ", numbers[r.Cause])
		case flow.StepFinished, flow.StepFailed:
			finished[fmt.Sprint(bodies[r.Execution], " ", r.Attempt)] = true
		case flow.CallStarted:
			calls[r.Event] = payload.Key
		case flow.CallFinished:
			finished[calls[r.Event]] = true
		}
	}
	return finished
}

// doubtedIn returns the calls that the records of a run say are in doubt.
func doubtedIn(records []flow.Record) map[string]bool {
	calls := map[uint64]string{}
	doubted := map[string]bool{}
	for _, r := range records {
		switch r.Kind {
		case flow.CallStarted:
			var call struct {
				Key string `json:"key"`
			}
			if raw, ok := r.Payload.(json.RawMessage); ok && json.Unmarshal(raw, &call) == nil {
				calls[r.Event] = call.Key
			}
		case flow.CallDoubted:
			doubted[calls[r.Event]] = true
		}
	}
	return doubted
}
