package flowtest_test

import (
	"context"
	"fmt"

	"weft/flow"
	"weft/flow/flowtest"
)

type (
	Question struct{ Text string }
	Passages struct{ Texts []string }
	Progress struct{ Message string }
)

// A step is an ordinary function, which a test can call.
func ExampleNewContext() {
	retrieve := func(ctx *flow.Context, q Question) (Passages, error) {
		ctx.Emit(Progress{"retrieving"})
		return Passages{[]string{q.Text}}, nil
	}
	ctx := flowtest.NewContext(context.Background())
	fmt.Println(retrieve(ctx, Question{"what?"}))
	fmt.Println(flowtest.Emitted(ctx))
	// Output:
	// {[what?]} <nil>
	// [{retrieving}]
}
