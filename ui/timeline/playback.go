package timeline

import (
	"time"
)

// A playback moves the shown moment with the wall clock. It moves in axis time, in which long gaps
// are short: a lunch break takes seconds.
type playback struct {
	on, held bool
	speed    float64   // axis time that passes in a unit of wall-clock time; a power of two
	last     time.Time // wall clock when the moment was last moved
}

// How long a playback takes at the speed that is chosen for a run, and the limits of the speed.
const (
	shortestPlayback = 3 * time.Second
	longestPlayback  = 30 * time.Second
	slowestSpeed     = 1.0 / (1 << 20)
	fastestSpeed     = 1 << 20
)

// Play plays the run back: from the moment that is shown, or from the start if that is the present.
// A playback that is on is held, and one that is held continues. now is the wall clock; from then
// on, [Model.Advance] moves the moment. The first playback of a run takes between 3 and 30 seconds,
// at its own speed if that does.
func (m *Model) Play(now time.Time) {
	switch {
	case m.cursor.empty():
	case m.play.on:
		m.play.held, m.play.last = !m.play.held, now
		m.version++
	default:
		p := playback{on: true, speed: m.play.speed, last: now}
		if m.cursor.at == 0 || m.cursor.at == m.cursor.run.Len() {
			m.Begin()
		} else {
			m.leave(m.cursor.at, m.cursor.moment)
		}
		if p.speed == 0 {
			p.speed = usualSpeed(m.axis().end)
		}
		m.play = p
	}
}

// usualSpeed returns the speed at which the first playback of a run that takes an axis time is
// neither too short nor too long.
func usualSpeed(end float64) float64 {
	speed := 1.0
	for end/speed < float64(shortestPlayback) && speed > slowestSpeed {
		speed /= 2
	}
	for end/speed > float64(longestPlayback) && speed < fastestSpeed {
		speed *= 2
	}
	return speed
}

// Advance moves the moment of a playback to where it is by the wall clock. A playback that reaches
// the last record shows the present, and is over.
func (m *Model) Advance(now time.Time) {
	p := m.play
	if !p.on || p.held {
		return
	}
	passed := max(now.Sub(p.last), 0)
	p.last = now
	at := m.cursor.run.At(m.cursor.at)
	t := max(m.cursor.moment, at.Time(m.cursor.at))
	a := m.axis()
	t = max(t, a.t(a.u(t)+float64(passed)*p.speed))
	if end := m.cursor.run.Now(); t >= end.Time(end.Position()) {
		m.Present()
		return
	}
	m.leave(m.cursor.run.PositionAt(t), t)
	m.play = p
}

// Playing reports whether the run is played back, and whether that is held.
func (m *Model) Playing() (on, held bool) { return m.play.on, m.play.held }

// ChangeSpeed multiplies the speed of the playback by a factor, such as 2 or 0.5.
func (m *Model) ChangeSpeed(factor float64) {
	m.play.speed = min(max(m.play.speed*factor, slowestSpeed), fastestSpeed)
	m.version++
}

// Speed returns the speed of the playback, a power of two; 0 before the first one.
func (m *Model) Speed() float64 { return m.play.speed }

// stop ends a playback, because the moment was chosen in another way. Its speed is kept for the
// next one.
func (p *playback) stop() { *p = playback{speed: p.speed} }
