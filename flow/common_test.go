package flow_test

import (
	"iter"

	"weft/flow"
)

type (
	Start struct{ N int }
	A     struct{ N int }
	B     struct{ N int }
	Stop  struct{ N int }
	Tick  struct{ N int }
	Ticks interface{ tick() }
)

func (Tick) tick() {}
func (Stop) tick() {}

func chain() *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("chain")
	flow.Step(wf, "one", func(c *flow.Context, e Start) (A, error) { return A{e.N + 1}, nil })
	flow.Step(wf, "two", func(c *flow.Context, e A) (B, error) { return B{e.N + 1}, nil })
	flow.Step(wf, "three", func(c *flow.Context, e B) (Stop, error) { return Stop{e.N + 1}, nil })
	return wf
}

func fan(n int) *flow.Workflow[Start, Stop] {
	wf := flow.New[Start, Stop]("fan")
	flow.Each(wf, "split", func(c *flow.Context, s Start) iter.Seq2[A, error] {
		return func(yield func(A, error) bool) {
			for i := range s.N {
				if !yield(A{i}, nil) {
					return
				}
			}
		}
	})
	flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) { return B{a.N + 1}, nil }, flow.Workers(n))
	flow.Join(wf, "sum", func(c *flow.Context, all []B) (Stop, error) { return Stop{len(all)}, nil })
	return wf
}

func loop() *flow.Workflow[Tick, Stop] {
	wf := flow.New[Tick, Stop]("loop")
	flow.Step(wf, "tick", func(c *flow.Context, e Tick) (Ticks, error) {
		if e.N >= 10000 {
			return Stop{e.N}, nil
		}
		return Tick{e.N + 1}, nil
	})
	return wf
}
