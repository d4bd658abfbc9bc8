package markdown

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"pgregory.net/rapid"

	"weft/ui/canvas"
)

// A scrolled is a Scroll on an emulated terminal. The Scroll's lock guards both, because it also
// draws from a timer.
type scrolled struct {
	*Scroll
	emu        *vt.Emulator
	cols, rows int
	written    strings.Builder
}

func newScrolled(cols, rows int) *scrolled {
	s := &scrolled{emu: vt.NewEmulator(cols, rows), cols: cols, rows: rows}
	s.Scroll = NewScroll(s, NewRenderer(look()), func() (int, int) { return s.cols, s.rows })
	return s
}

func (s *scrolled) Write(p []byte) (int, error) {
	s.written.Write(p)
	return s.emu.Write(p)
}

// text returns all that was written: the scrollback, then the screen.
func (s *scrolled) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, l := range s.emu.Scrollback().Lines() {
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	for line := range strings.SplitSeq(s.emu.String(), "\n") {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// screen returns what the terminal shows.
func (s *scrolled) screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emu.String()
}

// resize changes the size of the terminal.
func (s *scrolled) resize(cols, rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cols, s.rows = cols, rows
	s.emu.Resize(cols, rows)
}

// drawNext makes the next text be drawn, however short it is.
func (s *scrolled) drawNext() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = time.Time{}
}

// pictured returns the text of a picture that was rendered at once, without trailing blanks.
func pictured(src string, width int) string {
	rows := NewRenderer(look()).Render(src, width).Rows()
	for i, r := range rows {
		rows[i] = strings.TrimRight(ansi.Strip(r), " ")
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n")
}

func TestAScrolledTextEqualsOneWrittenAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := canvas.Clean(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(t, "parts"), "\n\n"))
		if strings.Contains(src, "[ref]: ") || strings.HasPrefix(src, " ") {
			return // a link definition changes links above it that were already written
		}
		s := newScrolled(rapid.IntRange(24, 90).Draw(t, "width"), rapid.IntRange(2, 30).Draw(t, "height"))
		for end := 0; end < len(src); {
			from := end
			end = min(end+rapid.IntRange(1, 90).Draw(t, "more"), len(src))
			s.Add(src[from:end])
			s.drawNext()
		}
		s.End()
		if got, want := nonBlank(strings.Split(s.text(), "\n")), nonBlank(strings.Split(pictured(src, s.cols), "\n")); got != want {
			t.Fatalf("%q\n--- scrolled\n%s\n--- at once\n%s", src, got, want)
		}
	})
}

func TestAScrolledTextIsVisibleWhileItGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScrolled(40, 6)
		s.Add("A **wo")
		s.Add("rd**")
		if got := s.text(); got != "A **wo" {
			t.Errorf("each word is drawn at once: %q", got)
		}
		time.Sleep(maxDelay)
		synctest.Wait()
		if got := s.text(); got != "A word" {
			t.Errorf("a word is not written after maxDelay: %q", got)
		}
		s.Add(" of an answer that is longer than the terminal is wide")
		if got := s.text(); !strings.HasPrefix(got, "A word of an answer that is longer than\nthe terminal") {
			t.Errorf("got %q", got)
		}
		s.Add("\n\n- one\n- two\n- three\n- four\n- five\n- six\n- seven\n- eight, which is the last of them")
		if got := s.screen(); !strings.Contains(got, "eight") || strings.Contains(got, "three") {
			t.Errorf("the end of what is higher than the screen is not seen:\n%s", got)
		}
		s.End()
		want := "A word of an answer that is longer than\nthe terminal is wide\n\n• one\n• two\n• three\n• four\n• five\n• six\n• seven\n• eight, which is the last of them"
		if got := s.text(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestFinishedBlocksAreWrittenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScrolled(60, 20)
		text := strings.Repeat("Some **words** of an answer [1] that is long enough.\n\n", 60)
		for end := 0; end < len(text); end += 6 {
			s.Add(text[end:min(end+6, len(text))])
		}
		s.End()
		if n := s.written.Len(); n > 12*len(text) {
			t.Errorf("%d bytes are written for %d", n, len(text))
		}
	})
}

func TestResizingTheTerminalLosesNothing(t *testing.T) {
	s := newScrolled(60, 10)
	s.Add("The beginning of an answer that is long enough to be drawn.")
	s.resize(30, 5)
	s.Add(" And then it goes on in a window that has become small.")
	s.End()
	if got := strings.Join(strings.Fields(s.text()), " "); !strings.HasSuffix(got, "The beginning of an answer that is long enough to be drawn. And then it goes on in a window that has become small.") {
		t.Errorf("got %q", got)
	}
}

func TestTextsFollowEachOtherInAScroll(t *testing.T) {
	s := newScrolled(40, 10)
	s.Add("A draft")
	s.End()
	s.Add("*The* answer")
	s.End()
	s.End()
	if got, want := s.text(), "A draft\nThe answer"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
