package explorer

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/ui/keys"
)

// section returns the part of a page of the manual that follows a text.
func section(t *testing.T, page, after string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), after)
	if !found {
		t.Fatalf("docs/%s has no %q", page, after)
	}
	return rest
}

func TestTheManualNamesEveryCommand(t *testing.T) {
	block, _, closed := strings.Cut(section(t, "configuration.md", "These are the names:\n\n```text\n"), "```")
	if !closed {
		t.Fatal("the list of names has no end")
	}
	var want []string
	for _, c := range commandTable(new(explorer)) {
		want = append(want, c.id)
	}
	got := strings.Fields(block)
	for _, id := range want {
		if !slices.Contains(got, id) {
			t.Errorf("docs/configuration.md lacks the command %s", id)
		}
	}
	for _, id := range got {
		if !slices.Contains(want, id) {
			t.Errorf("docs/configuration.md lists %s, which is not a command", id)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the names in docs/configuration.md are not those of commandTable in its order:\n%s", names(want))
	}
}

// names writes the list of commands as docs/configuration.md has it.
func names(ids []string) string {
	var b strings.Builder
	width := 0
	for _, id := range ids {
		switch {
		case width == 0:
		case width+2+len(id) > 95:
			b.WriteString("\n")
			width = 0
		default:
			b.WriteString("  ")
			width += 2
		}
		b.WriteString(id)
		width += len(id)
	}
	return b.String()
}

func TestTheManualListsEveryKeyWhereItCounts(t *testing.T) {
	everywhereElse := []keys.Scope{keys.Timeline, keys.Conversation, keys.Inspector}
	scopes := map[string][]keys.Scope{
		"question line": {keys.Line}, "anywhere": {keys.Anywhere}, "timeline": {keys.Timeline}, "answers": {keys.Conversation},
		"details": {keys.Inspector}, "everywhere but the question line": everywhereElse,
	}
	words := map[keys.Scope]string{} // the word of the table for a scope
	for word, in := range scopes {
		if len(in) == 1 {
			words[in[0]] = word
		}
	}
	arrows := strings.NewReplacer("↑", "up", "↓", "down", "←", "left", "→", "right")
	type place struct {
		scope keys.Scope
		key   string
	}
	listed := map[place]bool{}
	_, table, _ := strings.Cut(section(t, "timeline.md", "command by its name. These are all:\n"), "|---|---|---|\n")
	code := regexp.MustCompile("`([^`]+)`")
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) != 5 {
			break
		}
		for where := range strings.SplitSeq(cells[2], ",") {
			in := scopes[strings.TrimSpace(where)]
			if in == nil {
				t.Errorf("%q is not a part of the screen, in %s", where, row)
			}
			for _, scope := range in {
				for _, m := range code.FindAllStringSubmatch(cells[1], -1) {
					listed[place{scope, arrows.Replace(m[1])}] = true
				}
			}
		}
	}
	// Keys that edit the text are not commands.
	delete(listed, place{keys.Line, "shift+enter"})
	delete(listed, place{keys.Line, "ctrl+j"})
	for _, b := range bindings(commandTable(new(explorer))).All() {
		for _, k := range b.Keys {
			if !listed[place{b.Scope, k}] {
				t.Errorf("the table of keys in docs/timeline.md lacks `%s` where it says %q: it calls %s there", k, words[b.Scope], b.Command)
			}
			delete(listed, place{b.Scope, k})
		}
	}
	for p := range listed {
		t.Errorf("the table of keys in docs/timeline.md has `%s` where it says %q: it calls no command there", p.key, words[p.scope])
	}
}
