//go:build !windows

package cli

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"image/color"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// screenTimeout limits how long a condition on the screen may take to hold. On a busy machine with
// the race detector, pasting a megabyte can take more than a minute.
const screenTimeout = 4 * time.Minute

// A terminal runs the program in a pseudo terminal, with an emulator that holds the screen and
// sends replies. A test types, and waits for what the screen shows.
type terminal struct {
	testing.TB
	began   time.Time
	pty     *os.File
	cmd     *exec.Cmd
	typed   chan []byte   // keys and terminal replies, in order
	changed chan struct{} // receives after output was written
	// ended is closed when all output has been read and cmd.ProcessState is set.
	ended chan struct{}

	mu     sync.Mutex
	emu    *vt.Emulator
	out    bytes.Buffer // all output
	modes  map[int]bool // the current private modes
	titles []string
	bells  int
}

// A start describes how the program is started. With the zero value it runs offline, in a new home
// directory with the manual in docs, which is indexed already, in a dark terminal of 80×24 with all
// colours.
type start struct {
	shell string // a shell that is started in place of the program, and can start the program
	args  []string
	env   map[string]string // additional variables
	home  string            // the home of an earlier start, to reuse its index
	w, h  int
	light bool
	// mute is a terminal that does not answer what it is asked, such as which background it has.
	mute bool
}

// open starts the program. It is stopped at the end of the test if it is still running.
func (st start) open(t testing.TB) *terminal {
	t.Helper()
	if st.args == nil {
		st.args = []string{"docs"}
	}
	if st.home == "" {
		st.home = t.TempDir()
	}
	giveManual(t, st.home)
	if st.w == 0 {
		st.w, st.h = 80, 24
	}
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": st.home, "WEFT_CACHE": filepath.Join(st.home, "cache"), "WEFT_STATE": filepath.Join(st.home, "state"),
		"WEFT_OFFLINE": "true", "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "GOGC": rareGC,
		"GORACE": "exitcode=0 log_path=" + filepath.Join(st.home, "race"), // read by ourRaces
	}
	maps.Copy(env, st.env)
	s := &terminal{
		TB: t, emu: vt.NewEmulator(st.w, st.h), modes: map[int]bool{},
		typed: make(chan []byte, 1<<12), changed: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	s.emu.RegisterCsiHandler('r', func(margins ansi.Params) bool {
		// As real terminals do, and the emulator does not: margins that were meant for a higher window end
		// at the bottom of this one.
		if len(margins) > 1 && margins[1].Param(0) > s.emu.Height() {
			margins[1] = ansi.Param(s.emu.Height())
		}
		return false // so that the emulator sets them
	})
	if st.light {
		s.emu.SetDefaultBackgroundColor(color.White)
		s.emu.SetDefaultForegroundColor(color.Black)
	}
	mode := func(on bool) func(ansi.Mode) {
		return func(m ansi.Mode) {
			if m, ok := m.(ansi.DECMode); ok {
				s.modes[m.Mode()] = on
			}
		}
	}
	s.emu.SetCallbacks(vt.Callbacks{
		Title: func(title string) { s.titles = append(s.titles, title) }, Bell: func() { s.bells++ },
		EnableMode: mode(true), DisableMode: mode(false),
	})
	s.cmd = exec.Command(cmp.Or(st.shell, "weft"), st.args...) // TestMain has put it into PATH
	s.cmd.Dir = st.home
	for k, v := range env {
		s.cmd.Env = append(s.cmd.Env, k+"="+v)
	}
	s.began = time.Now()
	var err error
	if s.pty, err = pty.StartWithSize(s.cmd, &pty.Winsize{Cols: uint16(st.w), Rows: uint16(st.h)}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(s.show)
	answers := io.Writer(typist{s})
	if st.mute {
		answers = io.Discard
	}
	wg.Go(func() { _, _ = io.Copy(answers, s.emu) })
	wg.Go(s.keyboard)
	t.Cleanup(func() {
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) // with what it started; fails if all have ended
		<-s.ended
		// closing the emulator itself would race with the reader
		_ = s.emu.InputPipe().(io.Closer).Close()
		close(s.typed)
		s.pty.Close()
		wg.Wait()
		ourRaces(t, st.home)
	})
	return s
}

// ourRaces fails the test for data races in which weft's own code takes part. With the race
// detector on, reports go to a file instead of the screen; and when the program is ended by a
// signal, the library that reads its keys races with itself, which is ignored.
func ourRaces(t testing.TB, home string) {
	logs, _ := filepath.Glob(filepath.Join(home, "race.*"))
	for _, log := range logs {
		data, err := os.ReadFile(log)
		if err != nil {
			t.Error(err)
			continue
		}
		lines := strings.Split(string(data), "\n")
		for i, line := range lines[:len(lines)-1] {
			line = strings.TrimSpace(line)
			access := strings.HasPrefix(line, "Read at") || strings.HasPrefix(line, "Write at") || strings.HasPrefix(line, "Previous ")
			if access && strings.HasPrefix(strings.TrimSpace(lines[i+1]), "weft/") {
				t.Errorf("a data race:\n%s", data)
				break
			}
		}
	}
}

// show feeds the program's output to the emulator until the program has ended.
func (s *terminal) show() {
	buf := make([]byte, 1<<16)
	for {
		n, err := s.pty.Read(buf)
		s.mu.Lock()
		s.out.Write(buf[:n])
		_, _ = s.emu.Write(buf[:n])
		s.mu.Unlock()
		s.poke()
		if err != nil {
			break
		}
	}
	_ = s.cmd.Wait() // the exit code is in cmd.ProcessState
	close(s.ended)
}

func (s *terminal) poke() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (s *terminal) keyboard() {
	for p := range s.typed {
		if _, err := s.pty.Write(p); err != nil {
			for range s.typed { // the program has ended: discard
			}
			return
		}
	}
}

// A typist is an io.Writer that types what is written to it.
type typist struct{ *terminal }

func (t typist) Write(p []byte) (int, error) {
	t.typed <- bytes.Clone(p)
	return len(p), nil
}

// text returns the screen's text.
func (s *terminal) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emu.String()
}

// written returns all output from an offset on.
func (s *terminal) written(from int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()[from:]
}

// until waits until a condition on the screen's text holds, and returns the text.
func (s *terminal) until(what string, holds func(text string) bool) string {
	s.Helper()
	deadline := time.After(screenTimeout)
	for {
		if text := s.text(); holds(text) {
			return text
		}
		select {
		case <-s.changed:
		case <-s.ended:
			if text := s.text(); holds(text) {
				return text
			}
			s.Fatalf("the program has ended and the screen does not show %s:\n%s", what, s.text())
		case <-deadline:
			s.Fatalf("the screen does not show %s:\n%s", what, s.text())
		}
	}
}

// see waits until the screen shows all of the texts.
func (s *terminal) see(texts ...string) string {
	s.Helper()
	return s.until(fmt.Sprintf("%q", texts), func(screen string) bool {
		return !slices.ContainsFunc(texts, func(t string) bool { return !strings.Contains(screen, t) })
	})
}

// gone waits until the screen no longer shows a text.
func (s *terminal) gone(text string) {
	s.Helper()
	s.until("nothing of "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

// match waits until the screen matches a regular expression, and returns its groups.
func (s *terminal) match(expr string) []string {
	s.Helper()
	re := regexp.MustCompile(expr)
	return re.FindStringSubmatch(s.until(expr, re.MatchString))
}

// write types text unchanged.
func (s *terminal) write(text string) { s.typed <- []byte(text) }

// labels maps the key names that the program shows to the bytes that a terminal sends.
var labels = map[string]string{
	"↵": "\r", "tab": "\t", "⇧tab": "\x1b[Z", "esc": "\x1b", "↑": "\x1b[A", "↓": "\x1b[B", "→": "\x1b[C", "←": "\x1b[D", "⇧←": "\x1b[1;2D",
	"⇧→": "\x1b[1;2C", "home": "\x1b[H", "end": "\x1b[F", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~", "space": " ", "f1": "\x1bOP", "⇧↵": "\x1b[13;2u",
}

// press presses keys by the names that the program shows.
func (s *terminal) press(keys ...string) {
	for _, k := range keys {
		if seq, ok := labels[k]; ok {
			k = seq
		} else if letter, ok := strings.CutPrefix(k, "^"); ok {
			k = string(rune(letter[0] & 0x1f))
		} else if letter, ok := strings.CutPrefix(strings.Replace(k, "⌥", "alt+", 1), "alt+"); ok {
			k = "\x1b" + letter
		}
		s.write(k)
	}
}

// hint returns the key that the footer shows for a word, or "".
func hint(screen, word string) string {
	lines := strings.Split(strings.TrimRight(screen, "\n"), "\n")
	for _, h := range strings.Split(strings.TrimSpace(lines[len(lines)-1]), "   ") {
		if key, w, ok := strings.Cut(strings.TrimSpace(h), " "); ok && w == word {
			return key
		}
	}
	return ""
}

// tap presses the key that the footer shows for a word; of a pair of keys, the first.
func (s *terminal) tap(word string) { s.Helper(); s.tapOf(word, 0) }

// tapOf presses one of the keys that the footer shows together for a word, as ↑↓.
func (s *terminal) tapOf(word string, which int) {
	s.Helper()
	key := hint(s.until("a key for "+word, func(screen string) bool { return hint(screen, word) != "" }), word)
	if pair := []rune(key); len(pair) == 2 && strings.ContainsRune("↑↓←→+-", pair[0]) && strings.ContainsRune("↑↓←→+-", pair[1]) {
		key = string(pair[which])
	}
	s.press(key)
}

// lookUp finds in the help which key does something, closes the help, and presses that key.
func (s *terminal) lookUp(what string) {
	s.Helper()
	s.tap("help")
	s.see("╭─ help ")
	s.write(what)
	key := s.match(`│ ?▌? *([^\s❯│]\S*)[^│\n]*` + regexp.QuoteMeta(what))[1]
	s.press("esc")
	s.gone("╭─ help ")
	s.press(key)
}

// introduced waits until the program has asked which background the terminal has. The reply is typed
// before all keys that are pressed from then on.
func (s *terminal) introduced() {
	s.Helper()
	s.until("whether it was asked for its background", func(string) bool {
		return strings.Contains(s.written(0), "\x1b]11;?")
	})
}

// post types a question and asks it.
func (s *terminal) post(question string) {
	s.Helper()
	s.write(question)
	s.see(question)
	s.tap("ask")
}

// ask asks a question and waits for the answer.
func (s *terminal) ask(question string) {
	s.Helper()
	s.post(question)
	s.until("the answer", func(screen string) bool {
		// The sign is that of this question once the line, which is below it, is free again.
		line, _, _ := strings.Cut(screen[max(strings.LastIndex(screen, "❯"), 0):], "\n")
		return !strings.Contains(line, question) && strings.Contains(screen, "✓ answered")
	})
}

// resize changes the size of the window and notifies the program.
func (s *terminal) resize(w, h int) {
	s.Helper()
	s.screen(w, h)
	s.notify(w, h)
}

// screen changes the size of the screen without notifying the program.
func (s *terminal) screen(w, h int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emu.Resize(w, h)
}

// notify notifies the program of the window's size.
func (s *terminal) notify(w, h int) {
	s.Helper()
	if err := pty.Setsize(s.pty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		s.Fatal(err)
	}
}

// copied returns what the program has put into the clipboard, in order.
func (s *terminal) copied() (out []string) {
	for _, m := range regexp.MustCompile("\x1b]52;c;([A-Za-z0-9+/=]*)(?:\a|\x1b\\\\)").FindAllStringSubmatch(s.written(0), -1) {
		text, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			s.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// quit ends the explorer as a person would: with ctrl+c, and again if that has only cancelled a run.
func (s *terminal) quit() {
	s.Helper()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	deadline := time.After(screenTimeout)
	for {
		s.press("^c")
		select {
		case <-again.C:
		case <-s.ended:
			s.end()
			return
		case <-deadline:
			s.Fatalf("the program continues:\n%s", s.text())
		}
	}
}

// end waits until the program has ended, checks that the terminal's state is restored, and returns
// the exit code and the screen's text.
func (s *terminal) end() (code int, shown string) {
	s.Helper()
	select {
	case <-s.ended:
	case <-time.After(screenTimeout):
		s.Fatalf("the program continues:\n%s", s.text())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.emu.IsAltScreen() {
		s.Error("the alternate screen is left on")
	}
	all := s.out.String()
	// The cursor may have been hidden on the terminal's own screen as well.
	_, own, left := strings.Cut(all, "\x1b[?1049l")
	if s.emu.CursorHidden() || left && !strings.Contains(own, "\x1b[?25h") {
		s.Error("the cursor is left hidden")
	}
	usual := map[int]bool{7: true, 25: true} // autowrap and the cursor are on by default
	for m, on := range s.modes {
		if on != usual[m] {
			s.Errorf("mode %d is left %v", m, on)
		}
	}
	if up, down := strings.Count(all, "\x1b[>1u"), strings.Count(all, "\x1b[<u")+strings.Count(all, "\x1b[<1u"); up != down {
		s.Errorf("the keyboard's modes were pushed %d times and popped %d times", up, down)
	}
	if last := strings.LastIndex(all, "\x1b]9;4;"); last >= 0 && !strings.HasPrefix(all[last:], "\x1b]9;4;0") {
		s.Errorf("a progress bar is left: %q", all[last:last+8])
	}
	return s.cmd.ProcessState.ExitCode(), strings.TrimSpace(s.emu.String())
}
