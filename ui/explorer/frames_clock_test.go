package explorer

import (
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// An echo shows the last text that was sent to it.
type echo struct {
	text string
	look func()
}

func (e echo) Init() tea.Cmd { return nil }

func (e echo) Update(m tea.Msg) (tea.Model, tea.Cmd) {
	if text, ok := m.(string); ok {
		e.text = text
	}
	return e, nil
}

func (e echo) View() tea.View { e.look(); return tea.NewView(e.text) }

// A counter counts what is written.
type counter struct{ n atomic.Int64 }

func (c *counter) Write(p []byte) (int, error) { c.n.Add(int64(len(p))); return len(p), nil }

// If this fails with another version of Bubble Tea, its ticker may stop by itself now.
func TestAnIdleProgramIsRarelyCheckedForFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l renderClock
		var out counter
		in, keys := io.Pipe()
		p := tea.NewProgram(echo{look: l.wake}, tea.WithFPS(fps), tea.WithInput(in), tea.WithOutput(&out), tea.WithWindowSize(40, 1),
			tea.WithoutSignalHandler(), tea.WithEnvironment([]string{"TERM=xterm"}))
		l.program = p
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := p.Run(); err != nil {
				t.Error(err)
			}
		}()
		asleep := func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.clock != nil && l.asleep }
		pass := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		for i := range 200 {
			pass(2 * clockAwake)
			if !asleep() {
				t.Fatal("it looks for frames though nothing happens")
			}
			before := out.n.Load()
			p.Send(strings.Repeat("x", i%37+1))
			pass(time.Second/fps + time.Millisecond)
			if out.n.Load() == before {
				t.Fatal("it has not woken up")
			}
			// The clock is awake, about to slow down, or slow
			pass(time.Duration(i) * clockAwake / 100)
			before = out.n.Load()
			p.Send(strings.Repeat("y", i%37+1))
			pass(time.Second/fps + time.Millisecond)
			if out.n.Load() == before {
				t.Fatalf("nothing is shown %v after the last message", time.Duration(i)*clockAwake/100)
			}
		}
		p.Quit()
		<-done
		keys.Close()
	})
}
