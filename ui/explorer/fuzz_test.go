package explorer

import (
	"context"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/dlclark/regexp2"

	"weft/flow"
)

// A loop drives a model without a program: it passes messages to the model, and runs commands that
// do not wait at once.
type loop struct {
	m   *explorer
	now time.Time
}

func newLoop(tb testing.TB, e Engine) *loop {
	l := &loop{now: time.Unix(1e9, 0)}
	m, err := newExplorer(tb.Context(), e, Options{Env: []string{"EDITOR=vi"}, Now: func() time.Time { return l.now }, Clipboard: func(string) error { return nil }, Folders: map[string]string{"": tb.TempDir()}})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(tb.Context())
	m.pump = newPump(ctx, 0)
	tb.Cleanup(func() { cancel(); m.pump.wait() })
	l.m = m
	l.do(m.Init())
	return l
}

// do runs a command, unless it waits for time to pass or for the system.
func (l *loop) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	var msg tea.Msg
	select {
	case msg = <-done:
	// The command is a tick: the test decides when time passes
	case <-time.After(3 * time.Millisecond):
		return
	}
	switch msg := msg.(type) {
	case nil, tea.QuitMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			l.do(c)
		}
	default:
		if strings.HasPrefix(typeName(msg), "weft/") {
			l.send(msg)
		}
	}
}

func (l *loop) send(msg tea.Msg) {
	_, cmd := l.m.Update(msg)
	l.do(cmd)
}

// drain handles the records that runs have written.
func (l *loop) drain() {
	for range 64 {
		var b batch
		for more := true; more; {
			select {
			case c := <-l.m.pump.in:
				b = b.add(c)
			case <-time.After(200 * time.Microsecond):
				more = false
			}
		}
		if b == nil {
			return
		}
		l.send(b)
	}
}

// check checks the frame: it has as many lines as the screen, none is too wide, and the cursor is
// within it.
func (l *loop) check(t *testing.T) {
	t.Helper()
	v := l.m.View()
	lines := strings.Split(v.Content, "\n")
	if l.m.shell.w > 0 && l.m.shell.h > 0 && len(lines) > l.m.shell.h {
		t.Fatalf("%d lines on a screen of %d", len(lines), l.m.shell.h)
	}
	for _, line := range lines {
		if w := ansi.StringWidth(line); w > max(l.m.shell.w, 0) {
			t.Fatalf("a line of %d cells on a screen of %d: %q", w, l.m.shell.w, line)
		}
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.Y < 0 || c.X >= max(l.m.shell.w, 1) || c.Y >= max(l.m.shell.h, 1)) {
		t.Fatalf("the cursor is at %d,%d of %d×%d", c.X, c.Y, l.m.shell.w, l.m.shell.h)
	}
}

var someKeys = []tea.KeyPressMsg{
	{Code: tea.KeyEnter}, {Code: tea.KeyTab}, {Code: tea.KeyTab, Mod: tea.ModShift}, {Code: tea.KeyEscape}, {Code: tea.KeyUp}, {Code: tea.KeyDown}, {Code: tea.KeyLeft},
	{Code: tea.KeyRight}, {Code: tea.KeyLeft, Mod: tea.ModShift}, {Code: tea.KeyRight, Mod: tea.ModShift}, {Code: tea.KeyHome}, {Code: tea.KeyEnd}, {Code: tea.KeyPgUp},
	{Code: tea.KeyPgDown}, {Code: tea.KeyBackspace}, {Code: tea.KeyDelete}, {Code: tea.KeyF1}, {Code: 'p', Mod: tea.ModCtrl}, {Code: 'o', Mod: tea.ModCtrl},
	{Code: 's', Mod: tea.ModCtrl}, {Code: 'y', Mod: tea.ModCtrl}, {Code: 'j', Mod: tea.ModCtrl}, {Code: 'c', Mod: tea.ModCtrl}, {Code: 'd', Mod: tea.ModCtrl},
	{Code: 'l', Mod: tea.ModCtrl}, {Code: 'k', Mod: tea.ModCtrl}, {Code: 'u', Mod: tea.ModCtrl}, {Code: 'w', Mod: tea.ModCtrl}, {Code: tea.KeyUp, Mod: tea.ModAlt},
	{Code: tea.KeyDown, Mod: tea.ModAlt}, {Code: 'r', Mod: tea.ModAlt}, {Code: 'x', Mod: tea.ModAlt}, {Code: tea.KeyEnter, Mod: tea.ModShift}, {Code: tea.KeySpace, Text: " "}, {Code: tea.KeyRight, Mod: tea.ModCtrl},
}

var someText = []string{"a", "why", "é", "漢字", "👩‍👩‍👧", "\u0301", "\x1b[31m", "\a", "multi\nline\ttext", strings.Repeat("long ", 60), "refused", "fail", "\u202e", "\xff"}

// randomMsg returns any message that a person, a terminal or a timer can cause.
func randomMsg(r *rand.Rand, w, h int) tea.Msg {
	mouse := tea.Mouse{X: r.IntN(w + 1), Y: r.IntN(h + 1), Button: tea.MouseLeft}
	switch n := r.IntN(100); {
	case n < 35:
		return someKeys[r.IntN(len(someKeys))]
	case n < 65:
		c := rune("abcdefghijklmnopqrstuvwxyzBFGHLPW+-=_0/[].?"[r.IntN(43)])
		return tea.KeyPressMsg{Code: c, Text: string(c)}
	case n < 72:
		return tea.PasteMsg{Content: someText[r.IntN(len(someText))]}
	case n < 80:
		return tea.MouseClickMsg(mouse)
	case n < 84:
		return tea.MouseMotionMsg(mouse)
	case n < 88:
		return tea.MouseReleaseMsg(mouse)
	case n < 92:
		return wheel{mouse.X, mouse.Y, r.IntN(5) - 2, r.IntN(5) - 2}
	case n < 94:
		return tickMsg{}
	case n < 96:
		return tea.BackgroundColorMsg{}
	}
	sizes := [][2]int{{1, 1}, {39, 9}, {40, 10}, {59, 14}, {60, 15}, {80, 24}, {120, 30}, {200, 50}, {250, 70}, {3, 40}, {200, 2}, {1 + r.IntN(250), 1 + r.IntN(70)}}
	s := sizes[r.IntN(len(sizes))]
	return tea.WindowSizeMsg{Width: s[0], Height: s[1]}
}

func TestNothingThatIsTypedClickedPastedOrResizedBreaksTheScreen(t *testing.T) {
	inputs := 2000
	if os.Getenv("WEFT_LONG") == "1" {
		inputs = 100_000
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for done := 0; done < inputs; done += 500 {
		// With a fake clock, a command that waits takes no time
		synctest.Test(t, func(t *testing.T) { bombard(t, r, 500) })
	}
}

// bombard sends random messages to an explorer, and checks the frame after each.
func bombard(t *testing.T, r *rand.Rand, inputs int) {
	e := newScripted(nil)
	e.introduce(r.IntN(2) == 0)
	if r.IntN(3) > 0 {
		e.ready()
	} else {
		indexed(e.startIndex(), r.IntN(300), 204, 9000)
	}
	e.play = func(run *journalRun, w, q string) { playRag(func(time.Duration) {})(run, w, q) }
	l := newLoop(t, breakable{e})
	l.m.shell.speaker.on = r.IntN(4) == 0
	l.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	for range inputs {
		msg := randomMsg(r, max(l.m.shell.w, 1), max(l.m.shell.h, 1))
		if k, ok := msg.(tea.KeyPressMsg); ok && (k.Code == 'o' && k.Mod == 0) {
			continue // it would open an editor
		}
		l.now = l.now.Add(time.Duration(r.IntN(200)) * time.Millisecond)
		l.send(msg)
		if r.IntN(10) == 0 {
			l.drain()
		}
		l.check(t)
		if r.IntN(4) == 0 {
			l.query(t)
		}
		if l.m.shell.quit {
			l.m.shell.quit = false
		}
	}
	e.session.write(flow.Record{Kind: flow.RunFinished})
	regexp2.StopTimeoutClock() // as the screen does when it closes
	time.Sleep(time.Hour)      // let pending ticks end
}

// breakable is an engine with all optional interfaces of an engine.
type breakable struct{ *scripted }

func (breakable) Break(func(step, event string) bool) {}
func (breakable) Faults() map[string]string           { return map[string]string{"rerank": "error=0.5"} }
func (breakable) Inject(step, fault string) error     { return nil }
func (breakable) Choices() []Choice {
	return []Choice{{ID: "model", Title: "the model that answers", Options: []string{"a", "b"}, Current: "a"}}
}
func (breakable) Choose(id, option string) error { return nil }

func typeName(v any) string { return reflect.TypeOf(v).PkgPath() + "/" }
