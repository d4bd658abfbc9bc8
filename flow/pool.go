package flow

import (
	"runtime"
	"time"
)

const (
	maxResting    = 16
	spinsNoRecord = 8   // yields without a new record, after which the spare takes an attempt
	spinsNoTake   = 256 // yields without a take, after which it takes one although records are appended
	longYield     = int64(time.Millisecond)
)

// take takes the next attempt that was not given up out of the queue. The lock is held.
func (p *workerPool) take() *Context {
	for _, c := range p.queue.All() {
		p.queue.Pop()
		p.taken.Add(1)
		if c.counts() {
			return c
		}
	}
	return nil
}

// callSpare calls a spare goroutine if an attempt waits. The lock is held.
func (r *run) callSpare() {
	p := &r.pool
	if p.spare || p.queue.Empty() {
		return
	}
	p.spare = true
	if n := len(p.resting); n > 0 {
		ch := p.resting[n-1]
		p.resting = p.resting[:n-1]
		ch <- true
		return
	}
	go func() { r.perform(r.spin()) }()
}

// spin yields the processor until the run appends no more records, and returns the next attempt of
// the queue; nil: there is none. See workerPool.
func (r *run) spin() *Context {
	p := &r.pool
	records, taken := r.published.Load(), p.taken.Load()
	busy := false
	for noRecord, noTake := 0, 0; noRecord < spinsNoRecord && noTake < spinsNoTake && !busy; {
		at := r.now()
		runtime.Gosched()
		busy = r.now()-at > longYield
		noRecord++
		noTake++
		if n := r.published.Load(); n != records {
			records, noRecord = n, 1
		}
		if n := p.taken.Load(); n != taken {
			taken, noTake = n, 1
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p.spare = false
	c := p.take()
	for busy && !p.queue.Empty() {
		if c := p.take(); c != nil {
			go r.perform(c)
		}
	}
	r.callSpare()
	return c
}

// idle returns the next attempt for a goroutine that has none: from the queue, or when it is called
// after a rest. It returns nil when the goroutine must end.
func (r *run) idle(call *chan bool) *Context {
	p := &r.pool
	for {
		r.mu.Lock()
		c := p.take()
		if c != nil || p.fanOuts == 0 || !r.tree.Running() || len(p.resting) >= maxResting {
			r.mu.Unlock()
			return c
		}
		if *call == nil {
			*call = make(chan bool, 1)
		}
		p.resting = append(p.resting, *call)
		r.mu.Unlock()
		if !<-*call {
			return nil
		}
		if c := r.spin(); c != nil {
			return c
		}
	}
}

// countFanOuts adds n to the number of fan-outs whose steps are being called. With the last one it
// dismisses the resting goroutines.
func (r *run) countFanOuts(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pool.fanOuts += n; r.pool.fanOuts == 0 {
		r.pool.dismiss()
	}
}

// dismiss ends the goroutines that rest in the pool. The run's lock is held.
func (p *workerPool) dismiss() {
	for _, ch := range p.resting {
		ch <- false
	}
	p.resting = nil
}
