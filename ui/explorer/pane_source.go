package explorer

import (
	"fmt"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/sources"
	"weft/ui/speech"
)

// A sourcePane shows one source in its document.
type sourcePane struct {
	shell   *shell
	preview *sources.Preview
	folders sources.Folders
	said    string // the line that was announced last
}

func (p *sourcePane) Part() part        { return detailPart }
func (p *sourcePane) Scope() keys.Scope { return keys.Inspector }
func (p *sourcePane) Hints() []hint     { return p.shell.hints(keys.Inspector, keys.Anywhere) }
func (p *sourcePane) Prompt() prompt    { return prompt{label: "source: "} }

// Update receives the loaded document.
func (p *sourcePane) Update(msg tea.Msg) (tea.Cmd, bool) {
	m, ok := msg.(sources.Loaded)
	if ok {
		p.preview.Update(m)
	}
	return nil, ok
}

func (p *sourcePane) Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor {
	where := sources.Where(p.preview.Source.Passage)
	in := p.shell.box(c, r, where, focused)
	at, room := in.Min.X, in.Dx()
	if p.shell.layout.boxed {
		at, room = r.Min.X+3, r.Dx()-6
	} else { // without a border, the first row shows the location
		c.TextN(at, in.Min.Y, room, where, p.shell.theme.Heading)
		in.Min.Y++
	}
	c.LinkFile(at, r.Min.Y, min(canvas.Width(where), room), p.preview.Address())
	p.preview.Draw(c, in, &p.shell.theme)
	return nil
}

func (p *sourcePane) Scroll(by int)      { p.preview.Scroll(by) }
func (p *sourcePane) Page(direction int) { p.preview.Scroll(direction * p.preview.Page()) }
func (p *sourcePane) End(last bool)      { p.preview.End(last) }
func (p *sourcePane) Close() bool        { p.shell.close(); return true }

func (p *sourcePane) Copy() (text, what string) {
	return p.preview.Text(), "the passage of " + canvas.Line(sources.Where(p.preview.Source.Passage))
}

func (p *sourcePane) NoCopy() string { return "" }

// Follow opens the editor, because a document has no links.
func (p *sourcePane) Follow() tea.Cmd { return p.Edit() }

func (p *sourcePane) NoFollow() string { return "" }

// Edit opens the document in the person's editor.
func (p *sourcePane) Edit() tea.Cmd {
	cmd, err := sources.Editor(p.shell.opt.env(), p.folders, p.preview.Source)
	if err != nil {
		return p.shell.say(err.Error(), true)
	}
	cmd.Stdout = p.shell.opt.output() // the library's output is no *os.File, so it would be a pipe
	return tea.ExecProcess(cmd, func(err error) tea.Msg {
		if err != nil {
			return noteMsg{"the editor: " + err.Error(), true}
		}
		if line := p.preview.Source.Line; line > 1 && !sources.OpensAtLine(cmd) {
			return noteMsg{fmt.Sprintf("the cited text is in line %d: weft does not know how %s opens a file at a line",
				line, canvas.Line(filepath.Base(cmd.Args[0]))), false}
		}
		return nil
	})
}

// Speak announces the passage on arrival, and then the lines of the document that come into view.
func (p *sourcePane) Speak(a arrival) {
	n, text, cited := p.preview.Line()
	key := fmt.Sprint(n, text)
	if a.new {
		a.say(sourceWords(p.preview.Source))
		passage := p.preview.Source.Passage
		for _, text := range []string{sources.About(passage), sources.Remarks(passage), sources.Unread(passage)} {
			if text != "" {
				a.say(speech.Sentence(text))
			}
		}
		for line := range strings.Lines(canvas.Clean(p.preview.Source.Text)) {
			a.say(strings.TrimRight(line, "\n"))
		}
		a.say("Up and down read its document line by line, o opens it in your editor, escape closes it.")
	} else if key != p.said && p.said != "" {
		if cited {
			text = "cited: " + text
		}
		a.say(fmt.Sprintf("%d, %s", n, canvas.Line(text)))
	}
	p.said = key
}
