package explorer

import (
	"log"
	"log/slog"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestALogLineBecomesANoteWhileTheScreenIsOpen(t *testing.T) {
	var before strings.Builder
	w, flags := log.Writer(), log.Flags()
	log.SetOutput(&before)
	log.SetFlags(0)
	defer func() { log.SetOutput(w); log.SetFlags(flags) }()
	notes := make(chan noteMsg, 4)
	giveBack := keepLogs(func(m tea.Msg) { notes <- m.(noteMsg) })
	slog.Warn("storm\x1b[2J", "force", 9)
	if n := <-notes; !n.warn || !strings.Contains(n.text, "storm") || !strings.Contains(n.text, "force=9") || strings.Contains(n.text, "\x1b") {
		t.Errorf("%+v", n)
	}
	log.Print("from the old logger")
	if n := <-notes; !strings.Contains(n.text, "from the old logger") {
		t.Errorf("%+v", n)
	}
	giveBack()
	log.Print("afterwards")
	slog.Info("and this")
	if got := before.String(); !strings.HasPrefix(got, "afterwards\n") || !strings.Contains(got, "and this") {
		t.Errorf("afterwards the loggers write %q", got)
	}
}
