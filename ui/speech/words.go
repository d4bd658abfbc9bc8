// Package speech puts into words what the other packages draw. The screen-reader mode uses it:
// there, no meaning depends on a mark, a colour or a place on the screen.
//
// All its functions are pure, except that a Reading remembers what it has read: a run at a moment
// becomes sentences (run.go), Markdown becomes lines to be read aloud (markdown.go), and marks,
// keys and durations become words.
package speech

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"weft/ui/canvas"
	"weft/ui/status"
)

// Duration formats a duration in words: "403 milliseconds", "1.8 seconds", "2 minutes 5 seconds".
func Duration(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Millisecond:
		return number(int(d.Microseconds()), "microsecond")
	case d < 999500*time.Microsecond:
		return number(int(d.Round(time.Millisecond).Milliseconds()), "millisecond")
	case d < time.Minute-50*time.Millisecond:
		s := strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0")
		if s == "1" {
			return "1 second"
		}
		return s + " seconds"
	case d < time.Hour:
		d = d.Round(time.Second)
		return also(number(int(d/time.Minute), "minute"), int(d%time.Minute/time.Second), "second")
	}
	d = d.Round(time.Minute)
	return also(number(int(d/time.Hour), "hour"), int(d%time.Hour/time.Minute), "minute")
}

func also(text string, n int, unit string) string {
	if n == 0 {
		return text
	}
	return text + " " + number(n, unit)
}

func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Number formats a count with its noun: "1 file", "204 files".
func Number(n int, what string) string { return number(n, what) }

// marks are the signs of the screen other than those of statuses, with words for them.
var marks = strings.NewReplacer(
	"◆ ", "event ", "▸ ", "folded: ", "▾ ", "", "▲", "up ", "▼", "down ",
	"• ", "", "×", " times ", " › ", ", ", " · ", ", ", "→", "to", "↑", "up ", "↓", "down ", "…", "…",
)

// Plain turns one line of the screen into words: marks are named or dropped, and no drawing
// characters remain.
func Plain(s string) string {
	s = marks.Replace(canvas.Line(s))
	// These statuses appear as a glyph within other text.
	for _, is := range []status.Status{status.Done, status.Failed, status.Cancelled, status.Paused} {
		s = strings.ReplaceAll(s, is.Glyph(), is.Spoken()+":")
	}
	s = strings.Map(func(r rune) rune {
		// Box drawing, blocks, shapes and braille.
		if r >= 0x2500 && r <= 0x25ff || r >= 0x2800 && r <= 0x28ff {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

var keyNames = strings.NewReplacer("ctrl+", "control ", "shift+", "shift ", "alt+", "alt ",
	"pgup", "page up", "pgdown", "page down", "esc", "escape")

var signNames = map[string]string{
	"/": "slash", "?": "question mark", "+": "plus", "=": "equals", "-": "minus", "_": "underscore",
	"[": "left bracket", "]": "right bracket", ".": "full stop", ",": "comma",
	"!": "exclamation mark", "up": "up arrow", "down": "down arrow", "left": "left arrow", "right": "right arrow",
}

// Key returns the spoken name of a key in Bubble Tea's notation: "ctrl+p" is "control p", "P" is
// "shift p", "[" is "left bracket".
func Key(name string) string {
	if said, ok := signNames[name]; ok {
		return said
	}
	if r, n := utf8.DecodeRuneInString(name); n == len(name) && unicode.IsUpper(r) {
		return "shift " + string(unicode.ToLower(r))
	}
	head, tail := "", name
	if i := strings.LastIndexByte(name, '+'); i > 0 && i+1 < len(name) {
		head, tail = name[:i+1], name[i+1:]
	}
	if said, ok := signNames[tail]; ok {
		tail = said
	}
	return keyNames.Replace(head + tail)
}

var labels = strings.NewReplacer("^", "control ", "⇧", "shift ", "⌥", "alt ", "↵", "enter",
	"PgUp", "page up", "PgDn", "page down", "↑", "up arrow", "↓", "down arrow", "←", "left arrow",
	"→", "right arrow")

// Label returns the spoken name of a key as it is drawn: "^p" is "control p". Other text is
// returned unchanged.
func Label(label string) string {
	if said := labels.Replace(label); said != label {
		return said
	}
	return Key(label)
}

// Keys returns the spoken names of several keys that call the same command.
func Keys(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, Key(n))
	}
	return strings.Join(out, " or ")
}

// Sentence ends a text with a full stop, unless it ends with a punctuation mark.
func Sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsRune(".!?:…", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}
