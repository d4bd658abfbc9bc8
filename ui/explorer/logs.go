package explorer

import (
	"bytes"
	"log"
	"log/slog"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// A logbook receives the output of the program's default loggers while the screen is open, because
// it would damage the picture. Each line becomes a note.
type logbook struct {
	mu   sync.Mutex
	send func(tea.Msg)
	rest []byte
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.rest = append(l.rest, p...)
	var lines []string
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			break
		}
		lines, l.rest = append(lines, string(line)), rest
	}
	l.mu.Unlock()
	if len(lines) > 0 {
		go func() { // the loop itself may log, and must not wait for itself
			for _, line := range lines {
				l.send(noteMsg{brief(line), true})
			}
		}()
	}
	return len(p), nil
}

// keepLogs redirects the default loggers and returns a function that restores them.
func keepLogs(send func(tea.Msg)) (giveBack func()) {
	old, w, flags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logbook{send: send}, nil)))
	return func() {
		slog.SetDefault(old)
		log.SetOutput(w) // slog.SetDefault has redirected package log, and does not restore it
		log.SetFlags(flags)
	}
}
