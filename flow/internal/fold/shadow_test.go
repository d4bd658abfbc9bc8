package fold

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// A shadow is a tree that gets no ticks: it replays the records of another one.
type shadow struct {
	t    *Tree
	seen uint64
}

// follow replays what the last tick has recorded, and compares the states.
func (sh *shadow) follow(s *sim) {
	if sh == nil {
		return
	}
	reader := s.t.Log.Reader()
	for ; sh.seen < s.t.Log.Len(); sh.seen++ {
		r := reader.Record(sh.seen)
		if err := sh.t.Replay(r); err != nil {
			s.failf("record %d (%v) cannot be replayed: %v", r.Seq, r.Kind, err)
			return
		}
	}
	if live, replayed := dues(&s.t.timers), dues(&sh.t.timers); !slices.Equal(live, replayed) {
		s.failf("due is %v, after a replay %v", live, replayed)
	}
	if live, replayed := asText(s.t.Snapshot(s.at)), asText(sh.t.Snapshot(s.at)); live != replayed {
		s.failf("the state is not that of the records: %s", differing(live, replayed))
	}
}

// differing shows two states in JSON from shortly before the first byte that differs: whole, they are
// lines of thousands of bytes.
func differing(got, want string) string {
	const before, after = 200, 300
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	part := func(state string) string { return state[max(at-before, 0):min(at+after, len(state))] }
	return fmt.Sprintf("from byte %d on they differ:\n got …%s…\nwant …%s…", at, part(got), part(want))
}

// dues returns the timers as text, in the order in which they are due.
func dues(h *timers) (all []string) {
	in := slices.Clone(h.heap)
	slices.SortFunc(in, func(a, b *timer) int {
		if h.less(a, b) {
			return -1
		}
		return +1
	})
	for _, t := range in {
		id := uint32(0)
		switch {
		case t.exec != nil:
			id = t.exec.ID
		case t.await != nil:
			id = t.await.id
		case t.state != nil:
			id = t.state.sub()
		}
		all = append(all, fmt.Sprint(t.at, " ", id))
	}
	return all
}

// TestTheRecordsAloneGiveTheStateAfterEveryTick compares a run with a replay of its records.
func TestTheRecordsAloneGiveTheStateAfterEveryTick(t *testing.T) {
	n := uint64(40) / raceFactor
	if os.Getenv("WEFT_LONG") == "1" {
		n = 2_000
	}
	if testing.Short() {
		n = 20
	}
	for _, w := range []*Workflow{zoo(), maze(), porch()} {
		for seed := range n {
			s := newSim(w, seed, 2, "")
			s.shadow = &shadow{t: newTree(w)}
			s.begin()
			for i := 0; i < 60 && s.err == nil && s.turn(false); i++ {
			}
			if s.finish(); s.err != nil {
				t.Fatalf("%s, seed %d: %v", w.Name, seed, s.err)
			}
		}
	}
}
