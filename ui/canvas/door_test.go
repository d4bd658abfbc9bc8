package canvas

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile holds one text for each kind of character that must not reach a terminal.
var hostile = []string{
	"\x1b]0;title\x07", "\x1b[2J", "\x1bc", "\x9b31m", "\u009b31m", "\u0085", "a\x00b", "a\rb", "a\x7fb",
	"\u202etxt.exe", "a\u200bb", "\u2066x\u2069", "\U000e0041", "a" + strings.Repeat("\u0301", 40), "a\u00adb",
	"\ufeff", "\u2028", "\ufe0f", "\U0001f3fb",
}

func TestADoorLetsNothingHarmfulThrough(t *testing.T) {
	for _, s := range hostile {
		var out strings.Builder
		d := NewDoor(&out)
		for i := range len(s) { // byte by byte, as a library may write
			if _, err := d.Write([]byte{s[i]}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Write([]byte("\tend\n")); err != nil {
			t.Fatal(err)
		}
		got := out.String()
		for i, part := range strings.Split(got, "\t") {
			for _, r := range part {
				if r != '\n' && invisible(r) {
					t.Errorf("%q: part %d has %q", s, i, r)
				}
			}
		}
		if !strings.HasSuffix(got, "\tend\n") {
			t.Errorf("%q: the tab or the text after it is lost: %q", s, got)
		}
	}
}

func TestADoorKeepsCharactersThatArriveInPieces(t *testing.T) {
	const text = "Käse, 世界, 🙂 and a table:\ta\tb\n"
	for size := 1; size < 6; size++ {
		var out strings.Builder
		d := NewDoor(&out)
		for at := 0; at < len(text); at += size {
			if _, err := d.Write([]byte(text[at:min(at+size, len(text))])); err != nil {
				t.Fatal(err)
			}
		}
		if out.String() != text {
			t.Errorf("in pieces of %d bytes: %q", size, out.String())
		}
	}
}

func TestEscapedJSONMeansTheSameAndIsHarmless(t *testing.T) {
	for _, s := range append(hostile, "plain", "世界 🙂", "\u0301begins with a mark") {
		want := strings.ToValidUTF8(s, "\ufffd")
		var out strings.Builder
		if err := json.NewEncoder(EscapeJSON(&out)).Encode(map[string]string{s: s}); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); Clean(got) != got && strings.Contains(got, "\ufffd") == strings.Contains(want, "\ufffd") {
			t.Errorf("%q: %q is changed to %q", s, got, Clean(got))
		}
		var back map[string]string
		if err := json.Unmarshal([]byte(out.String()), &back); err != nil || back[want] != want {
			t.Errorf("%q: %q means %q (%v)", s, out.String(), back, err)
		}
	}
}

func FuzzDoor(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, 1)
	}
	f.Fuzz(func(t *testing.T, s string, cut int) {
		cut = min(max(cut, 0), len(s))
		var whole, pieces strings.Builder
		d, e := NewDoor(&whole), NewDoor(&pieces)
		_, _ = d.Write([]byte(s)) // a Builder takes everything
		_, _ = e.Write([]byte(s[:cut]))
		_, _ = e.Write([]byte(s[cut:]))
		for _, out := range []string{whole.String(), pieces.String()} {
			if !utf8.ValidString(out) || strings.ContainsFunc(out, func(r rune) bool {
				return r != '\n' && r != '\t' && invisible(r)
			}) {
				t.Errorf("%q became %q", s, out)
			}
		}
	})
}
