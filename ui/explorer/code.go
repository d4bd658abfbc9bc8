package explorer

import (
	"cmp"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/markdown"
	"weft/ui/palette"
)

// codes returns the blocks of code of the selected answer.
func (p *conversationPane) codes() []markdown.Code {
	if e := p.current(); e != nil {
		return e.Codes()
	}
	return nil
}

// copyCode copies the only block of code of the selected answer, or lists them.
func (p *conversationPane) copyCode() tea.Cmd {
	codes := p.codes()
	if len(codes) == 1 {
		return p.shell.clip(codes[0].Text, "the code in the answer to "+p.named())
	}
	var items []palette.Item
	for i, k := range codes {
		first, _, _ := strings.Cut(strings.TrimSpace(k.Text), "\n")
		items = append(items, palette.Item{ID: fmt.Sprint(i), Title: fmt.Sprintf("%d %s", i+1, canvas.Line(first)), Detail: cmp.Or(k.Language, "code") + ", " + counted(strings.Count(k.Text, "\n"), "line")})
	}
	return p.shell.list(palette.New("code", "which block of "+p.named()+" is copied?", items), func(id string) tea.Cmd {
		for i, k := range codes {
			if fmt.Sprint(i) == id {
				return p.shell.clip(k.Text, fmt.Sprintf("block %d of the answer to %s", i+1, p.named()))
			}
		}
		return nil
	})
}

// findLabel names the command in the footer while the conversation has the keys.
func (p *conversationPane) findLabel() string {
	if p.shell.part() != conversationPart {
		return ""
	}
	return "find"
}

func (p *conversationPane) noCode() string {
	if len(p.codes()) == 0 {
		return "the answer has no block of code"
	}
	return ""
}

func (p *conversationPane) noFind() string {
	switch {
	case p.Empty():
		return "there is no answer to search yet"
	case p.shell.speaker.on:
		return p.shell.noPicture()
	}
	return ""
}
