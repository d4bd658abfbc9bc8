package explorer

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/palette"
	"weft/ui/status"
)

// quitWithin is how soon after an interrupt that has cancelled a run a second one quits.
const quitWithin = 2 * time.Second

// A quitter ends runs, and the program.
type quitter struct {
	shell       *shell
	runs        *runs
	question    *questionPane
	kept        func() bool // reports whether runs that wait for a person can be answered after the next start
	interrupted time.Time   // when an interrupt has cancelled a run; zero: never
}

// A terminalReply tracks the terminal's reply to the question for its background colour. A reply
// that comes after weft has ended would appear in the shell, so weft waits for it before it ends.
type terminalReply struct {
	owed  bool
	asked time.Time
}

// A reply is expected for replyWithin after the question. If weft ends during that time, it waits
// for the reply, at most lastCall.
const (
	replyWithin = time.Second
	lastCall    = 100 * time.Millisecond
)

// ask asks the terminal for its background.
func (r *terminalReply) ask(now time.Time) tea.Cmd {
	r.owed, r.asked = true, now
	return tea.RequestBackgroundColor
}

// quit ends the program: at once if no reply is expected, or else after lastCall, or when the reply
// comes.
func (r *terminalReply) quit(now time.Time) tea.Cmd {
	if !r.owed || now.Sub(r.asked) >= replyWithin {
		return tea.Quit
	}
	return tea.Tick(lastCall, func(time.Time) tea.Msg { return tea.QuitMsg{} })
}

// justCancelled reports whether an interrupt has cancelled a run a moment ago.
func (q *quitter) justCancelled() bool {
	return !q.interrupted.IsZero() && q.shell.now().Sub(q.interrupted) < quitWithin
}

func (q *quitter) label() string {
	switch {
	case q.justCancelled():
		return "quit"
	case q.runs.running() != nil:
		return "cancel"
	case q.question.line.Value() != "":
		return "clear"
	}
	return "quit"
}

// interrupt cancels the running run; a second interrupt within quitWithin quits. If none is running,
// it clears the question line (the history keeps the text), and if the line is empty, it quits.
func (q *quitter) interrupt() tea.Cmd {
	if q.justCancelled() {
		return q.shell.quitNow()
	}
	if t := q.runs.running(); t != nil {
		q.interrupted = q.shell.now()
		r, said := t.run, status.Cancelled.Word()
		if r == nil {
			return q.shell.say("the run has not started yet; "+q.shell.keyOf("interrupt")+" again quits", true)
		}
		// The cancelled run is not on the screen: say which one it is
		if i, n := q.runs.ordinal(t); t != q.runs.shown && n > 1 {
			said = fmt.Sprintf("run %d of %d is cancelled", i, n)
		}
		cancel := func() tea.Msg { r.Cancel(errCancelled); return nil }
		return tea.Batch(cancel, q.shell.say(said+"; "+q.shell.keyOf("interrupt")+" again quits", false))
	}
	if q.question.line.Value() != "" {
		q.question.clear()
		return nil
	}
	return q.shell.quitNow()
}

// quit quits. If that would end a run or the indexing, it asks before.
func (q *quitter) quit() tea.Cmd {
	asked := "work is going on: quit?"
	var title, detail string
	switch t := q.runs.running(); {
	case t != nil && q.kept() && q.runs.allWait():
		asked = "a run waits for you: quit?"
		title, detail = "quit, and answer the run later: "+q.shell.keyOf("history")+" lists it", t.title
	case t != nil:
		title, detail = "quit and cancel the run", t.title
	case q.runs.indexing():
		title, detail = "quit and stop the indexing", "what is indexed so far is kept"
	default:
		return q.shell.quitNow()
	}
	items := []palette.Item{
		{ID: "stay", Title: "stay"},
		{ID: "quit", Title: title, Detail: detail},
	}
	return q.shell.list(palette.New("quit", asked, items), func(id string) tea.Cmd {
		if id == "quit" {
			return q.shell.quitNow()
		}
		return nil
	})
}
