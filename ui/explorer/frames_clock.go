package explorer

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// fps is how often a second Bubble Tea looks for a new frame while something happens. The effect of
// a key waits for the next look, 4 ms on average. Frames are drawn less often.
const fps = 120

// clockAwake is how long Bubble Tea looks for frames at the full rate after the last message.
// Afterwards it looks once a second, in case the machine was too busy to look in that time.
const clockAwake = 50 * time.Millisecond

// A renderClock slows down the ticker with which Bubble Tea looks for new frames, while nothing
// happens. The ticker cannot be switched off and would otherwise wake the processor all the time.
// It is a private field of tea.Program: with a version that lacks the field, the ticker keeps its
// full rate.
type renderClock struct {
	program *tea.Program
	mu      sync.Mutex
	clock   *time.Ticker
	slow    *time.Timer
	last    time.Time // when a message came
	asleep  bool
}

// wake sets the full rate. It is called for every message, on the program's own goroutine.
func (c *renderClock) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = time.Now()
	switch {
	case c.clock == nil:
		if c.clock = clockOf(c.program); c.clock != nil {
			c.slow = time.AfterFunc(clockAwake, c.sleep)
		}
		return
	case c.asleep:
		c.clock.Reset(time.Second / fps)
		c.asleep = false
	}
	c.slow.Reset(clockAwake)
}

// sleep slows the clock down, unless a message came just now.
func (c *renderClock) sleep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.last) >= clockAwake {
		c.clock.Reset(time.Second)
		c.asleep = true
	}
}

// clockOf returns the ticker with which a running program looks for new frames, or nil.
func clockOf(p *tea.Program) *time.Ticker {
	f := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return (*time.Ticker)(f.UnsafePointer())
}
