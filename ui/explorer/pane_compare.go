package explorer

import (
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/compare"
	"weft/ui/keys"
	"weft/ui/run"
	"weft/ui/speech"
)

// A comparePane compares two runs, over everything else. Runs that have not ended are compared as
// far as they are.
type comparePane struct {
	shell  *shell
	sides  [2]compareSide // A and B
	screen compare.Screen
	// made is how many records of each run the comparison covers, and when it was made
	made    [2]int
	madeAt  time.Time
	started bool
	said    string
	saver   Saver // nil: a comparison cannot be written to a file
}

// A compareSide is one of two runs: its index, which may still grow.
type compareSide struct {
	fold *run.Run
	side compare.Side // the header, without the view
	// clock returns the time up to which the run is shown
	clock func(now time.Time) time.Time
}

// sideOfTrack returns a run on the screen as one side of a comparison.
func sideOfTrack(t *track) compareSide { return compareSide{fold: &t.fold, clock: t.clock} }

func newComparePane(s *shell, a, b compareSide) *comparePane {
	return &comparePane{shell: s, sides: [2]compareSide{a, b}, screen: compare.Screen{Theme: &s.theme, Moment: -1}}
}

func (p *comparePane) Part() part        { return noPart }
func (p *comparePane) Scope() keys.Scope { return keys.Anywhere }
func (p *comparePane) Prompt() prompt    { return prompt{label: "compare: "} }

func (p *comparePane) Hints() []hint {
	return []hint{{key: "↑↓", word: "step"}, {key: "1–6", word: "what"}, {key: "←→", word: "time of both"},
		{key: "e", word: "first difference"}, {key: "S", word: "swap"}, {key: "y", word: "copy"}, {key: "x", word: "export"},
		{command: "back", key: "esc", word: "close"}, {key: "↵", word: "events of the step"}, {key: "pgup pgdn", word: "scroll"}}
}

// Close closes the comparison.
func (p *comparePane) Close() bool {
	p.shell.overlay = nil
	return true
}

func (p *comparePane) Scroll(rows int)    { p.screen.Select(rows) }
func (p *comparePane) Page(direction int) { p.screen.ScrollBy(direction * p.screen.Page()) }

func (p *comparePane) End(last bool) {
	if p.screen.Select(-len(p.screen.Rows)); last {
		p.screen.Select(len(p.screen.Rows))
	}
}

// Update handles every key, so no pane behind the comparison gets one.
func (p *comparePane) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case wheel:
		p.screen.ScrollBy(msg.dy)
	case tea.KeyPressMsg:
		if id := overlayCommand(p.shell, msg); id != "" {
			return p.shell.run(id), true
		}
		return p.key(msg.String()), true
	}
	return nil, true
}

func (p *comparePane) key(key string) tea.Cmd {
	switch key {
	case "left":
		p.move(-1)
	case "right":
		p.move(1)
	case "enter":
		p.screen.Show(compare.StepEvents)
	case "y":
		return p.shell.clip(p.text(), "the comparison")
	case "x":
		return p.export()
	case "up", "k":
		p.screen.Select(-1)
	case "down", "j":
		p.screen.Select(1)
	case "pgup":
		p.Page(-1)
	case "pgdown", "space":
		p.Page(1)
	case "home", "g":
		p.End(false)
	case "end", "G":
		p.End(true)
	case "1", "2", "3", "4", "5", "6":
		p.screen.Show(compare.Section(key[0] - '1'))
	case "tab":
		p.screen.Show(p.screen.Section + 1)
	case "shift+tab":
		p.screen.Show(p.screen.Section - 1)
	case "e":
		p.screen.SelectFirst()
	case "S":
		p.sides[0], p.sides[1] = p.sides[1], p.sides[0]
		p.made = [2]int{-1, -1}
	}
	return nil
}

// text returns the comparison as text.
func (p *comparePane) text() string {
	var b strings.Builder
	_ = p.screen.Comparison.WriteText(&b) // writing to a builder cannot fail
	return b.String()
}

// export writes the comparison to a file, outside of the event loop.
func (p *comparePane) export() tea.Cmd {
	if p.saver == nil {
		return p.shell.say("this program writes no files: y copies the comparison", true)
	}
	text, saver := p.text(), p.saver
	return func() tea.Msg {
		path, err := saver.Save("comparison", func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
		if err != nil {
			return noteMsg{err.Error(), true}
		}
		return noteMsg{"exported to " + p.shell.opt.home(path), false}
	}
}

// move moves the moment at which the runs are compared to the previous (-1) or next (1) start or
// end of a step of either run. After the last one comes the present.
func (p *comparePane) move(by int) {
	var times []time.Duration
	for _, s := range p.sides {
		v := s.fold.Now()
		for at := 0; ; {
			next := s.fold.StepBoundary(at, 1)
			if next <= at {
				break
			}
			at = next
			times = append(times, v.Time(at))
		}
	}
	slices.Sort(times)
	times = slices.Compact(times)
	i := len(times)
	if p.screen.Moment >= 0 {
		i, _ = slices.BinarySearch(times, p.screen.Moment)
	} else if by < 0 && i > 0 {
		i-- // the last one is the present
	}
	switch i += by; {
	case len(times) == 0 || i >= len(times)-1:
		p.screen.Moment = -1
	default:
		p.screen.Moment = times[max(i, 0)]
	}
	p.made = [2]int{-1, -1}
}

// overlayCommand returns the command of a key that is also meant over what covers the screen: those
// to leave weft and to redraw the screen.
func overlayCommand(s *shell, msg tea.KeyPressMsg) string {
	b, _ := s.keys.Find(msg.String(), keys.Anywhere, keys.Anywhere)
	switch b.Command {
	case "redraw", "suspend", "back", "interrupt":
		return b.Command
	}
	return ""
}

// compareEvery limits how often runs that are going are compared again.
const compareEvery = 200 * time.Millisecond

// refresh compares the runs again if they have new records or are going.
func (p *comparePane) refresh() {
	now := p.shell.now()
	lens := [2]int{p.sides[0].fold.Len(), p.sides[1].fold.Len()}
	a, b := p.sides[0].fold.Now(), p.sides[1].fold.Now()
	over := a.Ended() && b.Ended()
	if p.screen.Comparison != nil && (p.made == lens && over || !over && p.made[0] >= 0 && now.Sub(p.madeAt) < compareEvery) {
		return
	}
	sides := [2]compare.Side{}
	for i, s := range p.sides {
		sides[i] = s.side
		sides[i].View = s.fold.Now()
		p.screen.Whole = max(p.screen.Whole, sides[i].View.ActiveTime(s.clock(now)))
		if m := p.screen.Moment; m >= 0 && m < sides[i].View.Time(lens[i]) {
			sides[i].View = s.fold.AtTime(p.screen.Moment)
		}
	}
	p.made, p.madeAt = lens, now
	until := p.sides[0].clock(now)
	if a.Ended() {
		until = p.sides[1].clock(now)
	}
	p.screen.Comparison = compare.Compare(sides[0], sides[1], until)
	if !p.started && over {
		p.screen.SelectFirst()
	}
	p.started = true
	p.screen.Select(0)
}

func (p *comparePane) Draw(c *canvas.Canvas, screen canvas.Rect, _ bool) *tea.Cursor {
	screen.Max.Y -= p.shell.layout.footer.Dy()
	c.Clear(screen)
	p.refresh()
	p.screen.Draw(c, screen)
	return nil
}

// Speak announces the first difference, then the selected step.
func (p *comparePane) Speak(a arrival) {
	p.refresh()
	if a.new {
		a.say(speech.Sentence(speech.Plain(p.screen.FirstText())))
		a.say("Comparison: up and down select a step, one to five choose what is compared, escape closes.")
	}
	text := speech.Sentence(speech.Plain(p.screen.Spoken()))
	if text != p.said || a.new {
		a.say(text)
	}
	p.said = text
}
