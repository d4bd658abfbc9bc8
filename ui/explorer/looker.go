package explorer

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// fps is how often in a second Bubble Tea looks whether there is a new frame, while something happens: what a key does waits for the next
// look, 4 ms in the mean. The frames themselves are fewer.
const fps = 120

// awake is how long it goes on to look after the last message. Then it looks once a second, for a machine so busy that it has not
// looked at all meanwhile.
const awake = 50 * time.Millisecond

// A looker lets Bubble Tea look for new frames only where there can be one. Its clock, which has no switch, would otherwise wake the
// processor as long as the program is open, whether or not anything happens. The clock is a private field of the program: where there is
// none, in another version, it ticks on, and idling costs what it would without a looker.
type looker struct {
	program *tea.Program
	mu      sync.Mutex
	clock   *time.Ticker
	sleep   *time.Timer
	last    time.Time // when a message came
	asleep  bool
}

// look keeps Bubble Tea awake. It is called for every message, on the program's own goroutine.
func (l *looker) look() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = time.Now()
	switch {
	case l.clock == nil:
		if l.clock = clockOf(l.program); l.clock != nil {
			l.sleep = time.AfterFunc(awake, l.rest)
		}
		return
	case l.asleep:
		l.clock.Reset(time.Second / fps)
		l.asleep = false
	}
	l.sleep.Reset(awake)
}

// rest slows the clock down, unless a message came just now.
func (l *looker) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last) >= awake {
		l.clock.Reset(time.Second)
		l.asleep = true
	}
}

// clockOf returns the clock by which a program that runs looks for new frames, or nil.
func clockOf(p *tea.Program) *time.Ticker {
	f := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return (*time.Ticker)(f.UnsafePointer())
}
