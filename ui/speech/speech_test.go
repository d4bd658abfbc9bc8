package speech

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/ui/run/runtest"
)

func TestDurationsAreSaidInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 microseconds", time.Microsecond: "1 microsecond",
		403 * time.Millisecond: "403 milliseconds", time.Second: "1 second",
		1790 * time.Millisecond: "1.8 seconds",
		125 * time.Second:       "2 minutes 5 seconds", 2 * time.Minute: "2 minutes",
		61 * time.Minute: "1 hour 1 minute", -time.Second: "0 microseconds",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestKeysAreSaidByTheirNames(t *testing.T) {
	for key, want := range map[string]string{
		"ctrl+p": "control p", "shift+left": "shift left arrow", "P": "shift p",
		"[": "left bracket", "pgup": "page up", "esc": "escape", "+": "plus",
		"alt+up": "alt up arrow", "q": "q", "É": "shift é",
	} {
		if got := Key(key); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
	if got := Label("^o"); got != "control o" {
		t.Errorf("%q", got)
	}
}

func TestMarksBecomeWords(t *testing.T) {
	for s, want := range map[string]string{
		"✓ \"q\" answered":             "done: \"q\" answered",
		"▸  1 0.93 ━━━╸ ▲2  docs/a.md": "folded: 1 0.93 up 2 docs/a.md",
		"◆ Retrieved  at 403 ms":       "event Retrieved at 403 ms",
		"Retries › Back-off":           "Retries, Back-off",
	} {
		if got := Plain(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestMarkdownIsReadWithoutItsMarkup(t *testing.T) {
	var r Reading
	got := r.Next("# Title\n\nSome **bold** and *light* `code`, a [link](http://x) and snake_case.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said\n\n```go\nif x {\n}\n```\n\n---\nEnd", true)
	want := []string{"Heading: Title", "Some bold and light code, a link and snake_case.", "Item: one", "Item: two", "Row: a ; b", "Row: 1 ; 2", "Quote: said", "Code, go:", "if x {", "}", "End of code.", "End"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestATextThatIsReplacedIsReadFromItsStart(t *testing.T) {
	var r Reading
	r.Next("One sentence. Two", false)
	if got := r.Next("", false); got != nil {
		t.Errorf("%q is read when the text is cut back", got)
	}
	if got := r.Next("Another one. ", false); !slices.Equal(got, []string{"The answer is now:", "Another one."}) {
		t.Errorf("%q", got)
	}
	if got := r.Next("Another one.", true); got != nil {
		t.Errorf("%q is read although only a space was removed", got)
	}
}

// The same is read however a text arrives: everything once, in order.
func TestGrowingTextIsReadOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"word ", "end. ", "why? ", "\n", "\n\n", "**b** ", "- item\n", "```\n", "code x = 1\n"})).Draw(t, "parts"), "")
		words := func(lines []string) string {
			return strings.Join(strings.Fields(strings.NewReplacer("Item: ", "", "Code: ", "").Replace(strings.Join(lines, " "))), "")
		}
		var whole, slow Reading
		want := words(whole.Next(text, true))
		var got []string
		for n := 0; n < len(text); n += rapid.IntRange(1, 9).Draw(t, "step") {
			got = append(got, slow.Next(text[:n], false)...)
		}
		got = append(got, slow.Next(text, true)...)
		if words(got) != want {
			t.Fatalf("%q is read as %q at once and as %q while it grows", text, want, words(got))
		}
	})
}

// The timeline draws the progress of a step in its row, so it is read with the row.
func TestHowFarAStepIsIsSaidWhileItWorks(t *testing.T) {
	j, start := runtest.New("index", "Directory", runtest.P{"dir": "docs"})
	scan := j.Run("scan", 1, start)
	said := func() string {
		v := runtest.Fold(j.Records).Now()
		return Step(v, v.Steps(v.Root())[0], j.Now())
	}
	for _, tt := range []struct {
		reported runtest.P
		want     string
	}{
		{runtest.P{"message": "reading a.md", "done": 0}, "scan: running, reading a.md, "},
		{runtest.P{"message": "reading b.md", "done": 7, "unit": "files"}, "scan: running, 7 files, "},
		{runtest.P{"message": "reading c.md", "done": 8, "total": 12, "unit": "files"}, "scan: running, 8 of 12 files, "},
		{runtest.P{"done": 8, "total": 12, "unit": "files", "waits": "the disk"}, "scan: waiting for the disk, 8 of 12 files, "},
	} {
		scan.Emit("Progress", tt.reported)
		if got := said(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%v: %q, want %q", tt.reported, got, tt.want)
		}
	}
	other := j.Run("scan", 2, start)
	other.Emit("Progress", runtest.P{"done": 3, "total": 4, "unit": "pages"})
	v := runtest.Fold(j.Records).Now()
	for i, want := range []string{"scan, 1 of 2: waiting for the disk, 8 of 12 files, ", "scan, 2 of 2: running, 3 of 4 pages, "} {
		if got := Execution(v, v.Executions(v.Steps(v.Root())[0])[i], j.Now()); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	other.End()
	scan.End()
	if got := said(); strings.Contains(got, "8 of 12") || !strings.HasPrefix(got, "scan: done, ") {
		t.Errorf("after the end: %q", got)
	}
}

func TestTheAttemptsOfASubWorkflowAreDistinguished(t *testing.T) {
	v := runtest.Fold(runtest.Again()).Now()
	lines := Steps(v, v.Start())
	for i, want := range []string{"In ask, rag 1, attempt 1: search: failed", "In ask, rag 1, attempt 2: search: done"} {
		if len(lines) != 3 || !strings.HasPrefix(lines[i+1], want) {
			t.Errorf("%q does not begin with %q", lines, want)
		}
	}
}
