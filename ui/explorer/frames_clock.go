package explorer

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// fps is how often in a second Bubble Tea looks whether there is a new frame, while something
// happens: what a key does waits for the next look, 4 ms in the mean. The frames themselves are
// fewer.
const fps = 120

// clockAwake is how long Bubble Tea looks for frames at the full rate after the last message. Then
// it looks once a second, for a machine so busy that it has not looked at all meanwhile.
const clockAwake = 50 * time.Millisecond

// A renderClock lets Bubble Tea look for new frames only where there can be one. Its clock, which
// has no switch, would otherwise wake the processor as long as the program is open, whether or not
// anything happens. The clock is a private field of the program: in a version without that field it
// keeps ticking, and idling costs what it costs without a renderClock.
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

// clockOf returns the clock by which a running program looks for new frames, or nil.
func clockOf(p *tea.Program) *time.Ticker {
	f := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return (*time.Ticker)(f.UnsafePointer())
}
