package explorer

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/complete"
	"weft/ui/history"
)

// An Importer is a Historian that can keep a run from a file.
type Importer interface {
	// Import reads a run from a file and keeps it, as weft runs import does.
	Import(path string) (history.Run, error)
}

// A pathLine is the line above the list of runs in which the path of a file to import is typed.
type pathLine struct {
	text   string
	menu   complete.Menu
	folder string // whose entries are known; "?": none yet
	files  []fs.DirEntry
	busy   bool
	said   string // the completion that was announced last
}

type (
	// filesMsg brings the entries of a folder for a path that is typed.
	filesMsg struct {
		line   *pathLine
		folder string
		files  []fs.DirEntry
	}
	// importedMsg brings a run that was imported, and the list with it, or says why it was not.
	importedMsg struct {
		line *pathLine
		run  history.Run
		list tea.Msg
		err  error
	}
)

// beginImport asks for the path of a file with a run.
func (p *historyPane) beginImport() tea.Cmd {
	if _, ok := p.historian.(Importer); !ok {
		return p.shell.say("this program imports no runs", true)
	}
	p.typing, p.importing = true, &pathLine{folder: "?"}
	return p.completions()
}

// completions offers the completions of the typed path. If the path is in another folder than
// before, the returned command reads that folder.
func (p *historyPane) completions() tea.Cmd {
	l := p.importing
	folder := complete.Folder(l.text)
	if folder == l.folder {
		l.menu.SetFiles(l.text, l.files)
		return nil
	}
	l.folder, l.files = folder, nil
	l.menu.SetFiles(l.text, nil)
	path := p.shell.opt.expand(folder)
	return func() tea.Msg {
		files, _ := os.ReadDir(filepath.Clean(path)) // a folder that cannot be read completes nothing
		return filesMsg{l, folder, files}
	}
}

// found sets the entries of a folder that was read.
func (p *historyPane) found(msg filesMsg) {
	if l := p.importing; l == msg.line && l.folder == msg.folder {
		l.files = msg.files
		l.menu.SetFiles(l.text, l.files)
	}
}

// path edits the typed path.
func (p *historyPane) path(msg tea.KeyPressMsg) tea.Cmd {
	l := p.importing
	if l.busy {
		return nil
	}
	switch key := msg.String(); {
	case key == "up" && l.menu.Open():
		l.menu.Move(-1)
		return nil
	case key == "down" && l.menu.Open():
		l.menu.Move(1)
		return nil
	case key == "tab" && l.menu.Open():
		l.text = l.menu.Accept()
	case key == "enter" && l.menu.Open() && !l.menu.Exact():
		whole := !l.menu.Selected().More
		if l.text = l.menu.Accept(); whole {
			return p.importFile()
		}
	case key == "enter":
		return p.importFile()
	default:
		l.text = typedInto(l.text, msg)
	}
	return p.completions()
}

// importFile imports the run of the file whose path was typed, outside of the event loop.
func (p *historyPane) importFile() tea.Cmd {
	l := p.importing
	if strings.TrimSpace(l.text) == "" {
		return p.shell.say("type the path of a file that has a run", true)
	}
	l.menu.Close()
	l.busy = true
	p.changes++
	load, by, path := p.load(), p.historian.(Importer), p.shell.opt.expand(l.text)
	return func() tea.Msg {
		r, err := by.Import(path)
		if err != nil {
			return importedMsg{line: l, err: err}
		}
		return importedMsg{line: l, run: r, list: load()}
	}
}

// imported shows the run that was imported, also if it is about another directory. After an error the
// path can be edited.
func (p *historyPane) imported(msg importedMsg) tea.Cmd {
	if msg.err != nil {
		msg.line.busy = false
		return p.shell.say(msg.err.Error(), true)
	}
	if p.importing == msg.line {
		p.importing, p.typing = nil, false
	}
	p.query.Text, p.query.Talk = "", ""
	p.everyDir = p.everyDir || msg.run.Directory != p.historian.Directory()
	list, _ := msg.list.(historyMsg) // load returns no other message
	cmd := p.loaded(list)
	for i, row := range p.rows {
		if row.heading == "" && row.run.ID == msg.run.ID {
			p.selected = i
		}
	}
	return tea.Batch(cmd, p.shell.say("imported: "+canvas.Line(msg.run.Question), false))
}

// speakPath announces the selected completion of the typed path.
func (p *historyPane) speakPath(a arrival) {
	l := p.importing
	text := ""
	if l.menu.Open() {
		if it := l.menu.Selected(); it.More {
			text = it.Text + ", folder."
		} else {
			text = it.Text + "."
		}
	}
	if a.new || l.said == "" {
		a.say("Type the path of a file with a run: tab completes it, enter imports it, escape closes.")
	}
	if text != "" && text != l.said {
		a.say("Completion: " + text)
	}
	l.said = text + " "
}
