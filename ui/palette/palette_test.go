package palette

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"weft/ui/canvas"
	"weft/ui/theme"
)

func items() []Item {
	return []Item{
		{ID: "zoom.in", Title: "Zoom in", Key: "+", Group: "Timeline"},
		{ID: "zoom.fit", Title: "Fit the whole run", Key: "0", Group: "Timeline"},
		{ID: "copy", Title: "Copy the answer", Key: "y", Group: "Conversation", Blocked: "there is no answer yet"},
	}
}

func typed(p *Palette, s string) {
	for _, r := range s {
		p.Update(tea.KeyPressMsg{Text: string(r), Code: r})
	}
}

func key(code rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: code} }

func TestTypingFiltersAndEnterChooses(t *testing.T) {
	p := New("Commands", "type", items())
	typed(p, "ftwh")
	if out, _ := p.Update(key(tea.KeyEnter)); out != Chosen || p.Choice() != "zoom.fit" {
		t.Errorf("outcome %v choice %q", out, p.Choice())
	}
}

func TestABlockedItemStaysVisibleWithItsReason(t *testing.T) {
	p := New("Commands", "type", items())
	typed(p, "copy")
	if out, _ := p.Update(key(tea.KeyEnter)); out != Open {
		t.Fatalf("outcome %v", out)
	}
	c := canvas.New(60, 9)
	mono := theme.Mono()
	p.Draw(c, c.Bounds(), &mono)
	if !strings.Contains(c.Plain(), "there is no answer yet") {
		t.Errorf("no reason:\n%s", c.Plain())
	}
}

func TestSelectionWrapsAroundAndEscapeCloses(t *testing.T) {
	p := New("Commands", "type", items())
	p.Update(key(tea.KeyDown))
	p.Update(key(tea.KeyUp))
	p.Update(key(tea.KeyUp))
	p.Update(key(tea.KeyDown))
	if out, _ := p.Update(key(tea.KeyEnter)); out != Chosen || p.Choice() != "zoom.in" {
		t.Errorf("outcome %v choice %q", out, p.Choice())
	}
	if out, _ := p.Update(key(tea.KeyEscape)); out != Closed {
		t.Errorf("escape: %v", out)
	}
}

func TestAClickChoosesTheRowUnderIt(t *testing.T) {
	p := New("Commands", "type", items())
	c := canvas.New(60, 12)
	mono := theme.Mono()
	p.Draw(c, c.Bounds(), &mono)
	for y, l := range strings.Split(c.Plain(), "\n") {
		if strings.Contains(l, "Fit the whole") {
			if out, _ := p.Update(tea.MouseClickMsg{X: 10, Y: y}); out != Chosen || p.Choice() != "zoom.fit" {
				t.Errorf("outcome %v choice %q", out, p.Choice())
			}
			return
		}
	}
	t.Fatalf("row not drawn:\n%s", c.Plain())
}

func TestThePaletteDrawsAtAnySize(t *testing.T) {
	mono := theme.Mono()
	rapid.Check(t, func(t *rapid.T) {
		p := New("Commands", "type", items())
		w, h := rapid.IntRange(1, 90).Draw(t, "w"), rapid.IntRange(1, 20).Draw(t, "h")
		typed(p, rapid.StringMatching(`[a-z]{0,12}`).Draw(t, "query"))
		c := canvas.New(w, h)
		p.Draw(c, c.Bounds(), &mono)
		p.move(rapid.IntRange(-3, 3).Draw(t, "by"))
		p.Draw(c, c.Bounds(), &mono)
	})
}

func TestAnItemUnderTwoHeadingsIsFoundOnce(t *testing.T) {
	p := New("help", "", []Item{
		{ID: "break", Title: "breakpoint", Key: "b", Group: "Timeline"}, {ID: "break", Title: "breakpoint", Key: "b", Group: "Details"},
		{ID: "break", Title: "breakpoint", Key: "ctrl+b", Group: "Anywhere"},
	})
	if n := len(p.matches); n != 3 {
		t.Errorf("%d items are listed under headings", n)
	}
	p.Update(tea.KeyPressMsg{Code: 'b', Text: "b"})
	if n := len(p.matches); n != 2 {
		t.Errorf("%d items match", n)
	}
}
