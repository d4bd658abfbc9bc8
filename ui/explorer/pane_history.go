package explorer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/digest"
	"weft/ui/history"
	"weft/ui/keys"
	"weft/ui/speech"
)

// A historyPane lists the kept runs, over everything else.
type historyPane struct {
	shell     *shell
	historian Historian
	act       func(what historyAct, r history.Run) tea.Cmd // what concerns the rest of the screen
	both      func(a, b string) tea.Cmd                    // compares two runs

	all       []history.Run // as the store lists them
	rows      []historyRow  // what is shown
	query     history.Query
	everyDir  bool      // runs of all directories
	typing    bool      // keys go to the text of the query, or to the title
	naming    string    // the talk whose title is typed; "": none
	named     string    // what is typed as its title
	importing *pathLine // the file that is imported; nil: none
	selected  int       // of rows; always a run, if there is one
	top       int       // the first row that is drawn
	height    int       // of the list in the last frame
	right     int       // the column after the list in the last frame
	removed   []string
	first     string // the run that the next one is compared with; "": none
	previewed string // the run whose answer is in preview
	preview   string
	digested  string // the run that digest is of
	digest    *digest.Digest
	said      string
	failed    string // why the runs could not be read; "": they could
	changes   int    // how often a change of the store has begun or ended here
}

// A historyAct is what a person does with a run of the list.
type historyAct uint8

const (
	actOpen historyAct = iota
	actContinue
	actAgain
	actEdit
	actExport
	actFork
	actFollowUp
)

func (p *historyPane) Part() part        { return noPart }
func (p *historyPane) Scope() keys.Scope { return keys.Anywhere }

func (p *historyPane) Hints() []hint {
	switch {
	case p.importing != nil:
		return []hint{{key: "↵", word: "import the run"}, {key: "tab", word: "complete"}, {key: "esc", word: "import nothing"}}
	case p.naming != "":
		return []hint{{key: "↵", word: "name the talk"}, {key: "esc", word: "leave its title"}}
	case p.typing:
		return []hint{{key: "↵", word: "select"}, {key: "esc", word: "close the filter"}}
	}
	hints := []hint{{key: "↵", word: "open"}, {key: "f", word: "follow up"}}
	if r, ok := p.run(); ok && p.canContinue(r) {
		hints = []hint{{key: "c", word: p.continueWord(r)}, {key: "↵", word: "open"}}
	}
	directory := "all directories"
	if p.everyDir {
		directory = "this directory"
	}
	hints = append(hints, hint{key: "D", word: p.compareWord()}, hint{key: "r", word: "ask again"}, hint{key: "e", word: "edit"},
		hint{key: "E", word: "fork"}, hint{key: "m", word: "mark"}, hint{key: "x", word: "delete"}, hint{key: "X", word: "export"})
	if len(p.removed) > 0 {
		hints = append(hints, hint{key: "u", word: "undo", first: true})
	}
	return append(hints, hint{key: "/", word: "filter"}, hint{command: "back", key: "esc", word: "close"},
		hint{key: "o", word: "order"}, hint{key: "i", word: "import"}, hint{key: "d", word: directory}, hint{key: "t", word: "title"}, hint{key: "T", word: p.talkWord()})
}

func (p *historyPane) Prompt() prompt {
	switch {
	case p.importing != nil:
		return prompt{"import: ", p.importing.text, utf8.RuneCountInString(p.importing.text)}
	case p.naming != "":
		return prompt{"title: ", p.named, utf8.RuneCountInString(p.named)}
	case p.typing:
		return prompt{"filter: ", p.query.Text, utf8.RuneCountInString(p.query.Text)}
	}
	return prompt{label: "history: "}
}

// canContinue reports whether a run can be continued in this process.
func (p *historyPane) canContinue(r history.Run) bool {
	return r.Owner == nil && (r.Outcome == history.Interrupted || r.Outcome == history.Waiting)
}

func (p *historyPane) continueWord(r history.Run) string {
	if r.Outcome == history.Waiting {
		return "answer"
	}
	return "resume"
}

// run returns the selected run.
func (p *historyPane) run() (history.Run, bool) {
	if p.selected < 0 || p.selected >= len(p.rows) || p.rows[p.selected].heading != "" {
		return history.Run{}, false
	}
	return p.rows[p.selected].run, true
}

// step moves the selection by a number of runs.
func (p *historyPane) step(by int) {
	at, dir := p.selected, 1
	if by < 0 {
		dir = -1
	}
	for left := max(by*dir, 1); at >= 0 && at < len(p.rows); {
		if (by != 0 || p.rows[at].heading != "") && left > 0 {
			at += dir
		}
		if at < 0 || at >= len(p.rows) {
			return
		}
		if p.rows[at].heading == "" {
			p.selected = at
			if left--; left <= 0 || by == 0 {
				return
			}
		}
	}
}

func (p *historyPane) Scroll(rows int) { p.step(rows) }

func (p *historyPane) Page(direction int) { p.step(direction * max(p.height-1, 1)) }

func (p *historyPane) End(last bool) {
	if p.step(-len(p.rows)); last {
		p.step(len(p.rows))
	}
}

// Close closes the filter, or the list.
func (p *historyPane) Close() bool {
	switch {
	case p.importing != nil && p.importing.menu.Open():
		p.importing.menu.Close()
		return true
	case p.importing != nil:
		p.importing, p.typing = nil, false
		return true
	case p.naming != "":
		p.naming, p.typing = "", false
		return true
	case p.typing || p.query.Text != "":
		p.typing, p.query.Text = false, ""
		p.refill()
		return true
	case p.query.Talk != "":
		p.query.Talk = ""
		p.refill()
		return true
	}
	p.shell.overlay = nil
	return true
}

// Update handles every key, so no pane behind the list gets one.
func (p *historyPane) Update(msg tea.Msg) (tea.Cmd, bool) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case historyMsg:
		cmd = p.loaded(msg)
	case refreshMsg:
		return p.refresh(msg), true
	case previewMsg:
		p.previewed, p.preview = msg.id, msg.text
		return nil, true
	case digestMsg:
		p.digested, p.digest = msg.id, msg.digest // if the selection has moved, wanted reads that run's
	case filesMsg:
		p.found(msg)
		return nil, true
	case importedMsg:
		cmd = p.imported(msg)
	case wheel:
		p.step(msg.dy)
	case tea.PasteMsg:
		if p.typing {
			*p.text() += canvas.Line(strings.TrimSpace(msg.Content))
			p.refill()
		}
		if p.importing != nil {
			cmd = p.completions()
		}
	case tea.MouseClickMsg:
		if p.importing == nil && msg.X < p.right {
			cmd = p.click(msg.Y)
		}
	case tea.KeyPressMsg:
		if id := p.passed(msg); id != "" {
			return p.shell.run(id), true
		}
		switch {
		case p.importing != nil:
			cmd = p.path(msg)
		case p.typing:
			cmd = p.typed(msg)
		default:
			cmd = p.key(msg.String())
		}
	}
	return tea.Batch(cmd, p.wanted()), true
}

// passed returns the command of a key that is also meant over the list: those to leave weft and to
// redraw the screen.
func (p *historyPane) passed(msg tea.KeyPressMsg) string {
	if b, _ := p.shell.keys.Find(msg.String(), keys.Anywhere, keys.Anywhere); b.Command == "history" {
		return "back"
	}
	return overlayCommand(p.shell, msg)
}

// text returns what is typed: the path of a file, the title of a talk, or the text of the query.
func (p *historyPane) text() *string {
	if p.importing != nil {
		return &p.importing.text
	}
	if p.naming != "" {
		return &p.named
	}
	return &p.query.Text
}

// typed edits the text of the query, or the title of a talk.
func (p *historyPane) typed(msg tea.KeyPressMsg) tea.Cmd {
	text := p.text()
	switch msg.String() {
	case "enter", "down", "up":
		p.typing = false
		if talk := p.naming; talk != "" {
			p.naming = ""
			title := p.named
			return p.change(func() error { return p.historian.Rename(talk, title) })
		}
		return nil
	}
	*text = typedInto(*text, msg)
	p.refill()
	return nil
}

// typedInto returns a text as a key has changed it. Keys edit the end of the text.
func typedInto(text string, msg tea.KeyPressMsg) string {
	switch msg.String() {
	case "backspace":
		_, n := utf8.DecodeLastRuneInString(text)
		return text[:len(text)-n]
	case "ctrl+u":
		return ""
	}
	return text + msg.Text
}

func (p *historyPane) key(key string) tea.Cmd {
	r, ok := p.run()
	switch key {
	case "up", "k", "ctrl+p":
		p.step(-1)
	case "down", "j", "ctrl+n":
		p.step(1)
	case "pgup":
		p.Page(-1)
	case "pgdown":
		p.Page(1)
	case "home", "g":
		p.End(false)
	case "end", "G":
		p.End(true)
	case "/":
		p.typing = true
	case "o":
		i := slices.Index(history.Orders, p.query.Order)
		p.query.Order = history.Orders[(max(i, 0)+1)%len(history.Orders)]
		p.refill()
	case "d":
		p.everyDir = !p.everyDir
		p.refill()
	case "u":
		return p.undo()
	case "i":
		return p.beginImport()
	case "enter", "c", "r", "e", "E", "m", "x", "D", "X", "f", "t", "T":
		if ok {
			return p.do(key, r)
		}
	}
	return nil
}

// do does what a key means for a run.
func (p *historyPane) do(key string, r history.Run) tea.Cmd {
	switch key {
	case "enter":
		if r.Outcome == history.Waiting && p.canContinue(r) { // it opens with the form of its reply
			return p.act(actContinue, r)
		}
		return p.act(actOpen, r)
	case "c":
		if !p.canContinue(r) {
			return p.shell.say("the run is "+string(r.Outcome)+": there is nothing to continue here", true)
		}
		return p.act(actContinue, r)
	case "r":
		return p.act(actAgain, r)
	case "e":
		return p.act(actEdit, r)
	case "E":
		return p.act(actFork, r)
	case "f":
		return p.act(actFollowUp, r)
	case "t":
		p.typing, p.naming, p.named = true, r.TalkID(), r.Title
		return nil
	case "T":
		p.onlyTalk(r)
		return nil
	case "D":
		return p.compare(r)
	case "X":
		return p.act(actExport, r)
	case "m":
		return p.change(func() error { return p.historian.Mark(r.ID, !r.Marked) })
	}
	p.removed = append(p.removed, r.ID)
	p.step(1)
	return tea.Batch(p.shell.say("deleted: u brings it back, for a day", false), p.change(func() error { return p.historian.Delete(r.ID) }))
}

// compare takes a run as the first of a comparison, or compares it with the first one.
func (p *historyPane) compare(r history.Run) tea.Cmd {
	switch p.first {
	case "":
		p.first = r.ID
		return p.shell.say("A is chosen: D on another run compares it with A", false)
	case r.ID:
		p.first = ""
		return nil
	}
	return p.both(p.first, r.ID)
}

func (p *historyPane) compareWord() string {
	if p.first != "" {
		return "compare with A"
	}
	return "compare"
}

// undo restores the run that was deleted last.
func (p *historyPane) undo() tea.Cmd {
	if len(p.removed) == 0 {
		return p.shell.say("nothing was deleted here", true)
	}
	id := p.removed[len(p.removed)-1]
	p.removed = p.removed[:len(p.removed)-1]
	return p.change(func() error { return p.historian.Restore(id) })
}

// Speak announces the selected run.
func (p *historyPane) Speak(a arrival) {
	if p.importing != nil {
		p.speakPath(a)
		return
	}
	text := "No run fits."
	if r, ok := p.run(); ok {
		text = fmt.Sprintf("%s, %s, %s, %s", r.Question, historyStatus(r), dayText(r.Started, p.shell.now()), r.Workflow)
		if why := historyReason(r); why != "" {
			text += ", " + why
		}
		if r.Marked {
			text += ", marked"
		}
		if r.Title != "" {
			text += ", in the talk " + r.Title
		}
		text = speech.Sentence(speech.Plain(canvas.Line(text)))
	}
	if a.new {
		a.say("History: up and down select, enter opens, c continues, r asks again, slash filters, escape closes.")
	}
	if a.new || text != p.said {
		a.say(text)
	}
	p.said = text
}

// title names the list, and its order.
func (p *historyPane) title() string {
	where := "all directories"
	if !p.everyDir {
		where = strings.ReplaceAll(p.shell.opt.home(p.historian.Directory()), ":", ", ")
	}
	order := "newest first"
	if p.query.Order != "" && p.query.Order != history.ByTime {
		order = "by " + string(p.query.Order)
	}
	if p.query.Talk != "" {
		return canvas.Line("one talk of "+where) + " · " + order
	}
	return canvas.Line("history of "+where) + " · " + order
}
