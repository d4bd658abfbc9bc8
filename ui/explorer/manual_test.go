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
	if got := strings.Fields(block); !slices.Equal(got, want) {
		t.Errorf("docs/configuration.md lists the commands\n%s\nwant, in the order of the table\n%s", strings.Join(got, "  "), strings.Join(want, "  "))
	}
}

func TestTheManualListsEveryKeyWhereItCounts(t *testing.T) {
	everywhereElse := []keys.Scope{keys.Timeline, keys.Conversation, keys.Inspector}
	scopes := map[string][]keys.Scope{
		"question line": {keys.Line}, "anywhere": {keys.Anywhere}, "timeline": {keys.Timeline}, "answers": {keys.Conversation},
		"details": {keys.Inspector}, "everywhere but the question line": everywhereElse,
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
				t.Errorf("docs/timeline.md does not list %s of %s in %s", k, b.Command, b.Scope)
			}
			delete(listed, place{b.Scope, k})
		}
	}
	for p := range listed {
		t.Errorf("docs/timeline.md lists %s in %s, which calls no command", p.key, p.scope)
	}
}
