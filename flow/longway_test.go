package flow

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

type (
	zE      struct{ N int }
	zG      struct{ N int }
	zH      struct{ N int }
	zP      struct{ N int }
	zR      struct{ N int }
	zV      struct{ N int }
	zWays   interface{ ways() }
	zDoors  interface{ doors() }
	zExits  interface{ exits() }
	zPassed interface{ passed() }
)

func (zE) ways()      {}
func (zN) ways()      {}
func (zW) ways()      {}
func (zB) doors()     {}
func (zC) doors()     {}
func (zStart) exits() {}
func (zStop) exits()  {}
func (zF) passed()    {}
func (zW) passed()    {}
func (zL) passed()    {}

// maze is a workflow of fan-outs within workflows within fan-outs, one of which may come back to itself.
func maze() *core {
	cell := New[zP, zV]("cell", Config{Timeout: 40 * time.Second})
	Step(cell, "knock", never[zP, *zE], Awaits[zReply](), Retry(Policy{Attempts: 2}), Workers(1), Timeout(3*time.Second))
	Step(cell, "open", never[zE, zV])
	hall := New[zQ, zW]("hall", Config{Timeout: 20 * time.Second})
	Each(hall, "ways", func(*Context, zQ) iter.Seq2[zWays, error] { panic(0) }, Workers(2), Retry(Policy{Attempts: 2, Delay: time.Second}))
	Step(hall, "walk", never[zE, *zD], Workers(2), Awaits[zReply](), Retry(Policy{Attempts: 2, Delay: time.Second}), Timeout(4*time.Second))
	Step(hall, "enter", never[zN, *zP], Workers(1))
	Sub(hall, "cell", cell, Workers(2), Retry(Policy{Attempts: 2, Delay: time.Second}))
	Step(hall, "leave", never[zV, *zD], Workers(1))
	Join(hall, "some", func(*Context, []zD) (*zG, error) { panic(0) }, Take(3))
	Join(hall, "every", func(*Context, []zD) (*zH, error) { panic(0) })
	Collect2(hall, "both", func(*Context, zG, zH) (*zR, error) { panic(0) })
	Step(hall, "back", never[zR, zW], Workers(1))
	Recover(hall, "help", func(*Context, Failure) (zWays, error) { panic(0) }, Covers("walk", "ways", "cell"))
	wf := New[zStart, zStop]("maze", Config{Timeout: time.Hour})
	Each(wf, "split", func(*Context, zStart) iter.Seq2[zQ, error] { panic(0) }, Workers(2), Retry(Policy{Attempts: 2, Delay: time.Second}))
	Sub(wf, "hall", hall, Workers(2), Retry(Policy{Attempts: 2, Delay: time.Second}), Timeout(30*time.Second))
	Step(wf, "door", never[zW, zDoors], Workers(1))
	Step(wf, "more", never[zC, *zB], Workers(1), Sends[zB]())
	CollectN(wf, "two", 2, func(*Context, []zB) (*zX, error) { panic(0) })
	Join(wf, "all", func(*Context, []zX) (*zF, error) { panic(0) })
	Join(wf, "again", func(*Context, []zX) (*zY, error) { panic(0) })
	Step(wf, "side", never[zStart, *zA], Sends[zD](), Sends[zQ](), Awaits[zReply](), Timeout(3*time.Second), Retry(Policy{Attempts: 3}))
	Step(wf, "stair", never[zA, *zF], Workers(1), Sends[zD]())
	Step(wf, "step", never[zD, *zY], Workers(2))
	Collect2(wf, "pair", func(*Context, zF, zY) (*zL, error) { panic(0) })
	Step(wf, "end", never[zL, zExits], Workers(1))
	Recover(wf, "mend", func(*Context, Failure) (zPassed, error) { panic(0) }, Budget(2))
	if err := wf.Check(); err != nil {
		panic(err)
	}
	return wf.c
}

// A longWay is a run that gets the same ticks and knows nothing of shortcuts: what follows is decided and applied record by
// record, in the order of next.
type longWay struct {
	r    *run
	seen uint64
}

// follow lets the same happen to it, and returns what compares the two.
func (l *longWay) follow(k tick) func(*sim) {
	if l == nil {
		return func(*sim) {}
	}
	t := &l.r.t
	if k.st = t.root; k.x != nil {
		k.x = t.execs.get(k.x.id)
		k.st = k.x.st
	}
	l.fold(&k)
	return func(s *sim) {
		s.r.log.publish()
		for ; l.seen < max(s.r.log.n(), l.r.log.n()) && s.err == nil; l.seen++ {
			if a, b := l.record(s.r), l.record(l.r); a != b {
				s.failf("record %d is %s, the long way is %s", l.seen+1, a, b)
			}
		}
		if a, b := due(&s.r.t.timers), due(&t.timers); !slices.Equal(a, b) {
			s.failf("due is %v, the long way %v", a, b)
		}
		if a, b := comparable_(s.r.t.snapshot(s.at)), comparable_(t.snapshot(s.at)); a != b {
			s.failf("the state is not that of the long way:\n got %s\nwant %s", a, b)
		}
	}
}

func (l *longWay) fold(k *tick) {
	r := l.r
	r.t.now = k.at
	p := &r.draft
	switch n := 0; k.do {
	case yielded:
		sc := k.x.rare.scope
		p.clear(k.at, k.x.st.sub)
		p.kind, p.cause, p.event, p.n, p.typ, p.payload = EventSent, k.x.id, r.t.ids+1, int32(sc.yielded)+1, k.ev.typ, k.ev.payload
		r.commit(p)
		l.settle()
	default:
		for ; decide(&r.t, k, n, p); n++ {
			r.commit(p)
			if k.do == passed || k.do == cancel {
				l.settle()
			}
		}
		l.settle()
	}
	r.t.cmds = r.t.cmds[:0]
	r.log.publish()
}

func (l *longWay) settle() {
	t := &l.r.t
	for t.moved != nil || t.root.moved {
		st := t.root
		if t.moved != nil {
			st = t.moved
		}
		if st.next(&l.r.draft) {
			l.r.commit(&l.r.draft)
			continue
		}
		if st.moved = false; st != t.root {
			t.moved, st.under = st.under, nil
		}
	}
}

func (l *longWay) emit(x *exec, ev any, at int64) {
	if l != nil {
		l.r.emit(l.r.t.execs.get(x.id), ev, at)
	}
}

// record returns the next record as text.
func (l *longWay) record(r *run) string {
	if l.seen >= r.log.n() {
		return "none"
	}
	return fmt.Sprintf("%+v", r.record(r.log.find(nil, l.seen).at(l.seen), l.seen+1))
}

// due returns what is due in its order.
func due(h *timers) (all []string) {
	in := slices.Clone(h.heap)
	slices.SortFunc(in, func(a, b *timer) int {
		if h.less(a, b) {
			return -1
		}
		return +1
	})
	for _, t := range in {
		who := uint32(0)
		switch {
		case t.exec != nil:
			who = t.exec.id
		case t.await != nil:
			who = t.await.id
		case t.state != nil:
			who = t.state.sub
		}
		all = append(all, fmt.Sprint(t.at, " ", who))
	}
	return all
}

func TestTheShortcutsWriteWhatTheLongWayDoes(t *testing.T) {
	n := uint64(200)
	if testing.Short() {
		n = 20
	}
	for _, c := range []*core{zoo(), maze()} {
		for seed := range n {
			s := &sim{rng: rand.New(rand.NewPCG(seed, 2)), c: c, o: newOracle(c), at: 1e18}
			id := []RunOption{ID("sim")}
			s.r, s.long = newRun(context.Background(), c, id), &longWay{r: newRun(context.Background(), c, id)}
			s.tick(tick{do: begin, st: s.r.t.root, ev: outEvent{payload: zStart{1}, typ: int16(c.in), step: -1}})
			for i := 0; i < 60 && s.err == nil && s.turn(false); i++ {
			}
			if s.finish(); s.err != nil {
				t.Fatalf("%s, seed %d: %v", c.name, seed, s.err)
			}
		}
	}
}
