package explorer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow/journal"
	"weft/ui/canvas"
	"weft/ui/digest"
	"weft/ui/history"
	"weft/ui/theme"
)

// A listed is a Historian of runs that are given.
type listed struct {
	Historian
	runs []history.Run
	dir  string
}

func (l *listed) History() ([]history.Run, error) { return l.runs, nil }
func (l *listed) Directory() string               { return l.dir }
func (l *listed) Preview(id string) string        { return "the answer of " + id }

// historyOf returns the list of runs on a screen, as seen at noon of a day.
func historyOf(t *testing.T, runs ...history.Run) *historyPane {
	t.Helper()
	th, err := theme.Named("mono", true)
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)
	s := newShell(Options{Now: func() time.Time { return noon }})
	s.theme, s.layout = th, arrange(80, 24, contents{lines: 1})
	p := &historyPane{shell: s, historian: &listed{runs: runs, dir: "/docs"}}
	if cmd, _ := p.Update(p.load()()); cmd != nil { // the answer of the selected run
		p.Update(cmd())
	}
	return p
}

// past returns a run of a number of hours before noon.
func past(id string, hours int, more func(*history.Run)) history.Run {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local).Add(-time.Duration(hours) * time.Hour)
	r := history.Run{ID: id, Workflow: "rag", Question: "question " + id, Directory: "/docs", Started: at,
		Ended: at.Add(2 * time.Second), Outcome: history.Done, Sources: 5}
	if more != nil {
		more(&r)
	}
	return r
}

func threeDays(t *testing.T) *historyPane {
	return historyOf(t,
		past("a", 1, nil),
		past("b", 20, func(r *history.Run) { r.Outcome, r.Reason, r.Sources = history.Failed, "429 too many requests", 0 }),
		past("c", 21, func(r *history.Run) { r.Outcome, r.Waits = history.Waiting, []history.Wait{{Text: "?"}} }),
		past("d", 22, func(r *history.Run) { r.Directory = "/elsewhere" }),
		past("e", 24*40, func(r *history.Run) { r.Marked, r.Ended = true, r.Started.Add(time.Minute) }))
}

// lines returns the rows of the list as text.
func (p *historyPane) lines() string {
	var b strings.Builder
	for i, row := range p.rows {
		mark := " "
		if i == p.selected {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s%s%s\n", mark, row.heading, row.run.ID)
	}
	return b.String()
}

func TestTheHistoryIsGroupedByDaysAndWaitingRunsComeFirst(t *testing.T) {
	p := threeDays(t)
	want := " waiting for you\n>c\n today\n a\n yesterday\n b\n 14 Oct\n e\n"
	if got := p.lines(); got != want {
		t.Errorf("the list is\n%swant\n%s", got, want)
	}
	p.key("d")
	if got := p.lines(); !strings.Contains(got, " d\n") {
		t.Errorf("with all directories it is\n%s", got)
	}
	p.key("o") // by slowness: without headings
	if got := p.lines(); !strings.HasPrefix(got, " e\n") || strings.Contains(got, "today") {
		t.Errorf("by slowness it is\n%s", got)
	}
}

func TestTheHistoryNamesTheAgentThatHasAsked(t *testing.T) {
	agent := func(r *history.Run) { r.Origin = "claude-code" }
	for want, r := range map[string]history.Run{
		"by claude-code · 5 sources": past("a", 1, agent), "5 sources": past("b", 1, nil),
		"by claude-code": past("c", 1, func(r *history.Run) { agent(r); r.Sources = 0 }),
	} {
		if got := historyReason(r); got != want {
			t.Errorf("run %s: %q, want %q", r.ID, got, want)
		}
	}
	p := historyOf(t, past("a", 1, agent), past("b", 2, nil))
	p.typing = true
	p.typed(tea.KeyPressMsg{Text: "claude", Code: 'c'})
	if got := p.lines(); !strings.Contains(got, "a\n") || strings.Contains(got, "b\n") {
		t.Errorf("filtered by the agent's program the list is\n%s", got)
	}
}

func TestKeysMoveOverHeadings(t *testing.T) {
	p := threeDays(t)
	for _, step := range []struct{ key, want string }{
		{"up", "c"}, {"down", "a"}, {"j", "b"}, {"down", "e"}, {"down", "e"}, {"k", "b"}, {"home", "c"}, {"G", "e"}, {"pgup", "c"},
	} {
		p.height = 10
		p.key(step.key)
		if r, _ := p.run(); r.ID != step.want {
			t.Fatalf("after %s %q is selected, want %q", step.key, r.ID, step.want)
		}
	}
}

func TestTheFilterKeepsTheSelectedRun(t *testing.T) {
	p := threeDays(t)
	p.key("G")
	p.key("/")
	for _, letter := range "question" {
		p.typed(tea.KeyPressMsg{Text: string(letter), Code: letter})
	}
	if r, _ := p.run(); r.ID != "e" {
		t.Errorf("%q is selected, want e", r.ID)
	}
	p.typed(tea.KeyPressMsg{Text: " 429", Code: '9'})
	if r, _ := p.run(); r.ID != "b" || p.lines() != " yesterday\n>b\n" {
		t.Errorf("the list is\n%s", p.lines())
	}
	p.typed(tea.KeyPressMsg{Text: "nothing", Code: 'n'})
	if _, ok := p.run(); ok {
		t.Errorf("the list is\n%s", p.lines())
	}
	for _, key := range []string{"enter", "c", "r", "E", "m", "x", "up", "G", "o"} {
		p.key(key) // without a run they do nothing
	}
	if !p.Close() || len(p.rows) != 4 {
		t.Errorf("esc leaves the list as\n%s", p.lines())
	}
}

// TestTheHistoryFitsEveryScreen draws the list at every size, and looks at one.
func TestTheHistoryFitsEveryScreen(t *testing.T) {
	p := threeDays(t)
	for w := 1; w < 130; w += 3 {
		for h := 1; h < 40; h += 2 {
			p.shell.w, p.shell.h, p.shell.layout = w, h, arrange(w, h, contents{lines: 1})
			c := canvas.New(w, h)
			p.Draw(c, c.Bounds(), true)
		}
	}
	p.digested, p.digest = "c", &digest.Digest{Answer: "the whole answer"}
	for w := 140; w < 240; w += 9 {
		for h := 1; h < 60; h += 7 {
			p.shell.w, p.shell.h, p.shell.layout = w, h, arrange(w, h, contents{lines: 1})
			c := canvas.New(w, h)
			p.Draw(c, c.Bounds(), true)
			if beside := w >= besideFrom && h >= besideFromRows; beside != strings.Contains(c.Plain(), "││ the whole answer ") {
				t.Errorf("at %d×%d the selected run is not beside the list as it should be:\n%s", w, h, c.Plain())
			}
		}
	}
	p.shell.w, p.shell.h, p.shell.layout = 80, 24, arrange(80, 24, contents{lines: 1})
	c := canvas.New(80, 24)
	p.Draw(c, c.Bounds(), true)
	screen := c.Plain()
	for _, want := range []string{"history of /docs · newest first", "4 of 5 runs", "waiting for you", "? 15:00 question c", "waits for you",
		"✗ 16:00 question b", "2.0s  429 too many", "●✓ 12:00 question e", "1m00s", "the answer of c"} {
		if !strings.Contains(screen, want) {
			t.Errorf("the screen lacks %q:\n%s", want, screen)
		}
	}
}

func TestTheHistoryShowsHowMuchIsKept(t *testing.T) {
	p := historyOf(t, past("a", 1, func(r *history.Run) { r.Bytes = 14_200 }), past("b", 2, func(r *history.Run) { r.Bytes = 3_100_000 }))
	draw := func(w, h int) string {
		p.shell.w, p.shell.h, p.shell.layout = w, h, arrange(w, h, contents{lines: 1})
		c := canvas.New(w, h)
		p.Draw(c, c.Bounds(), true)
		return c.Plain()
	}
	if screen := draw(80, 24); !strings.Contains(screen, "─ kept 14 kB ─╯") || strings.Contains(screen, "3.1 MB") {
		t.Errorf("at 80×24 the size of the selected run is not below its answer, or there is another:\n%s", screen)
	}
	screen := draw(200, 50)
	for _, want := range []string{"  2.0s   14 kB  5 sources", "  2.0s  3.1 MB  5 sources", "─ kept 14 kB ─╯"} {
		if !strings.Contains(screen, want) {
			t.Errorf("at 200×50 the screen lacks %q:\n%s", want, screen)
		}
	}
}

func TestTheHistorySaysWhyItCannotBeRead(t *testing.T) {
	p := historyOf(t)
	draw := func() string {
		c := canvas.New(80, 24)
		p.Draw(c, c.Bounds(), true)
		return c.Plain()
	}
	p.Update(historyMsg{err: errors.New("mkdir /full: no space left on device")})
	if screen := draw(); !strings.Contains(screen, "mkdir /full: no space left on device") || strings.Contains(screen, "no runs yet") {
		t.Errorf("the list shows\n%s", screen)
	}
	p.Update(historyMsg{})
	if screen := draw(); !strings.Contains(screen, "there are no runs yet") {
		t.Errorf("read again, the list shows\n%s", screen)
	}
}

func TestTheHistoryIsSpoken(t *testing.T) {
	p := threeDays(t)
	var said []string
	say := func(texts ...string) { said = append(said, texts...) }
	p.Speak(arrival{say: say, new: true})
	p.key("G")
	p.Speak(arrival{say: say})
	p.Speak(arrival{say: say}) // nothing has changed
	all := strings.Join(said, "\n")
	if len(said) != 3 || !strings.Contains(said[1], "question c, waiting for you, yesterday, rag") || !strings.Contains(all, "marked") {
		t.Errorf("it says %q", said)
	}
}

// TestAnOpenHistoryIsRefreshed begins and ends runs in another process while the list is open.
func TestAnOpenHistoryIsRefreshed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := historyOf(t, past("a", 1, nil))
		store := p.historian.(*listed)
		next := p.open()
		step := func(same bool) {
			t.Helper()
			read := next().(historyMsg) // after the first time, the interval has passed
			if read.same != same {
				t.Errorf("the list is the same: %v, want %v", read.same, same)
			}
			again := p.loaded(read)
			next = p.refresh(again().(refreshMsg))
		}
		step(true)
		running := past("b", 0, func(r *history.Run) { r.Outcome, r.Owner = history.Running, &journal.Owner{} })
		store.runs = append([]history.Run{running}, store.runs...)
		step(false)
		if r, _ := p.run(); !strings.Contains(p.lines(), "b\n") || r.ID != "a" {
			t.Errorf("with a new run the list is\n%s", p.lines())
		}
		step(true)
		store.runs = []history.Run{past("b", 0, nil), past("a", 1, nil)}
		stale := next().(historyMsg)
		p.change(func() error { return nil })
		next = p.refresh(p.loaded(stale)().(refreshMsg))
		if p.all[0].Outcome != history.Running {
			t.Error("the list was replaced by one from before a change")
		}
		step(false)
		if p.all[0].Outcome != history.Done {
			t.Errorf("the run that has ended is %s", p.all[0].Outcome)
		}
		if other := historyOf(t); other.refresh(refreshMsg{pane: p}) != nil {
			t.Error("the next list is refreshed for the one that was closed")
		}
	})
}

// TestTheAnswerOfARunThatEndsIsRead has a running run selected, whose answer is there at its end.
func TestTheAnswerOfARunThatEndsIsRead(t *testing.T) {
	p := historyOf(t, past("a", 1, func(r *history.Run) { r.Outcome = history.Running }))
	p.preview = ""
	p.historian.(*listed).runs = []history.Run{past("a", 1, nil)}
	cmd, _ := p.Update(p.load()())
	if cmd == nil {
		t.Fatal("the answer is not read")
	}
	if p.Update(cmd()); p.preview != "the answer of a" {
		t.Errorf("the answer is %q", p.preview)
	}
}

func TestTheRunsOfATalkFollowEachOtherInTheHistory(t *testing.T) {
	in := func(talk string) func(*history.Run) { return func(r *history.Run) { r.Talk = talk } }
	p := historyOf(t, past("e", 1, in("a")), past("d", 2, nil), past("c", 3, in("a")), past("b", 4, nil), past("a", 5, nil), past("z", 20, in("a")))
	see := func(want string) {
		t.Helper()
		if got := p.lines(); got != want {
			t.Errorf("the list is\n%swant\n%s", got, want)
		}
	}
	see(" today\n>e\n c\n a\n d\n b\n yesterday\n z\n")
	c := canvas.New(80, 24)
	p.Draw(c, c.Bounds(), true)
	for _, want := range []string{"11:00 question e", "09:00 ├ question c", "07:00 ╰ question a", "6 runs · 3 talks"} {
		if !strings.Contains(c.Plain(), want) {
			t.Errorf("the list lacks %q:\n%s", want, c.Plain())
		}
	}
	p.key("ctrl+n")
	p.key("T")
	see(" today\n e\n>c\n a\n yesterday\n z\n")
	if !strings.HasPrefix(p.title(), "one talk of /docs") {
		t.Errorf("the title is %q", p.title())
	}
	p.Close()
	see(" today\n e\n>c\n a\n d\n b\n yesterday\n z\n")
	p.key("ctrl+p")
	see(" today\n>e\n c\n a\n d\n b\n yesterday\n z\n")
}

// TestTheFooterOfTheHistorySaysHowToLeaveAndToContinueATalk checks the keys that a person looks for
// first, in 80 columns.
func TestTheFooterOfTheHistorySaysHowToLeaveAndToContinueATalk(t *testing.T) {
	words := func(p *historyPane) (out []string) {
		for _, h := range fitHints(p.Hints(), 78, false) {
			out = append(out, h.key+" "+h.word)
		}
		return out
	}
	p := threeDays(t)
	if got := words(p); !slices.Contains(got, "c answer") || !slices.Contains(got, "esc close") {
		t.Errorf("at a run that waits the footer is %q", got)
	}
	p.step(1)
	if got := words(p); !slices.Contains(got, "f follow up") || !slices.Contains(got, "esc close") {
		t.Errorf("at a run that is done the footer is %q", got)
	}
	p.removed = []string{"x"}
	if got := words(p); !slices.Contains(got, "u undo") {
		t.Errorf("after a run was deleted the footer is %q", got)
	}
}

func TestTheHistoryShowsWhatARunThatWaitsAsks(t *testing.T) {
	p := historyOf(t, past("c", 1, func(r *history.Run) { r.Outcome, r.Waits = history.Waiting, []history.Wait{{Text: "shall I?"}} }))
	p.historian = silent{p.historian}
	p.previewed = ""
	p.Update(p.wanted()())
	if p.preview != "It asks you: shall I?" {
		t.Errorf("the preview is %q", p.preview)
	}
}

// A silent is a Historian whose runs have no answers.
type silent struct{ Historian }

func (silent) Preview(string) string { return "" }
