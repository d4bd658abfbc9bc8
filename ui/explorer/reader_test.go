package explorer

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// transcript returns all text that a screen reader could have read: the scrollback, and the screen.
func (s *screen) transcript() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for y := range s.emu.ScrollbackLen() {
		line := ""
		for x := range s.emu.Width() {
			if c := s.emu.ScrollbackCellAt(x, y); c != nil && c.Content != "" {
				line += c.Content
			} else if c == nil || c.Width > 0 {
				line += " "
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	for line := range strings.Lines(s.emu.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return strings.Trim(b.String(), "\n") + "\n"
}

// heard asserts that the texts were said, in this order.
func (s *screen) heard(want ...string) {
	s.t.Helper()
	got := strings.Join(strings.Fields(s.transcript()), " ")
	for _, w := range want {
		i := strings.Index(got, w)
		if i < 0 {
			s.t.Errorf("%q was not read, or not in this order:\n%s", w, s.transcript())
			return
		}
		got = got[i+len(w):]
	}
}

// drawing matches what cannot be spoken: lines, blocks, shapes, braille, marks.
var drawing = regexp.MustCompile(`[\x{2500}-\x{25ff}\x{2700}-\x{27bf}\x{2800}-\x{28ff}⊘❯]`)

func listen(t *testing.T, f func(*screen, *scripted)) {
	t.Helper()
	inBubble(t, 80, 24, Options{ScreenReader: true}, func(s *screen, e *scripted) {
		f(s, e)
		all := s.transcript()
		if mark := drawing.FindString(all); mark != "" {
			t.Errorf("%q was written:\n%s", mark, all)
		}
		for _, no := range []string{"\x1b[?1049h", "\x1b[?1002h", "\x1b[?1003h"} {
			if strings.Contains(s.sent(), no) {
				t.Errorf("%q was sent", no)
			}
		}
	})
}

func TestAListenerHearsAQuestionAnsweredInOrder(t *testing.T) {
	listen(t, func(s *screen, e *scripted) {
		s.heard("weft, screen-reader mode", "No model is used", "Ready: 18230 passages of 204 files in ~/docs")
		s.has("question for rag:")
		s.press(question, "enter")
		s.wait(600 * time.Millisecond)
		s.heard("Question for rag: How do retries back off?", "Step retrieve: running.", "Step retrieve: done, 403 milliseconds, caused by the start of the run, gives Retrieved.", "Step rerank: running.")
		s.wait(5 * time.Second)
		s.heard("Step rerank: done, 301 milliseconds, caused by retrieve, gives Ranked.", "Step synthesize: running.",
			"Retries use exponential backoff with jitter [1]: the first", "Item: MaxAttempts defaults to 5 [1]", "Code, go:", "policy := flow.Retry{", "End of code.",
			"Step synthesize: done, 1.1 seconds", "Source 1, cited: docs/retry.md, lines 12 to 30, score 0.93, under Retries, Back-off.",
			"Answered without a model from 3 sources in 1.8 seconds.")
		if n := strings.Count(s.transcript(), "exponential"); n != 1 {
			t.Errorf("the answer was read %d times", n)
		}
	})
}

func TestAListenerReachesEveryPartAndHearsWhereItIs(t *testing.T) {
	listen(t, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(5 * time.Second)
		s.press("tab", "down", "down")
		s.heard("Run of rag: done, 1.8 seconds, 3 steps.", "synthesize: done", "Timeline, 4 rows.", "Row 1: Run of rag", "Row 3: rerank: done, 301 milliseconds, caused by retrieve")
		s.press("left", "space")
		s.heard("At 1.8 seconds of 1.8 seconds: run finished Answer.", "The present. Run of rag: done")
		s.press("enter", "down", "down", "esc")
		s.heard("rerank done", "time ran 301ms", "takes event Retrieved from retrieve", "Up and down read it line by line", "time ran 301ms", "Timeline.")
		s.press("/", "step:syn", "enter", "esc")
		s.heard(`Filter "step:syn": 2 rows.`, "No filter: 4 rows.")
		s.press("v", "esc")
		s.heard("Workflow rag, 3 steps.", "Step rerank takes Retrieved and gives Ranked: done.")
		s.press("shift+tab", "tab", "tab", "tab", "down", "up")
		s.heard("Answers, 1 question.", "Item: MaxAttempts", "Retries use exponential")
		s.press("ctrl+s", "down", "enter", "down", "down", "esc")
		s.heard("sources. Type to search", "2 of 3: [2] docs/config.md", "Source 2, cited: docs/config.md, lines 88 to 91", "retry.cap = 30s")
		s.press("ctrl+y")
		s.heard("copied the answer to")
	})
}

func TestAListenerFindsCommandsAndHearsTheHelp(t *testing.T) {
	listen(t, func(s *screen, e *scripted) {
		s.press("f1")
		s.heard("Keys, question:", "enter: ask the question. Not now: type a question first.", "Keys, anywhere:", "control p: find a command.", "Keys, timeline:", "slash: filter rows", "shift p: pause the run, or continue it.")
		s.press("ctrl+p", "choose the workflow", "enter")
		s.heard("commands. Type to search", "1 of", "choose the workflow that answers, control o", "workflow. Type to search", "1 of 3: rag")
		s.press("down", "enter")
		s.heard("2 of 3: simple, one step: the model alone.")
		s.has("question for simple:")
	})
}

func TestAListenerAnswersAWait(t *testing.T) {
	inBubble(t, 80, 24, Options{ScreenReader: true, Workflow: "approve"}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(2 * time.Second)
		s.heard("Step synthesize: waiting for you.", "approve asks you.", "Which sources should the answer use?", "field 1 of 2, question: How do retries back off?", "Enter sends")
		s.press("!", "tab", "down", "space", "enter")
		s.heard("field 2 of 2, sources: docs/retry.md:12–30, 1 of 3, kept.", "docs/config.md:88–91, 2 of 3, kept.", "2 of 3, dropped.")
		s.wait(5 * time.Second)
		if got := strings.Join(e.runs["approve-1"].replies, " "); got != `Approval {"keep":[1,3],"query":"How do retries back off?!"}` {
			t.Errorf("replies %s", got)
		}
		s.heard("Answered without a model")
	})
}

func TestAListenerHearsWhatFailed(t *testing.T) {
	listen(t, func(s *screen, e *scripted) {
		s.press("refused", "enter", "please fail", "enter")
		s.wait(2 * time.Second)
		s.heard("Failed: the folder is not indexed yet; wait for it.", "Step synthesize: failed,", "Error: the model server said 401", "Failed after 911 milliseconds")
		s.press("tab", "e")
		s.heard("Row 4: synthesize: failed")
	})
}

func TestAListenerHearsIndexingInQuarters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(nil)
		e.introduce(true)
		r := e.startIndex()
		s := open(t, e, Options{ScreenReader: true}, 59, 14)
		for i := range 203 {
			indexed(r, i, 204, i*90)
			s.wait(20 * time.Millisecond)
		}
		leaveOut(e, r)
		s.wait(time.Second)
		s.heard("Indexing ~/docs. You can ask already.", "Indexing: 51 of 204 files.", "Indexing: 102 of 204 files.", "Indexing: 153 of 204 files.", "Ready: 18230", "3 files are left out.")
		if n := strings.Count(s.transcript(), "Indexing: "); n > 4 {
			t.Errorf("it was said %d times how far it is", n)
		}
		s.close()
	})
}

func TestAListenerIsNotDisturbed(t *testing.T) {
	listen(t, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(20 * time.Millisecond)
		s.written()
		s.wait(150 * time.Millisecond) // a step is at work, and there is nothing to announce
		if n := s.written(); n != 0 {
			t.Errorf("%d bytes were written while nothing was new", n)
		}
		s.wait(10 * time.Second)
		s.written()
		s.wait(time.Hour)
		if n := s.written(); n != 0 {
			t.Errorf("%d bytes were written in an idle hour", n)
		}
	})
}

func TestTheScreenReaderModeCanBeEnteredAndLeft(t *testing.T) {
	inBubble(t, 80, 24, Options{}, func(s *screen, e *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("typed", "\x1br")
		if s.emu.IsAltScreen() {
			t.Error("the alternate screen stays")
		}
		s.heard("weft, screen-reader mode", "Question for rag", "Answered without a model")
		s.has("question for rag: typed")
		s.press("ctrl+p", "screen-reader", "enter")
		s.has("tab timeline")
		s.has("❯ typed")
		if !s.emu.IsAltScreen() {
			t.Error("the screen is not drawn")
		}
	})
}
