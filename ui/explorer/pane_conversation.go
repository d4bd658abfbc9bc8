package explorer

import (
	"fmt"
	"image"
	"slices"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/conversation"
	"weft/ui/keys"
	"weft/ui/markdown"
	"weft/ui/palette"
	"weft/ui/sources"
	"weft/ui/speech"
)

// A conversationPane shows questions and answers; before the first question it shows the welcome.
type conversationPane struct {
	shell   *shell
	runs    *runs
	nav     navigator
	welcome welcome
	panel   conversation.Panel
	in      canvas.Rect // where the exchanges were drawn
	finder  finder

	said      map[*track]*runSaid
	paragraph int // number of the paragraph that was read last
}

func (p *conversationPane) Part() part        { return conversationPart }
func (p *conversationPane) Scope() keys.Scope { return keys.Conversation }
func (p *conversationPane) Hints() []hint {
	return p.finder.hints(p.shell)
}

func (p *conversationPane) Prompt() prompt {
	if p.finder.typing {
		return prompt{"find: ", p.finder.line.Value(), p.finder.line.Position()}
	}
	return prompt{label: "answers: "}
}
func (p *conversationPane) Empty() bool { return len(p.panel.Exchanges) == 0 }

// ask adds a question.
func (p *conversationPane) ask(t *track) {
	p.panel.Exchanges = append(p.panel.Exchanges, t.exchange)
	p.panel.Follow()
}

// render returns a command that renders the Markdown; nil if nothing has changed.
func (p *conversationPane) render() tea.Cmd {
	in := p.shell.inside(p.shell.layout.conversation)
	p.panel.Framed = p.shell.layout.boxed
	p.panel.SetSize(in.Dx(), in.Dy(), p.shell.renderer)
	if p.shell.part() == conversationPart {
		p.panel.Stay()
	}
	return p.panel.Render()
}

// rendered stores the rendering of an answer.
func (p *conversationPane) rendered(msg markdown.Rendered) tea.Cmd { return p.panel.Update(msg) }

// Update handles the keys of a search, and clicks: on a question, which shows its run, and on a
// source or a citation.
func (p *conversationPane) Update(msg tea.Msg) (tea.Cmd, bool) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		return p.finder.key(key, &p.panel, p.found)
	}
	click, ok := msg.(tea.MouseClickMsg)
	if !ok {
		return nil, false
	}
	i, source, ok := p.panel.Target(click.Y - p.in.Min.Y)
	if !ok {
		return nil, true
	}
	e := p.panel.Exchanges[i]
	p.choose(e)
	if source == conversation.FoldRow {
		e.ToggleSources()
		return nil, true
	}
	cited := citationNumber(p.shell.canvas, image.Pt(click.X, click.Y))
	for j, s := range e.Sources {
		if j == source || s.N == cited {
			return p.nav.look(s), true
		}
	}
	return nil, true
}

func (p *conversationPane) Draw(c *canvas.Canvas, r canvas.Rect, focused bool) *tea.Cursor {
	title := "answer"
	if n := len(p.panel.Exchanges); p.Empty() {
		title = "welcome"
	} else if n > 1 || p.shell.layout.shape == wide {
		title = "conversation"
		if i := p.index(); i >= 0 && n > 1 {
			title += fmt.Sprintf(" · %d of %d", i+1, n)
		}
	}
	p.in = p.shell.box(c, r, title, focused)
	if p.Empty() {
		p.welcome.draw(c, p.in)
		return nil
	}
	p.panel.Shown = nil
	if p.runs.shown != nil {
		p.panel.Shown = p.runs.shown.exchange
	}
	p.panel.FoldKey = p.shell.keyOf("sources.all")
	p.panel.TypedKey = p.shell.keyOf("ask.typed") + " as typed"
	p.panel.Draw(c, p.in, &p.shell.theme, p.shell.frames.spinner())
	if p.finder.on() { // its count takes the place of the number of rows below
		return p.finder.draw(c, r, &p.panel, p.shell)
	}
	if n := p.panel.Below(); n > 0 && p.shell.layout.boxed {
		c.TextRight(r.Min.X, r.Max.Y-1, r.Dx()-2, fmt.Sprintf(" ↓ %d more ", n), p.shell.theme.Muted)
	}
	return nil
}

// Scroll moves by rows; in the screen-reader mode it reads by paragraphs.
func (p *conversationPane) Scroll(by int) {
	if p.shell.speaker.on {
		p.readOn(by)
		return
	}
	p.panel.Scroll(by)
	p.read()
}

// read selects the answer that has been scrolled to.
func (p *conversationPane) read() {
	if i := p.panel.Reading(); i >= 0 {
		p.choose(p.panel.Exchanges[i])
	}
}

// found selects the answer in which the selected match of a search is.
func (p *conversationPane) found() {
	if i := p.panel.Matched(); i >= 0 {
		p.choose(p.panel.Exchanges[i])
	}
}

// find lets the person type what to look for.
func (p *conversationPane) find() tea.Cmd {
	p.shell.goTo(conversationPart)
	return p.finder.start()
}

// Close ends a search.
func (p *conversationPane) Close() bool { return p.finder.stop(&p.panel) }

// choose selects an answer, and shows its run.
func (p *conversationPane) choose(e *conversation.Exchange) {
	for _, t := range p.runs.list {
		if t.exchange == e {
			p.nav.show(t)
		}
	}
}

// index is that of the answer that is selected, or -1.
func (p *conversationPane) index() int { return slices.Index(p.panel.Exchanges, p.current()) }

func (p *conversationPane) Page(direction int) {
	if p.shell.speaker.on {
		p.readOn(direction * 5)
		return
	}
	p.panel.Scroll(direction * p.panel.Page())
	p.read()
}

func (p *conversationPane) End(last bool) {
	switch {
	case p.shell.speaker.on && last:
		p.readOn(1 << 20)
	case p.shell.speaker.on:
		p.readOn(-1 << 20)
	case last:
		p.panel.End()
		p.read()
	default:
		p.panel.Home()
		p.read()
	}
}

// Rows is how many rows the selected answer takes.
func (p *conversationPane) Rows(int) int {
	if e := p.current(); e != nil {
		return e.Height() - 1
	}
	return leastReading // of the welcome
}

// scrollTo scrolls to a run's question.
func (p *conversationPane) scrollTo(t *track) {
	for i, e := range p.panel.Exchanges {
		if e == t.exchange {
			p.panel.Show(i)
		}
	}
}

// current returns the shown exchange, or the last one; nil before the first question.
func (p *conversationPane) current() *conversation.Exchange {
	if t := p.runs.shown; t != nil && t.exchange != nil {
		return t.exchange
	}
	if n := len(p.panel.Exchanges); n > 0 {
		return p.panel.Exchanges[n-1]
	}
	return nil
}

func (p *conversationPane) sources() []show.Source {
	if e := p.current(); e != nil {
		return e.Sources
	}
	return nil
}

func (p *conversationPane) text() string {
	if e := p.current(); e != nil {
		return e.Markdown()
	}
	return ""
}

func (p *conversationPane) Copy() (text, what string) {
	return p.text(), "the answer to " + p.named() + " as Markdown"
}

// named returns the question of the selected answer in words for a message.
func (p *conversationPane) named() string {
	if e := p.current(); e != nil {
		return fmt.Sprintf("%q", canvas.Truncate(canvas.Line(e.Question), 30))
	}
	return ""
}

// toggleSources lists all sources of the selected answer, or the cited ones.
func (p *conversationPane) toggleSources() tea.Cmd {
	p.current().ToggleSources()
	return nil
}

func (p *conversationPane) NoCopy() string {
	if p.text() == "" {
		return "there is no answer yet"
	}
	return ""
}

// pickSource lists the sources of the current answer.
func (p *conversationPane) pickSource() tea.Cmd {
	list := p.sources()
	var items []palette.Item
	for i, s := range list {
		items = append(items, palette.Item{ID: fmt.Sprint(i), Title: fmt.Sprintf("[%d] %s", s.N, sources.Where(s.Passage)), Detail: sources.Trail(s.Passage), Key: fmt.Sprintf("%.2f", s.Score)})
	}
	return p.shell.list(palette.New("sources", "which source of "+p.named()+"?", items), func(id string) tea.Cmd {
		for i, s := range list {
			if fmt.Sprint(i) == id {
				return p.nav.look(s)
			}
		}
		return nil
	})
}

func (p *conversationPane) noSources() string {
	if len(p.sources()) == 0 {
		return "there are no sources yet"
	}
	return ""
}

func (p *conversationPane) Speak(a arrival) {
	if a.new {
		p.paragraph = 0
		a.say(fmt.Sprintf("Answers, %s. Up and down read it line by line.", speech.Number(len(p.panel.Exchanges), "question")))
	}
}

// readOn announces another paragraph of the answer. by is its distance from the paragraph that was
// read last.
func (p *conversationPane) readOn(by int) {
	var whole speech.Reading
	ps := whole.Next(p.text(), true)
	if len(ps) == 0 {
		p.shell.read("There is no answer yet.")
		return
	}
	p.paragraph = between(p.paragraph+by, 0, len(ps)-1)
	p.shell.read(ps[p.paragraph])
}

// Report announces the progress of every question since the last report.
func (p *conversationPane) Report(a arrival) {
	if a.first {
		p.said, p.paragraph = map[*track]*runSaid{}, 0
	}
	for _, t := range p.runs.others() {
		if t.exchange == nil {
			continue
		}
		if p.said[t] == nil {
			p.said[t] = &runSaid{}
		}
		p.said[t].report(t, p.shell.now(), p.shell.keyOf, a.say)
	}
}
