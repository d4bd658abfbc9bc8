package explorer

import (
	"context"
	"image"
	"os/exec"
	"strings"
	"time"

	"github.com/atotto/clipboard"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// A selection is the text that a drag of the mouse marks: whole lines from its first to its last cell, within one panel.
type selection struct {
	in       canvas.Rect // the panel in which the drag began
	from, to image.Point
	dragging bool
}

// ordered returns the first and the last cell.
func (s selection) ordered() (a, b image.Point) {
	a, b = s.from, s.to
	if b.Y < a.Y || b.Y == a.Y && b.X < a.X {
		a, b = b, a
	}
	return a, b
}

func (s selection) empty() bool { return s.in.Empty() || s.from == s.to }

// drag extends the selection to a cell, within its panel.
func (s *selection) drag(to image.Point) {
	if s.dragging {
		s.to = image.Pt(min(max(to.X, s.in.Min.X), s.in.Max.X-1), min(max(to.Y, s.in.Min.Y), s.in.Max.Y-1))
	}
}

// span returns the cells of row y that are marked.
func (s selection) span(y int) canvas.Rect {
	a, b := s.ordered()
	from, to := s.in.Min.X, s.in.Max.X
	if y == a.Y {
		from = a.X
	}
	if y == b.Y {
		to = b.X + 1
	}
	return canvas.Rect{Min: image.Pt(from, y), Max: image.Pt(max(to, from), y+1)}.Intersect(s.in)
}

// draw marks the selected cells.
func (s selection) draw(c *canvas.Canvas, t *theme.Theme) {
	if s.empty() {
		return
	}
	a, b := s.ordered()
	for y := a.Y; y <= b.Y; y++ {
		c.Overlay(s.span(y), t.Selection)
	}
}

// text is what the selected cells show.
func (s selection) text(c *canvas.Canvas) string {
	if s.empty() {
		return ""
	}
	var lines []string
	a, b := s.ordered()
	for y := a.Y; y <= b.Y; y++ {
		lines = append(lines, strings.TrimRight(c.Sub(s.span(y)).Plain(), " "))
	}
	return strings.Join(lines, "\n")
}

// clip copies text to the clipboard in both ways there are: through the terminal, which works over SSH too, and through the
// system, when this is the machine that the person sits at. It says what was copied, and how.
func (s *shell) clip(text, what string) tea.Cmd {
	text = canvas.Clean(text) // it may be pasted into a shell, or anywhere
	native := s.opt.Clipboard
	if native == nil {
		native = clipboard.WriteAll
	}
	remote := s.opt.getenv("SSH_TTY") != "" || s.opt.getenv("SSH_CONNECTION") != ""
	tmux := s.opt.getenv("TMUX") != "" && s.opt.Clipboard == nil
	return tea.Sequence(tea.SetClipboard(text), func() tea.Msg { // which says so only then
		how := "through the terminal (OSC 52)"
		if tmux && loadBuffer(text) == nil {
			how += ", tmux"
		}
		if !remote && native(text) == nil {
			how += " and the system's clipboard"
		}
		return noteMsg{text: "copied " + what + ", " + counted(len([]rune(text)), "character") + ", " + how}
	})
}

// loadBuffer gives text to tmux, which by default keeps OSC 52 of its programs to itself, and lets it hand it on to the terminal.
func loadBuffer(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tmux", "load-buffer", "-w", "-")
	cmd.Stdin = strings.NewReader(text)
	return cmd.Run()
}
