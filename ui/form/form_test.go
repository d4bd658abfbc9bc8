package form

import (
	"encoding/json"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"weft/ui/canvas"
	"weft/ui/theme"
)

const approval = `{"type":"object","required":["keep","query"],"properties":{
 "query":{"type":"string","title":"Question","minLength":1},
 "keep":{"type":"array","items":{"oneOf":[{"const":1,"title":"a.md:3"},{"const":2,"title":"b.md:9"}]},"default":[1,2]},
 "limit":{"type":"integer","minimum":1,"maximum":9},
 "again":{"type":"boolean","default":false}}}`

func press(f *Form, keys ...string) (out Outcome) {
	codes := map[string]rune{"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "backspace": tea.KeyBackspace}
	for _, k := range keys {
		msg := tea.KeyPressMsg{Text: k, Code: []rune(k)[0]}
		if k == "space" {
			msg = tea.KeyPressMsg{Text: " ", Code: tea.KeySpace}
		} else if c, ok := codes[k]; ok {
			msg = tea.KeyPressMsg{Code: c}
		}
		out, _ = f.Update(msg)
	}
	return out
}

func screen(f *Form, w, h int) string {
	c := canvas.New(w, h)
	mono := theme.Mono()
	f.Draw(c, c.Bounds(), &mono, true)
	return c.Plain()
}

func TestAnObjectHasFieldsInTheOrderOfTheSchema(t *testing.T) {
	f := New("approve", "Which sources?", json.RawMessage(approval), json.RawMessage(`{"query":"retries"}`))
	if out := press(f, "!", "tab", "space", "tab", "7", "tab", "y", "enter"); out != Submitted {
		t.Fatalf("outcome %v\n%s", out, screen(f, 60, 14))
	}
	var got struct {
		Query string
		Keep  []int
		Limit int
		Again bool
	}
	if err := json.Unmarshal(f.Reply(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Query != "retries!" || len(got.Keep) != 1 || got.Keep[0] != 2 || got.Limit != 7 || !got.Again {
		t.Errorf("reply %s", f.Reply())
	}
}

func TestAMissingOrWrongValueIsReportedAndItsFieldFocused(t *testing.T) {
	f := New("approve", "Which sources?", json.RawMessage(approval), nil)
	if out := press(f, "enter"); out != Open || !strings.Contains(screen(f, 60, 14), "Question: please fill in") {
		t.Fatalf("outcome %v\n%s", out, screen(f, 60, 14))
	}
	if out := press(f, "q", "tab", "tab", "4", "2", "enter"); out != Open || !strings.Contains(screen(f, 60, 14), "limit: at most 9") {
		t.Fatalf("outcome %v\n%s", out, screen(f, 60, 14))
	}
}

func TestASingleBooleanIsAnsweredByALetter(t *testing.T) {
	f := New("consent", "Send documents?", json.RawMessage(`{"type":"boolean"}`), nil)
	if out := press(f, "enter"); out != Open {
		t.Error("an empty form was submitted")
	}
	if out := press(f, "n", "enter"); out != Submitted || string(f.Reply()) != "false" {
		t.Errorf("outcome %v reply %s", out, f.Reply())
	}
}

func TestEscapeKeepsTheValues(t *testing.T) {
	f := New("approve", "", json.RawMessage(approval), nil)
	if out := press(f, "h", "i", "esc"); out != Left || !strings.Contains(screen(f, 60, 14), "hi") {
		t.Errorf("outcome %v\n%s", out, screen(f, 60, 14))
	}
}

func TestAnySchemaGivesAFormThatDrawsAndRepliesInJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SampledFrom([]string{approval, `{}`, ``, `nonsense`, `{"type":"string"}`, `{"type":"object","properties":{}}`, `{"type":"array","items":{"type":"string"}}`,
			`{"type":["integer","null"]}`, `{"enum":["a","b",3]}`, `{"properties":{"x":{"type":"object"},"y":true,"z":{"oneOf":[{"type":"string"}]}}}`}).Draw(t, "schema")
		f := New("who", rapid.String().Draw(t, "prompt"), json.RawMessage(raw), nil)
		for _, k := range rapid.SliceOf(rapid.SampledFrom([]string{"a", "1", "space", "tab", "up", "down", "left", "right", "enter", "backspace", "y"})).Draw(t, "keys") {
			if press(f, k) == Submitted && f.Reply() != nil && !json.Valid(f.Reply()) {
				t.Fatalf("reply %q", f.Reply())
			}
			screen(f, rapid.IntRange(0, 70).Draw(t, "w"), rapid.IntRange(0, 15).Draw(t, "h"))
		}
	})
}

const many = `{"type":"object","properties":{
 "keep":{"type":"array","title":"keep","items":{"oneOf":[{"const":1,"title":"a.md"},{"const":2,"title":"b.md"},{"const":3,"title":"c.md"},{"const":4,"title":"d.md"},{"const":5,"title":"e.md"}]}},
 "query":{"type":"string","title":"search for"},
 "decline":{"type":"boolean","title":"decline"}}}`

func TestASmallFormScrollsToTheFocusedFieldAndShowsWhereThereIsMore(t *testing.T) {
	f := New("who", "Which of the five sources that were found should the answer use, and why not all of them?", json.RawMessage(many), nil)
	const w, h = 39, 8
	see := func(want ...string) {
		t.Helper()
		got := screen(f, w, h)
		for _, s := range append(want, "Which of the five", "…") {
			if !strings.Contains(got, s) {
				t.Errorf("%q is not visible:\n%s", s, got)
			}
		}
	}
	see("[ ] a.md", "↓ ", "space keep or drop")
	press(f, "down", "down", "down", "down")
	see("▌ [ ] e.md", "↑ ", "↓ ")
	press(f, "tab", "x")
	see("search for  x", "↑ ", "↓ ")
	press(f, "tab")
	see("decline", "↑ ")
	if got := screen(f, w, h); strings.Contains(got, "↓") {
		t.Errorf("a mark for more text below is shown:\n%s", got)
	}
	for y, l := range strings.Split(screen(f, w, h), "\n") { // clicks hit what is visible
		if i := strings.Index(l, "● no"); i >= 0 {
			t.Errorf("something was chosen:\n%s", l)
		} else if i := strings.Index(l, "○ no"); i >= 0 {
			f.Update(tea.MouseClickMsg{X: canvas.Width(l[:i]), Y: y})
		}
	}
	see("● no")
	press(f, "shift+tab", "up")
	f.Update(tea.MouseClickMsg{X: 5, Y: 1}) // on the question, where no field is
	if got := screen(f, w, 20); strings.Contains(got, "[x]") || strings.Contains(got, "more") {
		t.Errorf("a click on a hidden field had an effect, or a form with room shows a mark for hidden rows:\n%s", got)
	}
}
