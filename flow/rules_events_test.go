package flow_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
)

// A letter is an event with every kind of field that an event may have.
type letter struct {
	Place  int
	Yes    bool
	Number float64
	Small  float32
	Wide   uint64
	Text   string
	Bytes  []byte
	When   time.Time
	Raw    json.RawMessage
	Ptr    *int
	List   []*letter
	Pair   [2]string
	Map    map[string][]string
	ByID   map[int]*float64
	Base   // its field is the letter's
}

type Base struct {
	Kind string `json:"kind,omitempty"`
}

// A bundle is what comes of all letters.
type bundle struct{ Letters []letter }

func anyLetter(rng *rand.Rand, depth int) letter {
	l := letter{
		Yes: rng.IntN(2) == 0, Number: rng.NormFloat64() * 1e9, Small: rng.Float32(), Wide: rng.Uint64(),
		Text: string([]rune{'a', rune(rng.IntN(0xd000)), '"', '\\', '<', ' ', rune(0x1f600 + rng.IntN(40))}[:rng.IntN(8)]),
		When: time.Unix(rng.Int64N(1e9), rng.Int64N(1e9)).UTC(), Pair: [2]string{"x", fmt.Sprint(rng.IntN(9))},
		Base: Base{[]string{"", "plain"}[rng.IntN(2)]},
	}
	if rng.IntN(3) > 0 { // otherwise nil, which is not the same as empty
		l.Bytes = make([]byte, rng.IntN(5))
		l.List, l.Map, l.ByID = []*letter{}, map[string][]string{}, map[int]*float64{}
	}
	for range rng.IntN(3) {
		n := rng.IntN(3)
		l.Ptr = &n
		l.Raw, _ = json.Marshal(anyJSON(rng, 2))
		if l.Map != nil {
			l.Map[fmt.Sprint("k/~", n)] = [][]string{nil, {}, {"v", ""}}[n]
			l.ByID[-n] = [...]*float64{nil, &l.Number, nil}[n]
		}
		if depth > 0 {
			inner := anyLetter(rng, depth-1)
			l.List = append(l.List, nil, &inner)
		}
	}
	if l.Raw == nil {
		l.Raw = json.RawMessage("null")
	}
	return l
}

// letters returns a workflow that fans out over random letters. Some wait for a reply, some sleep,
// some fail at first, and some are sent to another step on the way.
func letters(seed uint64) *flow.Workflow[letter, bundle] {
	rng := rand.New(rand.NewPCG(seed, 9))
	var all []letter
	for i := range 2 + rng.IntN(4) {
		l := anyLetter(rng, 2)
		l.Place = i
		all = append(all, l)
	}
	wf := flow.New[letter, bundle]("letters")
	flow.Each(wf, "write", func(c *flow.Context, first letter) iter2[B2] {
		return func(yield func(B2, error) bool) {
			for _, l := range append([]letter{first}, all...) {
				if !yield(B2{l}, nil) {
					return
				}
			}
		}
	})
	flow.Step(wf, "carry", func(c *flow.Context, b B2) (C2, error) {
		switch b.Letter.Place % 3 {
		case 0:
			r, err := flow.Await[letter2](c, "k", b.Letter, flow.Where("Place", b.Letter.Place))
			if err != nil {
				return C2{}, err
			}
			return C2{r.letter()}, nil
		case 1:
			if err := flow.Sleep(c, "k", time.Minute); err != nil {
				return C2{}, err
			}
		default:
			if c.Attempt() == 1 {
				return C2{}, errBoom
			}
		}
		return C2(b), nil
	}, flow.Awaits[letter2](), flow.Retry(flow.Policy{Attempts: 3, Delay: time.Second}))
	flow.Join(wf, "bundle", func(c *flow.Context, all []C2) (bundle, error) {
		var b bundle
		for _, l := range all {
			b.Letters = append(b.Letters, l.Letter)
		}
		return b, nil
	})
	return wf
}

type (
	B2      struct{ Letter letter }
	C2      struct{ Letter letter }
	letter2 struct { // a reply
		Place  int
		Letter letter
	}
)

func (l letter2) letter() letter { return l.Letter }

// TestR46_AnyEventSurvivesAnyCut runs a workflow whose events have random values. It cuts the
// journal after each record, and continues from there as the same run, as a fork, and from a
// snapshot: each comes to the result of the undisturbed run, with equal values.
func TestR46_AnyEventSurvivesAnyCut(t *testing.T) {
	seeds := uint64(1)
	if os.Getenv("WEFT_LONG") == "1" {
		seeds = 60
	}
	for seed := range seeds {
		bubble(t, func(t *testing.T) {
			first := anyLetter(rand.New(rand.NewPCG(seed, 1)), 2)
			first.Place = 99 // no other letter's
			finish := func(run *flow.Run[bundle]) bundle {
				t.Helper()
				for {
					synctest.Wait()
					for _, a := range run.Explain().Awaits {
						var match struct{ Place int }
						if err := json.Unmarshal(a.Match, &match); err != nil {
							t.Fatal(err)
						}
						l := anyLetter(rand.New(rand.NewPCG(seed, uint64(100+match.Place))), 2)
						if err := run.Send(letter2{match.Place, l}); err != nil {
							t.Fatal(err)
						}
					}
					if run.Explain().Ended {
						return must(run.Wait(t.Context()))
					}
					time.Sleep(time.Second)
				}
			}
			run := must(letters(seed).Start(t.Context(), first))
			want := finish(run)
			records := journalOf(t, all(t, run))
			for n := 1; n <= len(records); n++ {
				cut := records[:n]
				again := must(letters(seed).Resume(t.Context(), slices.Values(cut)))
				fork := must(letters(seed).Fork(t.Context(), slices.Values(records), uint64(n)))
				own := journalOf(t, sofar(t, fork)) // the first of its own has the state that it begins with
				own = own[slices.IndexFunc(own, func(r flow.Record) bool { return r.Kind == flow.RunForked }):]
				runs := map[string]*flow.Run[bundle]{
					"resumed": again, "forked": fork, "resumed from the fork's records": must(letters(seed).Resume(t.Context(), slices.Values(own))),
				}
				if n < len(records) {
					runs["from a snapshot"] = must(letters(seed).ResumeFrom(t.Context(), must(letters(seed).SnapshotOf(slices.Values(cut)))))
				}
				for how, run := range runs {
					if got := finish(run); !reflect.DeepEqual(got, want) {
						a, _ := json.Marshal(got)
						b, _ := json.Marshal(want)
						t.Fatalf("seed %d, cut after record %d of %d, %s:\n%s\nnot\n%s", seed, n, len(records), how, a, b)
					}
				}
			}
		})
	}
}
