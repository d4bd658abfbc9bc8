package form

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheTextOfTheOptionUnderTheCursorIsShownAndRead(t *testing.T) {
	schema := `{"type":"object","properties":{"keep":{"type":"array","items":{"oneOf":[{"const":1,"title":"one"},{"const":2,"title":"two"}]}},"note":{"type":"string"}}}`
	f := New("propose asks you", "which?", json.RawMessage(schema), nil)
	f.About = []string{"the first\npassage", "the second passage"}
	picture := func() string { return screen(f, 60, f.Height(60)) }
	if got := picture(); !strings.Contains(got, "the first passage") || strings.Contains(got, "second") || !strings.Contains(got, "r read") {
		t.Errorf("at the first option:\n%s", got)
	}
	press(f, "down")
	if got := picture(); !strings.Contains(got, "the second passage") {
		t.Errorf("at the second option:\n%s", got)
	}
	if out := press(f, "r"); out != Read || f.Cursor() != 1 {
		t.Errorf("r gives %d at option %d, want Read at option 1", out, f.Cursor())
	}
	press(f, "tab")
	if out := press(f, "r"); out != Open || f.Cursor() != -1 {
		t.Errorf("r in a text gives %d at option %d, want a letter", out, f.Cursor())
	}
	if got := picture(); strings.Contains(got, "r read") {
		t.Errorf("in the text field:\n%s", got)
	}
}
