package flow

import (
	"runtime"
	"time"
)

const (
	maxResting   = 16
	spinsPerLook = 8  // how often the spare yields the processor before it looks at the records
	looksNoTake  = 32 // looks without a take, after which it takes an attempt although records are appended
	longYield    = int64(time.Millisecond)
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
	at, busy := r.now(), false
	for noTake := 1; noTake < looksNoTake; noTake++ {
		for i := 0; i < spinsPerLook && !busy && !p.stalled.Load(); i++ {
			runtime.Gosched()
			now := r.now()
			at, busy = now, now-at > longYield
		}
		n := r.published.Load()
		if n == records || busy || p.stalled.Load() {
			break
		}
		records = n
		if n := p.taken.Load(); n != taken {
			taken, noTake = n, 0
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p.spare = false
	p.stalled.Store(false)
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
