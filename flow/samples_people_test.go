package flow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

type (
	expenses struct{ Amounts []int }
	expense  struct{ Index, Amount int }
	verdict  struct {
		Index int
		Yes   bool
	}
	decided struct{ Text string }
	payout  struct{ Lines []string }
)

// expenseApprovals asks for each expense whether it is approved. A reply says by its index which it
// is for, and 0 is an index like any other.
func expenseApprovals() *flow.Workflow[expenses, payout] {
	wf := flow.New[expenses, payout]("approvals")
	flow.Each(wf, "split", func(_ *flow.Context, e expenses) iter2[expense] {
		return upTo(len(e.Amounts), func(i int) expense { return expense{i, e.Amounts[i]} })
	})
	flow.Step(wf, "ask", func(c *flow.Context, e expense) (decided, error) {
		v, err := flow.Await[verdict](c, "approve", fmt.Sprintf("Pay %d?", e.Amount), flow.Where("Index", e.Index))
		return decided{fmt.Sprint(e.Amount, " ", v.Yes)}, err
	}, flow.Awaits[verdict](), flow.Workers(1))
	flow.Join(wf, "pay", func(_ *flow.Context, all []decided) (payout, error) {
		var p payout
		for _, d := range all {
			p.Lines = append(p.Lines, d.Text)
		}
		return p, nil
	})
	return wf
}

func Example_approvals() {
	ctx := context.Background()
	run, err := expenseApprovals().Start(ctx, expenses{[]int{10, 20, 30}})
	if err != nil {
		panic(err)
	}
	waitForAwaits(run, 3)
	for i := range 3 { // in another order than that of the questions
		if err := run.Send(verdict{2 - i, i == 2}); err != nil {
			panic(err)
		}
	}
	p, err := run.Wait(ctx)
	fmt.Println(strings.Join(p.Lines, ", "), err)
	// Output: 10 true, 20 false, 30 false <nil>
}

// waitForAwaits reads records until a run has opened n awaits.
func waitForAwaits(run flow.Handle, n int) {
	for r := range run.Records(context.Background(), 0) {
		if r.Kind == flow.AwaitOpened {
			if n--; n == 0 {
				return
			}
		}
	}
}

type (
	article  struct{ Topic string }
	proposal struct{ Text string }
	response struct {
		Approved bool
		Remark   string
	}
	revision  struct{ Remark string }
	published struct{ Text string }
	reviewed  interface{ reviewed() }
)

func (revision) reviewed()  {}
func (published) reviewed() {}

// draftAndApprove writes a draft and shows it. What a person sends is the event of another step,
// which publishes the draft or lets it be written again.
func draftAndApprove() *flow.Workflow[article, published] {
	write := func(c *flow.Context, text string) error {
		err := flow.Set(c, "draft", text)
		c.Emit(proposal{text}) // last, because the reply to it needs the draft
		return err
	}
	wf := flow.New[article, published]("draft and approve")
	flow.Step(wf, "draft", func(c *flow.Context, a article) (*published, error) {
		return nil, write(c, "On "+a.Topic)
	})
	flow.Step(wf, "review", func(c *flow.Context, r response) (reviewed, error) {
		text, _ := flow.Get[string](c, "draft")
		if r.Approved {
			return published{text}, nil
		}
		return revision{r.Remark}, nil
	}, flow.External[response]())
	flow.Step(wf, "revise", func(c *flow.Context, r revision) (*published, error) {
		text, _ := flow.Get[string](c, "draft")
		return nil, write(c, text+", "+r.Remark)
	})
	return wf
}

func Example_draftAndApprove() {
	ctx := context.Background()
	run, err := draftAndApprove().Start(ctx, article{"moss"})
	if err != nil {
		panic(err)
	}
	for r := range run.Records(ctx, 0) {
		if p, ok := r.Payload.(proposal); ok {
			fmt.Println("draft:", p.Text)
			run.Send(response{Approved: strings.Contains(p.Text, "shorter"), Remark: "shorter"})
		}
	}
	p, err := run.Wait(ctx)
	fmt.Println("published:", p.Text, err)
	// Output:
	// draft: On moss
	// draft: On moss, shorter
	// published: On moss, shorter <nil>
}

type (
	signUp  struct{}
	form    struct{ Age int }
	account struct{ Age, Tries int }
)

// signUps asks for a form until it is valid. Each question is an await of its own, although all
// have one key.
func signUps() *flow.Workflow[signUp, account] {
	wf := flow.New[signUp, account]("sign up")
	flow.Step(wf, "ask", func(c *flow.Context, _ signUp) (account, error) {
		text := "How old are you?"
		for try := 1; ; try++ {
			f, err := flow.Await[form](c, "form", text)
			if err != nil {
				return account{}, err
			}
			if f.Age >= 18 {
				return account{f.Age, try}, nil
			}
			text = fmt.Sprintf("%d is too young. How old are you?", f.Age)
		}
	}, flow.Awaits[form]())
	return wf
}

func Example_validationForm() {
	ctx := context.Background()
	run, err := signUps().Start(ctx, signUp{})
	if err != nil {
		panic(err)
	}
	ages := []int{7, 17, 30}
	for r := range run.Records(ctx, 0) {
		if r.Kind == flow.AwaitOpened {
			fmt.Println(r.Payload.(flow.Prompt).Prompt)
			run.Reply(r.Event, form{ages[0]})
			ages = ages[1:]
		}
	}
	a, err := run.Wait(ctx)
	fmt.Println(a.Age, "after", a.Tries, "tries", err)
	// Output:
	// How old are you?
	// 7 is too young. How old are you?
	// 17 is too young. How old are you?
	// 30 after 3 tries <nil>
}

type (
	opened   struct{ Name string }
	said     struct{ Text string }
	turn     struct{ Text string }
	farewell struct{ Turns int }
	heard    interface{ heard() }
)

func (turn) heard()     {}
func (farewell) heard() {}

// chat continues until the person has nothing more to say.
func chat() *flow.Workflow[opened, farewell] {
	type talk struct{ Turns int }
	wf := flow.New[opened, farewell]("chat")
	flow.Step(wf, "greet", func(c *flow.Context, o opened) (*turn, error) { return &turn{"Hello " + o.Name}, nil })
	flow.Step(wf, "hear", func(c *flow.Context, s said) (heard, error) {
		if s.Text == "bye" {
			return farewell{flow.State[talk](c).Turns}, nil
		}
		return turn{"You said " + s.Text}, flow.Update(c, func(t *talk) error { t.Turns++; return nil })
	}, flow.External[said](), flow.Workers(1))
	flow.Step(wf, "say", func(c *flow.Context, t turn) (*farewell, error) { c.Emit(t); return nil, nil })
	return wf
}

func Example_chatBySignals() {
	ctx := context.Background()
	run, err := chat().Start(ctx, opened{"Ann"})
	if err != nil {
		panic(err)
	}
	says := []string{"moss", "fern", "bye"}
	for r := range run.Records(ctx, 0) {
		if t, ok := r.Payload.(turn); ok && r.Kind == flow.EventEmitted {
			fmt.Println(t.Text)
			run.Send(said{says[0]})
			says = says[1:]
		}
	}
	f, err := run.Wait(ctx)
	fmt.Println(f.Turns, "turns", err)
	// Output:
	// Hello Ann
	// You said moss
	// You said fern
	// 2 turns <nil>
}

type (
	invoice  struct{ Number int }
	paid     struct{ Reference string }
	invoiced struct{ Text string }
)

// reminders reminds a customer once a day of an invoice, for three days.
func reminders(remind func(day int) error) *flow.Workflow[invoice, invoiced] {
	wf := flow.New[invoice, invoiced]("reminders")
	flow.Step(wf, "wait", func(c *flow.Context, i invoice) (invoiced, error) {
		for day := 1; day <= 3; day++ {
			p, err := flow.Await[paid](c, "paid", i, flow.Within(24*time.Hour))
			if err == nil {
				return invoiced{"paid by " + p.Reference}, nil
			}
			if !errors.Is(err, flow.ErrAwaitTimeout) {
				return invoiced{}, err
			}
			_, err = flow.Do(c, "remind", func(context.Context, string) (int, error) { return day, remind(day) })
			if err != nil {
				return invoiced{}, err
			}
		}
		return invoiced{"handed over"}, nil
	}, flow.Awaits[paid]())
	return wf
}

// TestSampleReminders ends the process every ten hours.
func TestSampleReminders(t *testing.T) {
	for name, tc := range map[string]struct {
		payAfter time.Duration
		want     string
		reminded []int
	}{
		"paid in time": {31 * time.Hour, "paid by x", []int{1}},
		"never paid":   {1000 * time.Hour, "handed over", []int{1, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				dir, err := journal.Open(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				var reminded []int
				build := func() *flow.Workflow[invoice, invoiced] {
					return reminders(func(day int) error { reminded = append(reminded, day); return nil })
				}
				began := time.Now()
				w := must(dir.Create("r"))
				run := begin(t, build(), invoice{7}, flow.ID("r"), flow.Keep(w))
				for {
					time.Sleep(10 * time.Hour)
					synctest.Wait()
					select {
					case <-run.Done():
						same(t, must(run.Wait(t.Context())), invoiced{tc.want})
						same(t, reminded, tc.reminded)
						return
					default:
					}
					if time.Since(began) > tc.payAfter {
						run.Send(paid{"x"})
						continue
					}
					if err := errors.Join(run.Suspend(), w.Close()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Hour) // no process has the run meanwhile
					file, next, err := dir.Continue("r")
					if err != nil {
						t.Fatal(err)
					}
					w = next
					run = must(build().Resume(t.Context(), slices.Values(file.Records), flow.Keep(w)))
				}
			})
		})
	}
}

type (
	trip     struct{ To string }
	flight   struct{ Trip trip }
	hotel    struct{ Trip trip }
	bookings struct{ Bookings []booking }
	booking  struct{ What, Key string } // Key: the idempotency key under which it is made
	ledger   struct{ Made []booking }   // also those that are about to be made
)

// saga books a flight, a hotel and a car. If the run ends without all of them, the bookings are
// given back, the last one first. A booking is stored before it is made: if the run ends meanwhile,
// it may or may not have been made, and giving back one that was not made must do nothing.
func saga(book, giveBack func(context.Context, booking) error) *flow.Workflow[trip, bookings] {
	reserve := func(c *flow.Context, what string) error {
		_, err := flow.Do(c, what, func(call context.Context, key string) (booking, error) {
			b := booking{what, key}
			err := flow.Update(c, func(l *ledger) error {
				if !slices.Contains(l.Made, b) { // the call may be made again
					l.Made = append(l.Made, b)
				}
				return nil
			})
			if err != nil {
				return b, err
			}
			return b, book(call, b)
		})
		return err
	}
	wf := flow.New[trip, bookings]("saga")
	flow.Step(wf, "flight", func(c *flow.Context, t trip) (flight, error) { return flight{t}, reserve(c, "flight") })
	flow.Step(wf, "hotel", func(c *flow.Context, f flight) (hotel, error) { return hotel(f), reserve(c, "hotel") })
	flow.Step(wf, "car", func(c *flow.Context, _ hotel) (bookings, error) {
		err := reserve(c, "car")
		return bookings{flow.State[ledger](c).Made}, err
	})
	flow.Finally(wf, "give back", func(c *flow.Context, e flow.Ending) error {
		if e.Kind == flow.RunFinished {
			return nil
		}
		for _, b := range slices.Backward(flow.State[ledger](c).Made) {
			if err := giveBack(c, b); err != nil {
				return err
			}
		}
		return nil
	})
	return wf
}

func Example_saga() {
	ctx := context.Background()
	var agency sync.Map // the bookings, by their keys
	atCar := make(chan bool)
	book := func(call context.Context, b booking) error {
		if b.What == "car" {
			close(atCar)
			<-call.Done() // cut off before it takes effect
			return call.Err()
		}
		agency.Store(b.Key, b.What)
		fmt.Println("booked", b.What)
		return nil
	}
	giveBack := func(_ context.Context, b booking) error {
		if what, ok := agency.LoadAndDelete(b.Key); ok {
			fmt.Println("gave back", what)
		}
		return nil
	}
	run, err := saga(book, giveBack).Start(ctx, trip{"Rome"})
	if err != nil {
		panic(err)
	}
	<-atCar
	run.Cancel(errors.New("no holiday"))
	_, err = run.Wait(ctx)
	var cancelled *flow.CancelError
	fmt.Println(errors.As(err, &cancelled), cancelled)
	// Output:
	// booked flight
	// booked hotel
	// gave back hotel
	// gave back flight
	// true the run was cancelled: no holiday
}
