package explorer

import (
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// send types without waiting.
func (s *screen) send(keys string) {
	if _, err := io.WriteString(s.in, keys); err != nil {
		s.t.Errorf("typing %q: %v", keys, err)
	}
}

// ended reports whether the program has ended.
func (s *screen) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// TestQuittingWaitsForTheReplyOfTheTerminal checks that the reply to the question about the
// background is read before the program ends: it would otherwise appear in the shell.
func TestQuittingWaitsForTheReplyOfTheTerminal(t *testing.T) {
	unknown := Options{Env: []string{"TERM=xterm-256color", "TEST_BACKGROUND=unknown"}}
	for name, tt := range map[string]struct {
		opt    Options
		before time.Duration // from the start to the key that quits
		reply  bool          // the terminal replies after the key
		waits  bool
	}{
		"the terminal has replied":       {Options{}, 0, false, false},
		"the reply is under way":         {unknown, 0, true, true},
		"the terminal never replies":     {unknown, 0, false, true},
		"it would have replied long ago": {unknown, replyWithin, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newScripted(nil)
				e.introduce(true)
				e.ready()
				s := open(t, e, tt.opt, 80, 24)
				s.wait(tt.before)
				s.send(named["ctrl+d"])
				s.wait(lastCall / 10)
				if got := !s.ended(); got != tt.waits {
					t.Fatalf("it waits: %v, want %v", got, tt.waits)
				}
				if tt.reply {
					s.send("\x1b]11;rgb:ffff/ffff/ffff\x1b\\")
					s.wait(lastCall / 10)
				} else {
					s.wait(lastCall)
				}
				if !s.ended() {
					t.Error("it has not ended")
				}
				s.wait(lastCall) // no timer is left
				s.close()
			})
		})
	}
}

// A keeping is an engine that keeps its runs.
type keeping struct {
	*scripted
	*listed
}

// TestQuittingSaysWhatBecomesOfARunThatWaits checks that the dialog says "cancel" only of a run
// that cannot be answered later.
func TestQuittingSaysWhatBecomesOfARunThatWaits(t *testing.T) {
	scriptedRuns := func() *scripted {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		e.ready()
		return e
	}
	for name, tt := range map[string]struct {
		engine   func() Engine
		workflow string
		want     string
	}{
		"kept and waiting":     {func() Engine { return keeping{scriptedRuns(), &listed{}} }, "approve", "quit, and answer the run later: ^r lists it"},
		"kept and at work":     {func() Engine { return keeping{scriptedRuns(), &listed{}} }, "rag", "quit and cancel the run"},
		"not kept and waiting": {func() Engine { return scriptedRuns() }, "approve", "quit and cancel the run"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, tt.engine(), Options{Workflow: tt.workflow}, 80, 24)
				s.press(question, "enter")
				s.wait(time.Second)
				if s.press("tab"); tt.workflow == "approve" {
					s.press("esc") // leaves the form
				}
				s.press("q")
				s.has(tt.want)
				s.close()
			})
		})
	}
}
