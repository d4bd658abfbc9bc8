package flow

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A crew is the goroutines of a run. As long as steps take less time than it takes to wake somebody, one goroutine that performs
// one execution after the other is faster than several that fight for the run's lock; as soon as one takes longer, the others
// must not wait for it. So an execution that starts is put into a line, from which every goroutine that has finished one takes the
// next, and while one waits there another goroutine stands by: it looks whether the run moves, and only if it does not it takes
// the execution, having called the next one to stand by. What it counts are its looks. If one of them takes long, the processors
// have so much to do that who stands by is itself kept waiting: then whatever waits in line gets a goroutine of its own.
type crew struct {
	line    line[*Context] // of attempts that nobody performs yet
	taken   atomic.Uint32  // out of line
	standBy bool           // somebody stands by, or is on the way there
	fanOuts int            // that are called: only then goroutines rest
	resting []chan bool    // goroutines that may be called; false: to end
}

const (
	maxResting = 16
	stillLooks = 8   // in which no record is written, until the run counts as one that stands still
	sameLooks  = 256 // after which nobody waits in line any longer, however the run moves
	longLook   = int64(time.Millisecond)
)

// take takes the next attempt that has not been given up out of the line. The lock is held.
func (w *crew) take() *Context {
	for _, c := range w.line.rest() {
		w.line.pop()
		w.taken.Add(1)
		if c.x.ctx == c {
			return c
		}
	}
	return nil
}

// callOne calls somebody to stand by, if anything waits. The lock is held.
func (r *run) callOne() {
	w := &r.crew
	if w.standBy || w.line.empty() {
		return
	}
	w.standBy = true
	if n := len(w.resting); n > 0 {
		ch := w.resting[n-1]
		w.resting = w.resting[:n-1]
		ch <- true
		return
	}
	go func() { r.work(r.lookOut()) }()
}

// lookOut stands by until the run does not move by itself, and returns the execution to go on with, if there is one.
func (r *run) lookOut() *Context {
	w := &r.crew
	records, taken := r.log.published.Load(), w.taken.Load()
	busy := false
	for still, same := 0, 0; still < stillLooks && same < sameLooks && !busy; still, same = still+1, same+1 {
		at := r.now()
		runtime.Gosched()
		busy = r.now()-at > longLook
		if n := r.log.published.Load(); n != records {
			records, still = n, 0
		}
		if n := w.taken.Load(); n != taken {
			taken, same = n, 0
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w.standBy = false
	c := w.take()
	for busy && !w.line.empty() {
		if c := w.take(); c != nil {
			go r.work(c)
		}
	}
	r.callOne()
	return c
}

// idle is for a goroutine that has nothing to go on with: it takes the next execution from the line, or rests until it is
// called. It returns nil when it is to end.
func (r *run) idle(ch *chan bool) *Context {
	w := &r.crew
	for {
		r.mu.Lock()
		c := w.take()
		if c != nil || w.fanOuts == 0 || r.t.root.phase != running || len(w.resting) >= maxResting {
			r.mu.Unlock()
			return c
		}
		if *ch == nil {
			*ch = make(chan bool, 1)
		}
		w.resting = append(w.resting, *ch)
		r.mu.Unlock()
		if !<-*ch {
			return nil
		}
		if c := r.lookOut(); c != nil {
			return c
		}
	}
}

// yielding counts the fan-outs that are called.
func (r *run) yielding(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.crew.fanOuts += n; r.crew.fanOuts == 0 {
		r.dismiss()
	}
}

// dismiss ends the goroutines that rest.
func (r *run) dismiss() {
	for _, ch := range r.crew.resting {
		ch <- false
	}
	r.crew.resting = nil
}
