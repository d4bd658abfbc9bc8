package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"
)

// The simulator drives decide and apply without goroutines or steps: at each turn it chooses at random, from a seed, what
// happens next, and after each it checks the invariants against an oracle that knows only the records.

type (
	zStart  struct{ N int }
	zA      struct{ N int }
	zN      struct{ N int }
	zB      struct{ N int }
	zC      struct{ N int }
	zL      struct{ N int }
	zD      struct{ N int }
	zX      struct{ N int }
	zY      struct{ N int }
	zReply  struct{ N int }
	zF      struct{ N int }
	zQ      struct{ N int }
	zW      struct{ N int }
	zStop   struct{ N int }
	zBranch interface{ branch() }
	zNext   interface{ next() }
	zMended interface{ mended() }
)

func (zA) mended() {}
func (zB) mended() {}

func (zA) branch() {}
func (zN) branch() {}

func (zStart) next() {}
func (zStop) next()  {}
func (zQ) next()     {}

func never[E, R any](*Context, E) (r R, err error) { panic("the simulator calls no step") }

func zoo() *core {
	child := New[zQ, zW]("child")
	Step(child, "ask", never[zQ, *zX], Awaits[zReply](), Retry(Policy{Attempts: 2, Delay: time.Second}))
	Step(child, "answer", never[zX, *zW])
	wf := New[zStart, zStop]("zoo", Config{Timeout: time.Hour})
	Each(wf, "split", func(*Context, zStart) iter.Seq2[zBranch, error] { panic(0) }, Workers(2), Retry(Policy{Attempts: 2, Delay: time.Second}))
	Step(wf, "work", never[zA, *zB], Workers(2), Retry(Policy{Attempts: 2, Delay: time.Second, Jitter: 0.5}), Timeout(5*time.Second))
	Each(wf, "inner", func(*Context, zN) iter.Seq2[zC, error] { panic(0) }, Workers(1))
	Step(wf, "bud", never[zC, *zL], Workers(1))
	Step(wf, "leaf", never[zL, *zD], Workers(3))
	Join(wf, "gather", func(*Context, []zD) (*zB, error) { panic(0) })
	Join(wf, "first", func(*Context, []zB) (*zX, error) { panic(0) }, Take(2))
	Join(wf, "all", func(*Context, []zB) (*zF, error) { panic(0) })
	Step(wf, "side", never[zStart, *zY], Sends[zX](), Awaits[zReply](), Timeout(3*time.Second), Retry(Policy{Attempts: 3}))
	Collect2(wf, "pair", func(*Context, zX, zY) (*zF, error) { panic(0) })
	Step(wf, "end", never[zF, zNext], Workers(1))
	Recover(wf, "mend", func(*Context, Failure) (zMended, error) { panic(0) }, Covers("work", "leaf", "end"))
	Sub(wf, "nest", child, Retry(Policy{Attempts: 2, Delay: time.Second}))
	Step(wf, "back", never[zW, *zF])
	if err := wf.Check(); err != nil {
		panic(err)
	}
	return wf.c
}

// A sim is one random schedule.
type sim struct {
	rng   *rand.Rand
	c     *core
	r     *run
	at    int64
	o     *oracle
	past  []Record // from before the run was restored from a snapshot
	seen  uint64   // records of the run that the oracle has seen
	bug   string
	ticks int
	err   error
	long  *longWay // nil: nobody compares
}

func newSim(c *core, seed uint64, bug string) *sim {
	// The oracle takes the number of workers from the workflow as it is written, whatever a planted bug makes of it.
	s := &sim{rng: rand.New(rand.NewPCG(seed, 1)), c: c, o: newOracle(c), bug: bug, at: 1e18}
	s.r = newRun(context.Background(), c, []RunOption{ID("sim")})
	s.tick(tick{do: begin, st: s.r.t.root, ev: outEvent{payload: zStart{1}, typ: int16(c.in), step: -1}})
	return s
}

func (s *sim) failf(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// tick brings one tick to the fold and checks what comes of it.
func (s *sim) tick(k tick) {
	s.at += 1 + int64(s.rng.IntN(1000))
	k.at = s.at
	was := s.r.t.root.phase
	compare := s.long.follow(k)
	n := s.r.fold(&k)
	compare(s)
	if was == over && n > 0 {
		s.failf("%d records after the end", n)
	}
	s.r.t.cmds = s.r.t.cmds[:0]
	if plant := bugs[s.bug]; plant != nil {
		plant(s)
	}
	s.look()
	s.check()
}

// look shows new records to the oracle.
func (s *sim) look() {
	s.r.log.publish()
	for ; s.seen < s.r.log.n(); s.seen++ {
		p := s.r.log.find(nil, s.seen).at(s.seen)
		if err := s.o.see(&p); err != nil {
			s.failf("record %d: %v", s.seen+1, err)
		}
	}
}

// running returns the executions that may do something, in all runs.
func (s *sim) running() (all []*exec) {
	for _, st := range s.r.t.states() {
		for x := range st.executions() {
			if x.status == isRunning && x.s.kind != nested {
				all = append(all, x)
			}
		}
	}
	return all
}

// turn lets one thing happen. It reports whether anything can.
func (s *sim) turn(calm bool) bool {
	t := &s.r.t
	if t.root.phase == over {
		return false
	}
	if !calm {
		switch s.rng.IntN(40) {
		case 0:
			s.tick(tick{do: arrived, st: t.root, ev: s.event(zReply{s.rng.IntN(3)})})
			return true
		case 1:
			s.tick(tick{do: arrived, st: t.root, ev: s.event(zX{s.rng.IntN(9)})})
			return true
		case 2:
			s.tick(tick{do: pause, st: t.root})
			return true
		case 3:
			s.tick(tick{do: resume, st: t.root, n: s.rng.IntN(2)})
			return true
		case 4:
			if s.rng.IntN(8) == 0 {
				s.tick(tick{do: cancel, st: t.root, err: errorText("enough")})
				return true
			}
		case 6:
			if all := s.running(); len(all) > 0 {
				s.at++
				x, ev := all[s.rng.IntN(len(all))], zY{s.rng.IntN(9)}
				s.r.emit(x, ev, s.at)
				s.long.emit(x, ev, s.at)
				s.look()
				s.check()
				return true
			}
		case 5:
			if all := s.running(); len(all) > 0 {
				x := all[s.rng.IntN(len(all))]
				p := &patch{key: "k", before: x.st.values["k"], after: map[string]int{"n": s.rng.IntN(5)}}
				s.tick(tick{do: changed, st: x.st, x: x, ev: outEvent{payload: p}})
				return true
			}
		}
	}
	if t.paused && calm {
		s.tick(tick{do: resume, st: t.root})
		return true
	}
	all := s.running()
	first := t.timers.first()
	awaits := 0
	for _, st := range t.states() {
		awaits += len(st.awaits)
	}
	pick := s.rng.IntN(10)
	switch {
	case len(all) > 0 && (pick < 8 || first == nil):
		s.act(all[s.rng.IntN(len(all))], calm)
	case awaits > 0 && (pick < 9 || first == nil):
		s.tick(tick{do: arrived, st: t.root, ev: s.event(zReply{s.rng.IntN(3)})})
	case first != nil && (first.state == nil || awaits == 0 && len(all) == 0 || s.rng.IntN(20) == 0):
		s.at = max(s.at, first.at)
		s.tick(tick{do: passed, st: t.root})
	case t.paused:
		s.tick(tick{do: resume, st: t.root, n: s.rng.IntN(2)})
	case len(all) > 0:
		s.act(all[s.rng.IntN(len(all))], calm)
	case awaits > 0:
		s.tick(tick{do: arrived, st: t.root, ev: s.event(zReply{s.rng.IntN(3)})})
	case first == nil:
		s.failf("the run is stranded: nothing runs, nothing is due, nobody awaits, and it is not over")
		return false
	}
	return true
}

func (s *sim) event(v any) outEvent {
	return outEvent{payload: v, typ: int16(s.c.typeIndex(v, nil)), step: -1}
}

// act lets an execution do something.
func (s *sim) act(x *exec, calm bool) {
	k := tick{st: x.st, x: x}
	again, odds := x.s.recovers != nil || x.s.retry != nil && x.attempt == 1, 8
	if x.s.recovers == nil && x.s.retry == nil { // its failure is the end
		odds = 64
	}
	if !calm && (s.rng.IntN(odds) == 0 || s.bug != "" && again && s.rng.IntN(3) == 0) {
		k.do, k.err = broke, errorText("boom")
		s.tick(k)
		return
	}
	if x.s.kind == fanOut && (x.rare == nil || x.rare.scope == nil) && s.rng.IntN(10) > 0 {
		k.do = opened
		s.tick(k)
		return
	}
	if x.s.kind == fanOut && x.rare != nil && x.rare.scope != nil && s.rng.IntN(4) > 0 && x.rare.scope.yielded < 5 {
		k.do, k.ev = yielded, s.gives(x)
		if k.ev.payload != nil {
			s.tick(k)
			return
		}
	}
	if len(x.s.sends) > 0 {
		for range s.rng.IntN(3) + int(x.flushed) {
			k.sends = append(k.sends, outEvent{payload: zX{s.rng.IntN(100)}, typ: int16(x.s.sends[0]), step: -1})
		}
	}
	if len(x.s.awaits) > 0 && s.rng.IntN(3) > 0 && (x.rare == nil || len(x.rare.awaits) < 2) {
		k.do, k.ev.typ = awaiting, int16(x.s.awaits[0])
		k.ask = &Prompt{Key: strconv.Itoa(int(x.id)) + "/" + strconv.Itoa(s.rng.IntN(1000)), Prompt: "?"}
		if s.rng.IntN(2) == 0 {
			k.ask.Match = zReply{1 + s.rng.IntN(2)}
		}
		if s.rng.IntN(3) == 0 {
			k.due = s.at + int64(time.Second)
		}
		s.tick(k)
		return
	}
	k.do = returned
	if x.s.kind != fanOut && s.rng.IntN(6) > 0 {
		k.ev = s.gives(x)
	}
	s.tick(k)
}

// gives makes an event that a step may give.
func (s *sim) gives(x *exec) outEvent {
	typ := x.s.outs[s.rng.IntN(len(x.s.outs))]
	v := reflect.New(x.st.c.types[typ].rt).Elem()
	v.Field(0).SetInt(int64(s.rng.IntN(1000)))
	return outEvent{payload: v.Interface(), typ: int16(typ), step: -1}
}

// crash ends the process and goes on from a snapshot or from the journal.
func (s *sim) crash() {
	r := newRun(context.Background(), s.c, []RunOption{ID("sim")})
	if s.rng.IntN(2) == 0 {
		snap := s.r.t.snapshot(s.at)
		if lose := forgets[s.bug]; lose != nil {
			lose(snap)
		}
		b, err := json.Marshal(snap)
		if err != nil {
			s.failf("snapshot: %v", err)
			return
		}
		var back Snapshot
		if err := json.Unmarshal(b, &back); err != nil {
			s.failf("snapshot: %v", err)
			return
		}
		if err := r.t.restore(&back); err != nil {
			s.failf("restore: %v", err)
			return
		}
		if got, want := comparable_(r.t.snapshot(s.at)), comparable_(s.r.t.snapshot(s.at)); got != want && s.bug == "" {
			s.failf("a restored snapshot is not the state:\n got %s\nwant %s", got, want)
		}
		s.past = s.records()
		r.log.first = uint64(len(s.past))
		s.r.subs().Range(func(k, v any) bool { r.subs().Store(k, v); return true })
		s.seen = 0
	} else {
		all := s.records()
		if s.past = nil; !s.replay(r, all) {
			return
		}
		s.seen = r.log.n()
	}
	s.r = r
	s.tick(tick{do: revive, st: s.r.t.root})
}

// records returns the journal.
func (s *sim) records() []Record {
	s.r.log.publish()
	return append(slices.Clone(s.past), s.r.sofar()...)
}

// replay applies records to a new run, through their written form.
func (s *sim) replay(r *run, records []Record) bool {
	for i, rec := range records {
		b, err := json.Marshal(rec)
		var back Record
		if err == nil {
			err = json.Unmarshal(b, &back)
		}
		if err == nil {
			err = r.replay(back, "sim")
		}
		if err != nil {
			s.failf("replay of record %d: %v: %s", i+1, err, b)
			return false
		}
	}
	return true
}

// comparable_ is a state as text.
func comparable_(s *Snapshot) string {
	s.Time = time.Time{}
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// sameOnReplay checks that the journal alone gives the state.
func (s *sim) sameOnReplay() {
	r := newRun(context.Background(), s.c, []RunOption{ID("sim")})
	if !s.replay(r, s.records()) {
		return
	}
	if got, want := comparable_(r.t.snapshot(s.at)), comparable_(s.r.t.snapshot(s.at)); got != want {
		s.failf("the replay of the journal is not the state:\n got %s\nwant %s", got, want)
	}
}

// prefix goes on from a random prefix of the journal: it must come to an end too.
func (s *sim) prefix() {
	all := s.records()
	n := 1 + s.rng.IntN(len(all))
	f := &sim{rng: s.rng, c: s.c, o: newOracle(s.c), at: s.at, bug: s.bug}
	f.r = newRun(context.Background(), s.c, []RunOption{ID("sim")})
	if !s.replay(f.r, all[:n]) {
		return
	}
	if f.look(); f.r.t.root.phase != over {
		f.tick(tick{do: revive, st: f.r.t.root})
	}
	if f.finish(); f.err != nil {
		s.failf("from its first %d records: %w", n, f.err)
	}
}

// finish lets the run come to an end.
func (s *sim) finish() {
	for range 2000 {
		if s.err != nil || !s.turn(true) {
			return
		}
	}
	s.r.cancel(errorText("a loop"))
}

// schedule plays one schedule and returns what was wrong.
func schedule(c *core, seed uint64, bug string) error {
	s := newSim(c, seed, bug)
	heavy, often := seed%8 == 0, 25
	if bug != "" {
		heavy, often = true, 8
	}
	for s.ticks = 0; s.ticks < 60 && s.err == nil; s.ticks++ {
		if !s.turn(false) {
			break
		}
		if heavy && s.rng.IntN(often) == 0 && s.r.t.root.phase != over && s.err == nil {
			s.crash()
		}
	}
	if heavy && s.err == nil {
		s.sameOnReplay()
		s.prefix()
	}
	s.finish()
	if s.err == nil && s.r.t.root.phase == over {
		s.tick(tick{do: cancel, st: s.r.t.root, err: errorText("again")})
		s.tick(tick{do: passed, st: s.r.t.root})
	}
	return s.err
}

func TestSimulator(t *testing.T) {
	c := zoo()
	n := uint64(6_000)
	if os.Getenv("WEFT_LONG") == "1" {
		n = 1_000_000
	}
	if testing.Short() {
		n = 2_000
	}
	first := uint64(1)
	if v := os.Getenv("WEFT_SEED"); v != "" {
		seed, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first, n = seed, 1
	}
	for seed := first; seed < first+n; seed++ {
		if err := schedule(c, seed, ""); err != nil {
			t.Fatalf("seed %d (repeat with WEFT_SEED=%d): %v", seed, seed, err)
		}
	}
	c = maze()
	for seed := first; seed < first+(n+39)/40; seed++ {
		if err := schedule(c, seed, ""); err != nil {
			t.Fatalf("maze, seed %d (repeat with WEFT_SEED=%d): %v", seed, seed, err)
		}
	}
}
