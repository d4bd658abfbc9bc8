//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recipe is a document with two blocks of code, one of which is wider than a small screen.
const recipe = `# Deploying the service

How to deploy the service with the helper script and restart it.

## How do I deploy the service?

Run the helper script, and then restart the service:

` + "```sh" + `
# fetch the latest release, verify its signature, unpack it and only then switch the link over
./deploy.sh --release latest --verify --target production --region eu-central-1 --notify ops@example.org
` + "```" + `

1. Check the service:

   ` + "```go" + `
   func Ping(ctx context.Context) error { return nil }
   ` + "```" + `

2. Look at the **log**, and at its ` + "`status`" + `.
`

// withNotes returns a start on a directory with one document.
func withNotes(t *testing.T, text string) start {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "notes"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "notes", "note.md"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return start{home: home, args: []string{"notes"}}
}

// TestTheConversationIsReadCopiedAndSearched reads an answer with code, copies one block of it, and finds
// words in two answers.
func TestTheConversationIsReadCopiedAndSearched(t *testing.T) {
	t.Parallel()
	s := withNotes(t, recipe).open(t)
	s.see("2 passages")
	s.ask("how do I deploy the service?")
	key := s.match(`── sh ─+ 1 · (\S+) copies ──`)[1]
	s.match(`(?m)\./deploy\.sh --release latest .*›`)
	if low := faintestOf(s, "# fetch the latest release"); low.ratio < 4.5 {
		t.Errorf("the contrast of a comment is %.1f: %s", low.ratio, low.where)
	}
	s.press(key)
	s.see("which block of")
	s.write("1")
	s.press("↵")
	s.see("copied block 1 of the answer to")
	_, code, _ := strings.Cut(recipe, "```sh\n")
	code, _, _ = strings.Cut(code, "```")
	if got := s.copied(); len(got) != 1 || got[0] != code {
		t.Errorf("copied %q, want %q", got, code)
	}

	s.ask("how do I look at the log?")
	s.see("conversation · 2 of 2")
	s.write("x")
	s.see("❯ x") // so the whole frame with the second run has been drawn, and what it says is of that run
	s.write("\x7f")
	s.see("✓ answered")
	s.gone("❯ x")
	s.tap("timeline")
	s.tap("answers")
	s.tap("find")
	s.write("func PING")
	s.see("/ func PING", " 2 of 2 ", "func Ping(ctx") // both answers quote it
	s.see("esc clear", "^c quit")
	s.gone("q quit") // that letter is typed now
	s.press("↑")
	s.see(" 1 of 2 ", "conversation · 1 of 2", "func Ping(ctx")
	s.tap("clear")
	s.gone("/ func PING")
	s.tap("find")
	s.write("service")
	s.tap("keep")
	s.see("next match") // in the last line: the count above it is the one of the whole word
	found := s.match(` (\d+) of (\d+) ─╯`)
	s.tap("next match")
	s.gone(" " + found[1] + " of " + found[2] + " ")
	s.tap("previous")
	s.see(" " + found[1] + " of " + found[2] + " ")
	s.tap("clear")
	s.gone("/ service")
	s.tap("find")
	s.write("nothing like this")
	s.see("not found")
}
