package explorer

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/complete"
	"weft/ui/theme"
)

// A PathLister is an Engine that knows the paths of its documents.
type PathLister interface {
	// Paths returns the paths of the documents that can be searched, sorted. It may take a while.
	Paths() []string
}

type pathsMsg []string

// slashNames are the names that can be typed into the question line after a slash, with the commands
// that they call, in the order in which they are offered.
var slashNames = []struct{ name, command string }{
	{"workflow", "workflow"}, {"model", "models"}, {"new", "talk.new"}, {"help", "help"}, {"again", "ask.again"}, {"edit", "ask.edit"},
	{"typed", "ask.typed"}, {"offline", "ask.offline"}, {"sources", "sources"}, {"copy", "copy"}, {"code", "copy.code"},
	{"find", "find"}, {"history", "history"}, {"import", "import"}, {"compare", "compare"}, {"fork", "fork"}, {"graph", "graph"}, {"index", "index"},
	{"skipped", "skipped"}, {"theme", "theme"}, {"quit", "quit"},
}

// A slasher executes slash commands of the question line, and completes them and paths.
type slasher struct {
	shell    *shell
	runs     *runs
	engine   Engine
	menu     complete.Menu
	paths    []string
	workflow func(name string) tea.Cmd
	theme    func(name string) tea.Cmd
	said     string // the completion that was announced last
}

// commands returns the slash commands with what they do and take.
func (s *slasher) commands() (out []complete.Command) {
	for _, n := range slashNames {
		cmd := complete.Command{Name: n.name, About: s.shell.command(n.command).long}
		switch n.name {
		case "workflow":
			for _, w := range s.runs.workflows {
				cmd.Takes = append(cmd.Takes, complete.Item{Text: w.Name, Detail: w.Description})
			}
		case "theme":
			for _, name := range theme.Names() {
				cmd.Takes = append(cmd.Takes, complete.Item{Text: name})
			}
		}
		out = append(out, cmd)
	}
	return out
}

// typed finds the completions of a line that has changed.
func (s *slasher) typed(line string) tea.Cmd {
	if !s.menu.Stale(line) {
		return nil
	}
	s.menu.Set(line, s.commands(), s.paths)
	lister, can := s.engine.(PathLister)
	if !can || line != "@" {
		return nil
	}
	return func() tea.Msg { return pathsMsg(lister.Paths()) }
}

// found takes the paths of the documents.
func (s *slasher) found(paths []string, line string) {
	s.paths = paths
	s.menu.Forget()
	s.menu.Set(line, s.commands(), s.paths)
}

// key handles a key while completions are offered. line is the new line if accepted is true; whole
// says that a command is complete with it.
func (s *slasher) key(key string) (line string, accepted, whole, taken bool) {
	if !s.menu.Open() {
		return "", false, false, false
	}
	switch key {
	case "up":
		s.menu.Move(-1)
	case "down":
		s.menu.Move(1)
	case "esc":
		s.menu.Close()
	case "tab":
		return s.menu.Accept(), true, false, true
	case "enter":
		if s.menu.Exact() {
			return "", false, false, false
		}
		return s.menu.Accept(), true, !s.menu.Selected().More, true
	default:
		return "", false, false, false
	}
	return "", false, false, true
}

// do executes the command in a line. ok is false if the line is a question.
func (s *slasher) do(line string) (cmd tea.Cmd, done, ok bool) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimRight(line, " \n"), "/"), " ")
	if !strings.HasPrefix(line, "/") || strings.ContainsAny(name, "/.\n") || name == "" {
		return nil, false, false
	}
	i := slices.IndexFunc(slashNames, func(n struct{ name, command string }) bool { return n.name == name })
	if i < 0 {
		return s.shell.say("there is no command /"+name+": / lists them, and a blank in front makes it a question", true), false, true
	}
	rest = strings.TrimSpace(rest)
	switch {
	case rest == "":
		return s.shell.run(slashNames[i].command), true, true
	case name == "workflow":
		if !slices.ContainsFunc(s.runs.names(), func(n string) bool { return n == rest }) {
			return s.shell.say("there is no workflow "+rest+": "+strings.Join(s.runs.names(), ", "), true), false, true
		}
		return s.workflow(rest), true, true
	case name == "theme":
		return s.theme(rest), true, true
	}
	return s.shell.say("/"+name+" takes nothing more: enter without “"+rest+"” executes it", true), false, true
}

// Speak announces the selected completion.
func (s *slasher) Speak(say func(...string)) {
	text := ""
	if s.menu.Open() {
		it := s.menu.Selected()
		if text = it.Text + "."; it.Detail != "" {
			text = it.Text + ", " + it.Detail + "."
		}
	}
	if text != s.said && text != "" {
		say("Completion: " + text)
	}
	s.said = text
}
