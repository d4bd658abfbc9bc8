package fold

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"
)

// The simulator drives the fold without a runtime: at each turn it chooses at random, from a seed,
// what happens next, and after each it checks the invariants against an oracle that knows only the
// records.

// A sim is one random schedule.
type sim struct {
	rng    *rand.Rand
	w      *Workflow
	t      *Tree
	at     int64
	o      *oracle
	past   []Record // from before the run was restored from a snapshot
	seen   uint64   // records of the run that the oracle has seen
	bug    string
	ticks  int
	err    error
	shadow *shadow // nil: none follows
}

// newTree returns a tree without a record.
func newTree(w *Workflow) *Tree {
	t := new(Tree)
	t.Init(w, "sim")
	return t
}

// newSim begins a schedule. The oracle takes the number of workers from the workflow before a
// planted bug changes it.
func newSim(w *Workflow, seed, stream uint64, bug string) *sim {
	s := &sim{
		rng: rand.New(rand.NewPCG(seed, stream)), w: w, t: newTree(w), o: newOracle(w), bug: bug, at: 1e18,
	}
	if seed%5 == 0 {
		within := w.Within()
		steps := within[s.rng.IntN(len(within))].Steps
		breakpoint := steps[s.rng.IntN(len(steps))].Name
		s.t.Break = func(step, _ string) bool { return step == breakpoint }
	}
	return s
}

func (s *sim) begin() {
	s.tick(func() { s.t.Begin(s.at, zStart{1}, false) })
}

func (s *sim) failf(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// tick runs one tick of the fold and checks the records that result.
func (s *sim) tick(happens func()) {
	s.at += 1 + int64(s.rng.IntN(1000))
	over, n := s.t.Over(), s.t.Log.Len()
	happens()
	if over && s.t.Log.Len() > n {
		s.failf("%d records after the end", s.t.Log.Len()-n)
	}
	s.t.ClearCommands()
	if plant := bugs[s.bug]; plant != nil {
		plant(s)
	}
	s.shadow.follow(s)
	s.look()
	s.check()
}

// look shows new records to the oracle.
func (s *sim) look() {
	reader := s.t.Log.Reader()
	for ; s.seen < s.t.Log.Len(); s.seen++ {
		r := reader.internal(s.seen)
		if err := s.o.see(&r); err != nil {
			s.failf("record %d: %v", s.seen+1, err)
		}
	}
}

// internal returns the record with index i as the fold works with it.
func (r *Reader) internal(i uint64) internalRecord {
	p, value := r.at(i)
	in := internalRecord{packedRecord: *p, value: value}
	if d, ok := value.(*detached); ok {
		in.value, in.due, in.run = d.value, d.due, d.run
	}
	return in
}

// running returns the executions that may do something, in all runs.
func (s *sim) running() (all []*Execution) {
	for _, st := range s.t.states() {
		for exec := range st.executions() {
			if exec.status == statusRunning && exec.Step.Kind != NestedStep {
				all = append(all, exec)
			}
		}
	}
	return all
}

// turn lets one thing happen. It reports whether anything can.
func (s *sim) turn(calm bool) bool {
	t := s.t
	if t.Over() {
		return false
	}
	if !calm && s.rng.IntN(12) == 0 && slices.ContainsFunc(t.states()[1:], func(st *State) bool { return st.cleaning }) {
		s.tick(func() { t.Cancel(s.at, ErrorText("enough")) })
		return true
	}
	if !calm {
		switch s.rng.IntN(40) {
		case 0:
			s.arrive(zReply{s.rng.IntN(3)})
			return true
		case 1:
			if s.w.External {
				s.arrive(zP{s.rng.IntN(9)})
			} else {
				s.arrive(zX{s.rng.IntN(9)})
			}
			return true
		case 2:
			s.tick(func() { t.Pause(s.at) })
			return true
		case 3:
			permits := s.rng.IntN(2)
			s.tick(func() { t.Resume(s.at, permits) })
			return true
		case 4:
			if s.rng.IntN(4) == 0 && s.shadow == nil {
				s.tick(func() { t.Suspend(s.at) })
				s.crash()
				return true
			}
			if s.rng.IntN(8) == 0 {
				s.tick(func() { t.Cancel(s.at, ErrorText("enough")) })
				return true
			}
		case 7:
			s.tick(func() { t.adopt(s.at) })
			return true
		case 8:
			s.tick(func() { t.Unkept(s.at, ErrorText("the disk is full")) })
			return true
		case 6:
			if all := s.running(); len(all) > 0 {
				exec, ev := all[s.rng.IntN(len(all))], zY{s.rng.IntN(9)}
				s.tick(func() { t.Emit(s.at, exec, ev) })
				return true
			}
		case 5:
			if all := s.running(); len(all) > 0 {
				exec, after := all[s.rng.IntN(len(all))], map[string]int{"n": s.rng.IntN(5)}
				s.tick(func() { t.Change(s.at, exec, "k", exec.State.values["k"], after) })
				return true
			}
		}
	}
	if t.paused && calm {
		s.tick(func() { t.Resume(s.at, 0) })
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
		s.reply()
	case first != nil && (first.state == nil || awaits == 0 && len(all) == 0 || s.rng.IntN(20) == 0):
		s.at = max(s.at, first.at)
		s.tick(func() { t.Pass(s.at) })
	case t.paused:
		permits := s.rng.IntN(2)
		s.tick(func() { t.Resume(s.at, permits) })
	case len(all) > 0:
		s.act(all[s.rng.IntN(len(all))], calm)
	case awaits > 0:
		s.reply()
	case s.w.External && first == nil:
		s.arrive(zP{s.rng.IntN(5)})
	case first == nil:
		s.failf("the run is stranded: nothing runs, nothing is due, nobody awaits, and it is not over")
		return false
	}
	return true
}

// reply sends a reply: to one of the open awaits, or to all that it matches.
func (s *sim) reply() {
	v := zReply{s.rng.IntN(3)}
	var open []*await
	for _, st := range s.t.states() {
		open = append(open, st.awaits...)
	}
	if len(open) == 0 || s.rng.IntN(2) == 0 {
		s.arrive(v)
		return
	}
	id, ev := open[s.rng.IntN(len(open))].id, Event{Payload: v, Type: int16(s.w.typeIndex(v)), To: -1}
	s.tick(func() { s.t.Reply(s.at, id, ev) })
}

func (s *sim) arrive(v any) {
	ev := Event{Payload: v, Type: int16(s.w.typeIndex(v)), To: -1}
	s.tick(func() { s.t.Arrive(s.at, ev) })
}

// act lets an execution do something.
func (s *sim) act(exec *Execution, calm bool) {
	step, t := exec.Step, s.t
	again, odds := step.recoveredBy != nil || step.Retry != nil && exec.attempt == 1, 8
	if step.recoveredBy == nil && step.Retry == nil { // a failure would end the run
		odds = 64
	}
	if !calm && (s.rng.IntN(odds) == 0 || s.bug != "" && again && s.rng.IntN(3) == 0) {
		s.tick(func() { t.Fail(s.at, exec, ErrorText("boom"), Advice{}) })
		return
	}
	if step.Kind == FanOutStep && !exec.FansOut() && s.rng.IntN(10) > 0 {
		s.tick(func() { t.Open(s.at, exec) })
		return
	}
	if step.Kind == FanOutStep && exec.FansOut() && s.rng.IntN(4) > 0 && exec.extra.opened.yielded < 5 {
		if ev := s.gives(exec); ev.Payload != nil {
			s.tick(func() { t.Yield(s.at, exec, ev) })
			return
		}
	}
	if step.Kind == SingleStep && s.rng.IntN(6) == 0 {
		s.call(exec)
		return
	}
	var sends []Event
	if len(step.Sends) > 0 {
		for range s.rng.IntN(3) + int(exec.delivered) {
			sends = append(sends, s.event(exec, step.Sends[0], 100))
		}
	}
	if step.Kind == SingleStep && s.rng.IntN(4) == 0 && (exec.extra == nil || len(exec.extra.awaits) < 3) {
		due := s.at + int64(s.rng.IntN(2000))*int64(time.Millisecond)
		s.tick(func() { t.Sleep(s.at, exec, strconv.Itoa(s.rng.IntN(3)), due, sends) })
		return
	}
	if len(step.Awaits) > 0 && s.rng.IntN(3) > 0 && (exec.extra == nil || len(exec.extra.awaits) < 2) {
		prompt := Prompt{Key: strconv.Itoa(int(exec.ID)) + "/" + strconv.Itoa(s.rng.IntN(1000)), Prompt: "?"}
		if s.rng.IntN(2) == 0 {
			prompt.Match = Match{"N": json.RawMessage(strconv.Itoa(s.rng.IntN(3)))}
		}
		due := int64(0)
		if s.rng.IntN(3) == 0 {
			due = s.at + int64(time.Second)
		}
		s.tick(func() { t.Await(s.at, exec, step.Awaits[0], prompt, due, sends) })
		return
	}
	var ev Event
	if step.Kind != FanOutStep && step.Kind != CleanupStep && s.rng.IntN(6) > 0 {
		ev = s.gives(exec)
	}
	s.tick(func() { t.Return(s.at, exec, ev, sends) })
}

// call lets an execution make one of two calls, or end or doubt the one that it has made.
func (s *sim) call(exec *Execution) {
	key := strconv.Itoa(s.rng.IntN(2))
	c := exec.extra.nthCall(key, 0)
	s.tick(func() {
		switch {
		case c == nil || c.status == callFailed || c.status == callDoubted:
			s.t.StartCall(s.at, exec, key, 0)
		case c.status == callOpen && s.rng.IntN(4) == 0:
			s.t.FinishCall(s.at, exec, key, 0, nil, ErrorText("refused"))
		case c.status == callOpen && s.rng.IntN(2) == 0:
			s.t.FinishCall(s.at, exec, key, 0, s.rng.IntN(100), nil)
		default: // a call that is done is not changed by it
			s.t.CallState(s.at, exec, key, 0)
		}
	})
}

// gives makes an event that a step may give.
func (s *sim) gives(exec *Execution) Event {
	return s.event(exec, exec.Step.Outs[s.rng.IntN(len(exec.Step.Outs))], 1000)
}

// event makes an event of a type with a random number.
func (s *sim) event(exec *Execution, typ, below int) Event {
	v := reflect.New(exec.State.Workflow.Types[typ].Go).Elem()
	v.Field(0).SetInt(int64(s.rng.IntN(below)))
	return Event{Payload: v.Interface(), Type: int16(typ), To: -1}
}

// adopt records that another process takes over.
func (t *Tree) adopt(now int64) {
	t.tick(now)
	t.root.record(RunAdopted, map[string]int{"epoch": 2})
}

// crash ends the process, and continues from a snapshot or from the journal: from all of it or, if
// the run was forked or restored before, from that record on.
func (s *sim) crash() {
	t := newTree(s.w)
	all := s.records()
	origin := len(all) - 1
	for origin > 0 && !all[origin].Kind.begins() {
		origin--
	}
	if pick := s.rng.IntN(3); pick == 0 && all[origin].Run == "sim" {
		if !s.replay(t, all[origin:]) {
			return
		}
		if got, want := asText(t.Snapshot(s.at)), asText(s.t.Snapshot(s.at)); got != want {
			s.failf("the replay from %v is not the state: %s", all[origin].Kind, differing(got, want))
		}
		s.past, s.seen = all[:origin], t.Log.Len()
	} else if pick == 1 {
		if !s.restore(t) {
			return
		}
		s.past, s.seen = s.records(), 0
		if t.Log.First != uint64(len(s.past)) {
			s.failf("a snapshot after %d records says %d", len(s.past), t.Log.First)
		}
	} else {
		if s.past = nil; !s.replay(t, all) {
			return
		}
		s.seen = t.Log.Len()
	}
	t.Break = s.t.Break
	s.t = t
	if kind := []Kind{RunForked, RunRestored, 0}[s.rng.IntN(3)]; kind != 0 {
		s.tick(func() { t.Originate(kind, "parent", t.Log.First+t.Log.Len()) })
	}
	s.tick(func() { t.Revive(s.at, false) })
}

// restore encodes a snapshot of the tree, decodes it and restores it into a tree.
func (s *sim) restore(t *Tree) bool {
	snap := s.t.Snapshot(s.at)
	if lose := forgets[s.bug]; lose != nil {
		lose(snap)
	}
	b, err := json.Marshal(snap)
	var back Snapshot
	if err == nil {
		err = json.Unmarshal(b, &back)
	}
	if err == nil {
		err = t.Restore(&back)
	}
	if err != nil {
		s.failf("snapshot: %v", err)
		return false
	}
	if got, want := asText(t.Snapshot(s.at)), asText(s.t.Snapshot(s.at)); got != want && s.bug == "" {
		s.failf("a restored snapshot is not the state: %s", differing(got, want))
	}
	return true
}

// records returns the journal.
func (s *sim) records() []Record {
	all := slices.Clone(s.past)
	reader := s.t.Log.Reader()
	for i := range s.t.Log.Len() {
		all = append(all, reader.Record(i))
	}
	return all
}

// replay encodes records, decodes them and applies them to a new tree.
func (s *sim) replay(t *Tree, records []Record) bool {
	for i, rec := range records {
		b, err := json.Marshal(rec)
		var back Record
		if err == nil {
			err = json.Unmarshal(b, &back)
		}
		if err == nil {
			err = t.Replay(back)
		}
		if err != nil {
			s.failf("replay of record %d: %v: %s", i+1, err, b)
			return false
		}
	}
	return true
}

// asText returns a state as text.
func asText(s *Snapshot) string {
	s.Time = time.Time{}
	b, err := json.Marshal((*plainSnapshot)(s)) // without the checksum, which would take as long again
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// sameOnReplay checks that replaying the journal gives the same state.
func (s *sim) sameOnReplay() {
	t := newTree(s.w)
	if !s.replay(t, s.records()) {
		return
	}
	if got, want := asText(t.Snapshot(s.at)), asText(s.t.Snapshot(s.at)); got != want {
		s.failf("the replay of the journal is not the state: %s", differing(got, want))
	}
}

// prefix continues the run from a random prefix of its journal; that run must end too.
func (s *sim) prefix() {
	all := s.records()
	n := 1 + s.rng.IntN(len(all))
	f := &sim{rng: s.rng, w: s.w, t: newTree(s.w), o: newOracle(s.w), at: s.at, bug: s.bug}
	if !s.replay(f.t, all[:n]) {
		return
	}
	if f.look(); !f.t.Over() {
		f.tick(func() { f.t.Revive(f.at, false) })
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
	s.tick(func() { s.t.Cancel(s.at, ErrorText("a loop")) })
	for range 2000 {
		if s.err != nil || !s.turn(true) {
			return
		}
	}
	s.failf("a cancelled run does not end")
}

// schedule plays one schedule and returns what was wrong.
func schedule(w *Workflow, seed uint64, bug string) error {
	s := newSim(w, seed, 1, bug)
	s.begin()
	heavy, often := seed%8 == 0, 25
	if bug != "" {
		heavy, often = true, 8
	}
	for s.ticks = 0; s.ticks < 60 && s.err == nil; s.ticks++ {
		if !s.turn(false) {
			break
		}
		if heavy && s.rng.IntN(often) == 0 && !s.t.Over() && s.err == nil {
			s.crash()
		}
	}
	if heavy && s.err == nil {
		s.sameOnReplay()
		s.prefix()
	}
	s.finish()
	if s.err == nil && s.t.Over() {
		s.tick(func() { s.t.Cancel(s.at, ErrorText("again")) })
		s.tick(func() { s.t.Pass(s.at) })
	}
	return s.err
}

// numberFrom returns the number in an environment variable, or another one.
func numberFrom(t *testing.T, name string, otherwise uint64) uint64 {
	v := os.Getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSimulator plays random schedules: WEFT_SCHEDULES of them, or only that of WEFT_SEED.
func TestSimulator(t *testing.T) {
	n := uint64(2_000) / raceFactor
	if os.Getenv("WEFT_LONG") == "1" {
		n = 1_000_000
	}
	if testing.Short() {
		n = 1_000
	}
	n = numberFrom(t, "WEFT_SCHEDULES", n)
	first := numberFrom(t, "WEFT_SEED", 0)
	if first > 0 {
		n = 1
	}
	first = max(first, 1)
	play := func(w *Workflow, n uint64) {
		for seed := first; seed < first+n; seed++ {
			if err := schedule(w, seed, ""); err != nil {
				t.Fatalf("%s, seed %d (repeat with WEFT_SEED=%d): %v", w.Name, seed, seed, err)
			}
		}
	}
	play(zoo(), n)
	play(maze(), (n+39)/40)
	play(porch(), (n+39)/40)
}
