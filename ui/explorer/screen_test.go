package explorer

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image/color"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/vt"
	"github.com/dlclark/regexp2"
)

var update = flag.Bool("update", false, "write the golden screens instead of comparing")

func TestMain(m *testing.M) {
	flag.Parse()
	debug.SetGCPercent(400) // the garbage collector would take a seventh of the processor time
	// The runtime's goroutine for signals must not start within a test's bubble
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	signal.Stop(c)
	os.Exit(m.Run())
}

// A screen is the explorer in a terminal that the test types into and reads: the real program, from
// bytes to bytes. Time is that of the test's bubble, so that nothing waits and every run looks the
// same.
type screen struct {
	t       testing.TB
	mu      sync.Mutex
	emu     *vt.Emulator
	out     bytes.Buffer // all output
	writes  int          // number of writes in out
	in      *io.PipeWriter
	program *tea.Program
	done    chan struct{}
	res     Result
	err     error
	copied  []string
}

// Write receives the program's output.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.Write(p)
	s.writes++
	return s.emu.Write(p)
}

// open starts the explorer. The bubble must close it.
func open(t testing.TB, e Engine, opt Options, w, h int) *screen {
	s := &screen{t: t, emu: vt.NewEmulator(w, h), done: make(chan struct{})}
	// LNM: the program writes bare line feeds, because its output is not a terminal
	if _, err := s.emu.Write([]byte("\x1b[20h")); err != nil {
		t.Fatal(err)
	}
	if opt.getenv("TEST_BACKGROUND") == "white" {
		s.emu.SetBackgroundColor(color.White)
	}
	in, keys := io.Pipe()
	s.in = keys
	opt.Input, opt.Output, opt.size = in, s, [2]int{w, h}
	opt.Clipboard = func(text string) error { s.copied = append(s.copied, text); return nil }
	if opt.Env == nil {
		opt.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "EDITOR=vi"}
	}
	ready := make(chan struct{})
	opt.program = func(p *tea.Program) { s.program = p; close(ready) }
	var replies io.Writer = keys
	if opt.getenv("TEST_BACKGROUND") == "unknown" {
		replies = io.Discard
	}
	if opt.appearance == nil {
		opt.appearance = func() (dark, known bool) { return false, false } // whatever system runs the tests
	}
	go func() { _, _ = io.Copy(replies, s.emu) }() // the terminal's replies
	go func() {
		defer close(s.done)
		s.res, s.err = Open(context.Background(), e, opt)
		in.Close()
		s.emu.Close()
	}()
	<-ready
	s.wait(50 * time.Millisecond)
	return s
}

// wait lets time pass, and then waits until all goroutines are idle.
func (s *screen) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

var named = map[string]string{
	"enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "esc": "\x1b", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
	"home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdown": "\x1b[6~", "ctrl+c": "\x03", "ctrl+d": "\x04", "ctrl+j": "\n", "ctrl+p": "\x10",
	"ctrl+o": "\x0f", "ctrl+s": "\x13", "ctrl+y": "\x19", "f1": "\x1bOP", "shift+left": "\x1b[1;2D", "shift+enter": "\x1b[13;2u", "space": " ",
	"backspace": "\x7f", "alt+o": "\x1bo", "alt+up": "\x1b[1;3A", "alt+down": "\x1b[1;3B", "delete": "\x1b[3~",
}

// press presses keys by name, and types a text that is not the name of a key.
func (s *screen) press(keys ...string) {
	for _, k := range keys {
		if b, ok := named[k]; ok {
			k = b
		}
		if _, err := io.WriteString(s.in, k); err != nil {
			s.t.Errorf("typing %q: %v", k, err)
		}
		// Longer than the program holds a lone escape back, and some frames more
		s.wait(160 * time.Millisecond)
	}
}

func (s *screen) paste(text string) { s.press("\x1b[200~" + text + "\x1b[201~") }

// resize changes the size of the terminal's window.
func (s *screen) resize(w, h int) {
	s.mu.Lock()
	s.emu.Resize(w, h)
	s.mu.Unlock()
	s.program.Send(tea.WindowSizeMsg{Width: w, Height: h})
	s.wait(60 * time.Millisecond)
}

// text returns what the screen shows.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.Split(s.emu.String(), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// written returns how many bytes were written since the last call.
func (s *screen) written() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.out.Len()
	s.out.Reset()
	return n
}

func (s *screen) has(want string) {
	s.t.Helper()
	if got := s.text(); !strings.Contains(got, want) {
		s.t.Errorf("%q is not on the screen:\n%s", want, got)
	}
}

func (s *screen) hasNot(not string) {
	s.t.Helper()
	if got := s.text(); strings.Contains(got, not) {
		s.t.Errorf("%q is on the screen:\n%s", not, got)
	}
}

// close quits the program, if it has not ended, and waits until all its goroutines have ended.
func (s *screen) close() Result {
	s.wait(200 * time.Millisecond) // let typed keys arrive
	s.program.Quit()
	<-s.done
	s.in.Close()
	// Ends a goroutine of the library that colours code, which must not outlive the bubble
	regexp2.StopTimeoutClock()
	// Pending ticks end; the bubble reports any other goroutine as a leak
	time.Sleep(2 * time.Minute)
	synctest.Wait()
	if s.err != nil {
		s.t.Errorf("the explorer ended with %v", s.err)
	}
	return s.res
}

// mouseSeq returns the sequence that a terminal sends for the mouse at column x and row y, from 1.
func mouseSeq(kind string, x, y int, end string) string {
	return fmt.Sprintf("\x1b[%s%d;%d%s", kind, x, y, end)
}

// sent returns all output to the terminal.
func (s *screen) sent() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}
