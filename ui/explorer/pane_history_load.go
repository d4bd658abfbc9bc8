package explorer

import (
	"reflect"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/history"
)

// refreshInterval is how often the list is read again while it is open, because runs of other
// processes begin and end. With a store so large that reading takes long, it is read less often:
// refreshShare of the time passes between two readings for each unit of time that one takes.
const (
	refreshInterval = time.Second
	refreshShare    = 20
)

type (
	// historyMsg brings the runs for the list.
	historyMsg struct {
		runs    []history.Run
		err     error
		same    bool          // nothing has changed since the list was read before
		took    time.Duration // how long reading took
		refresh *refreshMsg   // nil: the list was not read by a refresh
	}
	// refreshMsg asks a list to read its runs again.
	refreshMsg struct {
		pane    *historyPane // an earlier list may still be refreshed when another one is open
		changes int          // of the pane, when reading began
	}
)

// load returns a command that reads the list.
func (p *historyPane) load() tea.Cmd { return p.read(nil) }

func (p *historyPane) read(refresh *refreshMsg) tea.Cmd {
	h, now, before := p.historian, p.shell.now, p.all
	return func() tea.Msg {
		began := now()
		runs, err := h.History()
		same := err == nil && refresh != nil && reflect.DeepEqual(runs, before)
		return historyMsg{runs, err, same, now().Sub(began), refresh}
	}
}

// open returns a command that reads the list, and again from time to time until it is closed.
func (p *historyPane) open() tea.Cmd { return p.refresh(refreshMsg{pane: p}) }

// refresh returns the command for a message that asks to read the list again.
func (p *historyPane) refresh(msg refreshMsg) tea.Cmd {
	if msg.pane != p {
		return nil
	}
	msg.changes = p.changes
	return p.read(&msg)
}

// loaded shows the runs that were read. After an error the list is not refreshed any more.
func (p *historyPane) loaded(msg historyMsg) tea.Cmd {
	if msg.err != nil {
		p.failed = canvas.Line(msg.err.Error())
		return p.shell.say(msg.err.Error(), true)
	}
	p.failed = ""
	by := msg.refresh
	if by == nil {
		p.changes++
	}
	if by == nil || !msg.same && by.pane == p && by.changes == p.changes { // else it may be older than what is shown
		p.all = msg.runs
		p.refill()
	}
	if by == nil || by.pane != p {
		return nil
	}
	return tea.Tick(max(refreshInterval, refreshShare*msg.took), func(time.Time) tea.Msg { return refreshMsg{pane: p} })
}

// change returns a command that changes the store and reads the list again.
func (p *historyPane) change(change func() error) tea.Cmd {
	p.changes++
	load := p.load()
	return func() tea.Msg {
		if err := change(); err != nil {
			return noteMsg{err.Error(), true}
		}
		return load()
	}
}
