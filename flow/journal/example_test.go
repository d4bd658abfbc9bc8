package journal_test

import (
	"context"
	"fmt"
	"os"
	"slices"

	"weft/flow"
	"weft/flow/journal"
)

type (
	Order    struct{ Item string }
	Approval struct{ By string }
	Shipped  struct{ Text string }
)

func shipping() *flow.Workflow[Order, Shipped] {
	wf := flow.New[Order, Shipped]("shipping")
	flow.Step(wf, "approve", func(ctx *flow.Context, o Order) (Shipped, error) {
		a, err := flow.Await[Approval](ctx, "approval", o)
		return Shipped{o.Item + ", approved by " + a.By}, err
	}, flow.Awaits[Approval]())
	return wf
}

// A run is kept, put aside while it waits, and continued by what might be another process.
func Example() {
	path, err := os.MkdirTemp("", "runs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(path)
	dir, err := journal.Open(path)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	w, err := dir.Create("order-7")
	if err != nil {
		panic(err)
	}
	run, err := shipping().Start(ctx, Order{"a lamp"}, flow.ID("order-7"), flow.Keep(w, flow.Sync()))
	if err != nil {
		panic(err)
	}
	_, _, err = dir.Continue("order-7")
	fmt.Println("while it is under way:", err != nil)
	if err := run.Suspend(); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}

	file, w, err := dir.Continue("order-7")
	if err != nil {
		panic(err)
	}
	defer w.Close()
	run, err = shipping().Resume(ctx, slices.Values(file.Records), flow.Keep(w))
	if err != nil {
		panic(err)
	}
	if err := run.Send(Approval{"Ada"}); err != nil {
		panic(err)
	}
	shipped, err := run.Wait(ctx)
	fmt.Println(shipped.Text, err)
	// Output:
	// while it is under way: true
	// a lamp, approved by Ada <nil>
}
