package explorer

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/speech"
)

// A player plays runs back: it moves the moment that the timeline shows with the clock.
type player struct {
	shell    *shell
	runs     *runs
	timeline *timelinePane
}

// play plays the shown run back, or holds or continues the playback.
func (p *player) play() tea.Cmd {
	on, _ := p.timeline.chart.Playing()
	p.timeline.chart.Play(p.shell.now())
	if !on && p.shell.speaker.on {
		return p.shell.say("played back at "+p.speed()+"; "+speech.Label(p.shell.keyOf("play"))+" holds it", false)
	}
	return nil
}

// noPlay returns why the shown run cannot be played back, or "".
func (p *player) noPlay() string {
	if p.runs.shown != nil && p.runs.shown.fold.Len() == 0 {
		return "the run has not begun"
	}
	return p.runs.noRun()
}

// speed returns the speed of the playback in words.
func (p *player) speed() string {
	switch s := p.timeline.chart.Speed(); {
	case s == 1:
		return "its own speed"
	case s < 1:
		return fmt.Sprintf("1/%.0f of its speed", 1/s)
	default:
		return fmt.Sprintf("%.0f times its speed", s)
	}
}

// playbackSpeed formats a speed of the playback: "×2", "×1/8".
func playbackSpeed(s float64) string {
	if s < 1 {
		return fmt.Sprintf("×1/%.0f", 1/s)
	}
	return fmt.Sprintf("×%.0f", s)
}

// change returns a command that multiplies the speed of the playback.
func (p *player) change(factor float64) func() tea.Cmd {
	return func() tea.Cmd {
		p.timeline.chart.ChangeSpeed(factor)
		if p.shell.speaker.on {
			return p.shell.say("played back at "+p.speed(), false)
		}
		return nil
	}
}

// noPlayback returns why there is no playback whose speed could change, or "".
func (p *player) noPlayback() string {
	if on, _ := p.timeline.chart.Playing(); !on {
		return "no run is played back"
	}
	return ""
}

// playing reports whether the shown run is played back, or the playback is held.
func (p *player) playing() bool {
	on, _ := p.timeline.chart.Playing()
	return on
}

// live holds or continues a playback, or returns to the present.
func (p *player) live() tea.Cmd {
	if p.playing() {
		return p.play()
	}
	return p.timeline.toPresent()
}

// label returns what the key of play does in a playback; "" without one.
func (p *player) label() string {
	switch on, held := p.timeline.chart.Playing(); {
	case held:
		return "play on"
	case on:
		return "hold"
	}
	return ""
}

// liveLabel returns what the key of live does.
func (p *player) liveLabel() string {
	if word := p.label(); word != "" {
		return word
	}
	return "live"
}

// speedLabel returns the label of the keys for the speed; "" without a playback.
func (p *player) speedLabel() string {
	if !p.playing() {
		return ""
	}
	return "speed " + playbackSpeed(p.timeline.chart.Speed())
}

// pulse returns how often the screen changes by itself because of a playback; 0: it does not.
func (p *player) pulse() time.Duration {
	if on, held := p.timeline.chart.Playing(); on && !held {
		return frameSpacing
	}
	return 0
}

// advance moves the shown moment of a playback to now.
func (p *player) advance() { p.timeline.chart.Advance(p.shell.now()) }
