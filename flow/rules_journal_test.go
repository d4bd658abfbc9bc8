package flow_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// board is a state with everything that JSON can hold.
type board struct {
	Any  any
	Ptr  *int
	Map  map[string]*int
	List []any
	Deep map[string]map[string][]*board
}

// anyJSON returns a random value that is the same after encoding to JSON and decoding.
func anyJSON(rng *rand.Rand, depth int) any {
	switch n := rng.IntN(7); {
	case n == 0:
		return nil
	case n == 1:
		return rng.IntN(2) == 0
	case n == 2:
		return float64(rng.IntN(1000)) / 8
	case n == 3 || depth == 0:
		return fmt.Sprint("é/~", rng.IntN(10))
	case n == 4:
		l := make([]any, rng.IntN(4))
		for i := range l {
			l[i] = anyJSON(rng, depth-1)
		}
		return l
	}
	m := map[string]any{}
	for range rng.IntN(4) {
		m[[]string{"a", "b/c", "~0", ""}[rng.IntN(4)]] = anyJSON(rng, depth-1)
	}
	return m
}

func anyBoard(rng *rand.Rand, depth int) *board {
	number := func() *int {
		if n := rng.IntN(4); n > 0 {
			return &n
		}
		return nil
	}
	b := &board{Any: anyJSON(rng, 3), Ptr: number()}
	if rng.IntN(2) == 0 {
		b.Map = map[string]*int{"seen": number(), "b": number()}
	}
	for range rng.IntN(4) {
		b.List = append(b.List, anyJSON(rng, 2))
	}
	if depth > 0 && rng.IntN(2) == 0 {
		b.Deep = map[string]map[string][]*board{"x": {"y": {nil, anyBoard(rng, depth-1)}}, "z": nil}
	}
	return b
}

// TestR42_TheStateIsTheSameLiveResumedAndForked changes a state at random, and compares it with the
// states of a run that is resumed from the records, of a fork, of a run that is resumed from the
// fork's own records, and of one that continues from a snapshot.
func TestR42_TheStateIsTheSameLiveResumedAndForked(t *testing.T) {
	for seed := range uint64(40) {
		bubble(t, func(t *testing.T) { testSameState(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func testSameState(t *testing.T, rng *rand.Rand) {
	changes := 1 + rng.IntN(6)
	build := func() *flow.Workflow[Start, Reply] {
		wf := flow.New[Start, Reply]("r42")
		flow.Step(wf, "change", func(c *flow.Context, _ Start) (A, error) {
			for range changes {
				err := flow.Update(c, func(b *board) error {
					next := anyBoard(rng, 2)
					switch rng.IntN(3) {
					case 0:
						b.Any, b.Map = next.Any, next.Map
					case 1:
						b.List = append(b.List, next.List...)
					default:
						*b = *next
					}
					return nil
				})
				if err != nil {
					return A{}, err
				}
				if err := flow.Set(c, "k", anyJSON(rng, 3)); err != nil {
					return A{}, err
				}
			}
			return A{}, nil
		})
		flow.Step(wf, "wait", func(c *flow.Context, _ A) (B, error) {
			_, err := flow.Await[D](c, "k", Ask{})
			return B{}, err
		}, flow.Awaits[D]())
		flow.Step(wf, "show", func(c *flow.Context, _ B) (Reply, error) {
			k, _ := flow.Get[any](c, "k")
			b, err := json.Marshal([]any{flow.State[board](c), k})
			return Reply{Text: string(b)}, err
		})
		return wf
	}
	live := begin(t, build(), Start{})
	synctest.Wait()
	snap, err := live.Snapshot()
	snap = stored(t, snap, err)
	records := sofar(t, live)
	kept := journalOf(t, records)
	ended := func(run *flow.Run[Reply]) string {
		t.Helper()
		if err := run.Send(D{}); err != nil {
			t.Fatal(err)
		}
		return must(run.Wait(t.Context())).Text
	}
	fork := must(build().Fork(t.Context(), slices.Values(kept), uint64(len(kept))))
	own := func(run *flow.Run[Reply], from uint64) []flow.Record {
		synctest.Wait()
		all := sofar(t, run)
		return journalOf(t, all[slices.IndexFunc(all, func(r flow.Record) bool { return r.Seq > from }):])
	}
	forked := own(fork, uint64(len(kept)))
	again := must(build().Resume(t.Context(), slices.Values(forked), flow.ID("again")))
	restored := must(build().ResumeFrom(t.Context(), snap, flow.ID("restored")))
	fromRestored := must(build().Resume(t.Context(), slices.Values(own(restored, snap.Seq()))))
	resumed := must(build().Resume(t.Context(), slices.Values(kept)))
	want := ended(live)
	for name, run := range map[string]*flow.Run[Reply]{
		"resumed": resumed, "forked": fork, "resumed from the fork's records": again, "restored": restored,
		"resumed from the restored run's records": fromRestored,
	} {
		if got := ended(run); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestR55_TheRecordsOfAForkAreEnough(t *testing.T) {
	bubble(t, func(t *testing.T) {
		build := func() *flow.Workflow[Start, Stop] {
			return fanOut(numbers(3), func(c *flow.Context, a A) (*B, error) {
				time.Sleep(time.Duration(a.N) * time.Second)
				_, err := flow.Await[Reply](c, "k", Ask{}, flow.Where("ID", a.N+1), flow.Within(time.Hour))
				return &B{a.N}, err
			}, digits, flow.Workers(1), flow.Awaits[Reply]())
		}
		first := begin(t, build(), Start{}, flow.ID("first"))
		time.Sleep(10 * time.Second)
		records := journalOf(t, sofar(t, first))
		first.Cancel(nil)
		for at := 1; at <= len(records); at++ {
			fork := must(build().Fork(t.Context(), slices.Values(records), uint64(at), flow.ID("fork")))
			time.Sleep(5 * time.Second)
			whole := sofar(t, fork)
			own := journalOf(t, whole[at:])
			fork.Cancel(nil)
			same(t, own[0].Kind, flow.RunForked)
			same(t, own[0].Seq, uint64(at+1))
			var origin flow.Origin
			if err := json.Unmarshal(own[0].Payload.(json.RawMessage), &origin); err != nil || origin.Parent != "first" || origin.Seq != uint64(at) {
				t.Fatal(origin.Parent, origin.Seq, err)
			}
			synctest.Wait()
			run := must(build().Resume(t.Context(), slices.Values(own)))
			same(t, run.ID(), "fork")
			for i := range 3 {
				if err := run.Send(Reply{ID: i + 1}); err != nil {
					t.Fatal(err)
				}
			}
			same(t, must(run.Wait(t.Context())), Stop{1012})
			same(t, all(t, run)[0].Seq, uint64(at+1))
			_, err := build().Fork(t.Context(), slices.Values(own), 1)
			want(t, err, "no record 1")
		}
	})
}
