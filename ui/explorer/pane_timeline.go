package explorer

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/speech"
	"weft/ui/theme"
	"weft/ui/timeline"
)

// A timelinePane shows the timeline of one run, and a filter of its rows.
type timelinePane struct {
	shell     *shell
	runs      *runs
	chart     *timeline.Model
	filter    textinput.Model
	filtering bool // the filter is being typed

	said struct {
		instant     int
		row, filter string
	}
}

func newTimelinePane(s *shell, r *runs, t theme.Theme) *timelinePane {
	p := &timelinePane{shell: s, runs: r, chart: timeline.New(t), filter: textinput.New()}
	p.filter.Prompt = ""
	return p
}

func (p *timelinePane) Part() part             { return timelinePart }
func (p *timelinePane) Scope() keys.Scope      { return keys.Timeline }
func (p *timelinePane) SetTheme(t theme.Theme) { p.chart.SetTheme(t) }
func (p *timelinePane) Empty() bool            { return p.runs.shown == nil }

func (p *timelinePane) Hints() []hint {
	if p.filtering {
		return []hint{{key: "↵", word: "keep"}, {key: "esc", word: "clear"}, {key: "↑↓", word: "step"}}
	}
	return p.shell.hints(keys.Timeline, keys.Anywhere)
}

func (p *timelinePane) Prompt() prompt {
	if p.filtering {
		return prompt{"filter: ", p.filter.Value(), p.filter.Position()}
	}
	return prompt{label: "timeline: "}
}

// show brings a run into view, at the present.
func (p *timelinePane) show(t *track) {
	p.clearFilter()
	p.chart.SetRun(&t.fold, p.runs.graphOfRun(t))
}

// instant returns the shown position, or -1 for the present.
func (p *timelinePane) instant() int {
	if p.chart.Live() {
		return -1
	}
	return p.chart.View().Position()
}

// Update handles clicks, horizontal scrolling, and keys that are typed into the filter.
func (p *timelinePane) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		in := p.shell.inside(p.shell.layout.timeline)
		p.chart.Click(msg.X-in.Min.X, msg.Y-in.Min.Y)
		return nil, true
	case wheel:
		if msg.dx != 0 {
			p.chart.Pan(msg.dx * 4)
		}
	case tea.KeyPressMsg:
		if p.filtering {
			return p.filterKey(msg)
		}
	}
	return nil, false
}

// filterKey handles a key while the filter is typed; taken is false for keys that keep their usual
// meaning.
func (p *timelinePane) filterKey(msg tea.KeyPressMsg) (cmd tea.Cmd, taken bool) {
	switch msg.String() {
	case "enter":
		p.filtering = false
		p.filter.Blur()
		return nil, true
	case "esc":
		p.clearFilter()
		return nil, true
	case "up", "down", "ctrl+c", "ctrl+z", "ctrl+p", "f1", "tab":
		return nil, false
	}
	p.filter, cmd = p.filter.Update(msg)
	p.chart.Filter(parseFilter(p.filter.Value()))
	return cmd, true
}

// filtered reports whether a filter hides rows.
func (p *timelinePane) filtered() bool { return p.filter.Value() != "" }

func (p *timelinePane) clearFilter() {
	p.filter.SetValue("")
	p.filter.Blur()
	p.filtering = false
	p.chart.Filter(nil)
}

// Close clears the filter.
func (p *timelinePane) Close() bool {
	filtered := p.filtered()
	if filtered {
		p.clearFilter()
	}
	return filtered
}

// Leave returns to the present.
func (p *timelinePane) Leave() (tea.Cmd, bool) {
	past := p.instant() >= 0
	if past {
		p.chart.Present()
	}
	return nil, past
}

// Rows returns how many rows the run would like to have, its ruler included; 0 without a run.
func (p *timelinePane) Rows(int) int {
	if p.runs.shown == nil {
		return 0
	}
	rows := p.chart.Rows()
	if rows > 0 && p.shell.h >= 30 {
		rows += timeline.Extras
	}
	return rows
}

// Foldable reports whether the run is over, and is shown as it is now: an answer is then more
// important than how it came about.
func (p *timelinePane) Foldable() bool {
	t := p.runs.shown
	return t != nil && (t.exchange != nil || t == p.runs.index) && t.over() && !t.partial && t.failed == nil && p.instant() < 0 && !p.filtered()
}

func (p *timelinePane) Draw(c *canvas.Canvas, r canvas.Rect, focused bool) (cursor *tea.Cursor) {
	p.chart.SetIncomplete(p.runs.shown.incomplete())
	if p.shell.layout.folded {
		p.chart.SetNow(p.runs.shown.clock(p.shell.now()))
		p.chart.DrawFolded(c, r, p.shell.keyOf("focus")+" timeline")
		return nil
	}
	in := p.shell.box(c, r, p.title(), focused)
	if in != r {
		in.Max.X-- // leave a column between the durations and the border
	}
	p.chart.SetNow(p.runs.shown.clock(p.shell.now()))
	p.chart.Draw(c, in)
	// The filter always leaves the run's own row.
	if _, rows, _ := p.chart.Place(); rows <= 1 && p.filtered() && in.Dy() > 2 {
		c.TextN(in.Min.X+1, in.Min.Y+2, in.Dx()-2, "nothing matches; "+p.shell.keyOf("back")+" clears the filter", p.shell.theme.Muted)
	}
	if (p.filtering || p.filtered()) && p.shell.layout.boxed {
		n := c.TextN(r.Min.X+2, r.Max.Y-1, r.Dx()-4, " / "+p.filter.Value()+" ", p.shell.theme.Match)
		if p.filtering {
			typed := canvas.Width(string([]rune(p.filter.Value())[:p.filter.Position()]))
			cursor = cursorAt(r.Min.X+min(2+n-1, 5+typed), r.Max.Y-1)
		}
	}
	return cursor
}

func (p *timelinePane) title() string {
	title, t := "timeline", p.runs.shown
	if t == nil || !p.shell.layout.boxed {
		return title
	}
	title += " · " + canvas.Truncate(t.workflow, 20)
	if i, n := p.runs.ordinal(t); i > 0 && n > 1 {
		title += fmt.Sprintf(" · run %d of %d", i, n)
	}
	at := p.instant()
	if at >= 0 {
		title += fmt.Sprintf(" · record %d of %d", at, t.fold.Len())
	}
	switch on, held := p.chart.Playing(); {
	case held:
		title += " · playback held"
	case on:
		title += " · playback " + playbackSpeed(p.chart.Speed())
	case at >= 0:
		title += fmt.Sprintf(" · %s to now", p.shell.keyOf("live"))
	}
	return title
}

// Scroll moves the visible rows.
func (p *timelinePane) Scroll(by int) { p.chart.Scroll(by) }

// Page scrolls by the visible rows. In the screen-reader mode, where no row is visible, it selects
// the row ten rows further.
func (p *timelinePane) Page(direction int) {
	if p.shell.speaker.on {
		p.chart.Move(direction * 10)
		return
	}
	p.chart.Scroll(direction * max(p.shell.inside(p.shell.layout.timeline).Dy()-2, 1))
}

// End selects the first or the last row.
func (p *timelinePane) End(last bool) {
	if last {
		p.chart.Last()
		return
	}
	p.chart.SelectRun()
}

// Report announces the shown moment when it changes, on behalf of all panes. Of a playback it
// announces where steps begin and end.
func (p *timelinePane) Report(a arrival) {
	at := p.instant()
	if on, held := p.chart.Playing(); on && !held {
		at = p.runs.shown.fold.StepBoundary(at+1, -1)
	}
	if a.first {
		p.said.instant, p.said.row, p.said.filter = at, "", ""
	}
	if at == p.said.instant {
		return
	}
	p.said.instant = at
	switch {
	case p.runs.shown == nil:
	case at < 0:
		a.say(speech.Sentence("The present. " + speech.Run(p.chart.View(), p.shell.now())))
	default:
		a.say(speech.Instant(p.runs.shown.view(at)))
	}
}

// Speak announces the selected row, and on arrival all rows, unless the focus comes back from the
// details of a row.
func (p *timelinePane) Speak(a arrival) {
	row, rows, what := p.chart.Place()
	v, now := p.chart.View(), p.shell.now()
	if a.new && a.from.part == detailPart && a.from.run == p.runs.shown {
		a.say("Timeline.")
	} else if a.new {
		a.say(speech.Sentence(speech.Run(v, now)))
		a.say(speech.Steps(v, now)...)
		a.say("Timeline, " + speech.Number(rows, "row") + ". Up and down choose one, enter reads all of it, left and right go through time.")
	}
	if f := p.filter.Value(); f != p.said.filter && !p.filtering {
		p.said.filter = f
		name := fmt.Sprintf("Filter %q", f)
		if f == "" {
			name = "No filter"
		}
		a.say(name + ": " + speech.Number(rows, "row") + ".")
	}
	step, e := p.chart.Selected()
	key := fmt.Sprintf("%d %p %p %s", row, step, e, what)
	if key == p.said.row && !a.new {
		return
	}
	p.said.row = key
	text := what
	switch {
	case e != nil:
		text = strings.TrimPrefix(what+", "+speech.Execution(v, e, now), ", ")
	case step != nil:
		text = canvas.Line(step.Name) + ": not started."
	case what == "":
		text = speech.Run(v, now)
	}
	a.say(fmt.Sprintf("Row %d: %s", row, speech.Sentence(text)))
}
