package explorer

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"github.com/atotto/clipboard"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
)

// clip copies text to the clipboard in two ways: through the terminal, which also works over SSH,
// and through the system, if the person sits at this machine. It notes what was copied, and how.
func (s *shell) clip(text, what string) tea.Cmd {
	text = canvas.Clean(text) // the text may be pasted into a shell: remove control characters
	native := s.opt.Clipboard
	if native == nil {
		native = clipboard.WriteAll
	}
	remote := s.opt.getenv("SSH_TTY") != "" || s.opt.getenv("SSH_CONNECTION") != ""
	tmux := s.opt.getenv("TMUX") != "" && s.opt.Clipboard == nil
	// The note is shown after the text was written
	return tea.Sequence(tea.SetClipboard(text), func() tea.Msg {
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

// loadBuffer gives text to tmux, which by default does not pass on the OSC 52 of its programs, and
// lets it forward the text to the terminal.
func loadBuffer(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tmux", "load-buffer", "-w", "-")
	cmd.Stdin = strings.NewReader(text)
	return cmd.Run()
}
