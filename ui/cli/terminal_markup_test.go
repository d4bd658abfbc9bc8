//go:build !windows

package cli

import (
	"strings"
	"testing"
)

// marked is a document whose every part has markup.
const marked = `# Keys of the editor

## How do I save a file?

Press **ctrl+s** to *save* the file:

| key | what it does |
|---|---|
| **ctrl+s** | saves the **file** |
| **ctrl+w** | saves the file and closes it |
`

// noMarkup fails if one of the lines that contain a text shows the markup of Markdown.
func (s *terminal) noMarkup(texts ...string) {
	s.Helper()
	found := 0
	for line := range strings.Lines(s.see(texts...)) {
		for _, text := range texts {
			if strings.Contains(line, text) {
				found++
				if strings.Contains(line, "**") || strings.Contains(line, "|---") {
					s.Errorf("markup is shown: %s", line)
				}
			}
		}
	}
	if found < len(texts) {
		s.Errorf("%q is shown in %d lines", texts, found)
	}
}

func TestTheFormOfApproveShowsPassagesWithoutMarkup(t *testing.T) {
	t.Parallel()
	st := withNotes(t, marked)
	st.args = []string{"-w", "approve", "notes"}
	s := st.open(t)
	s.see("1 passage")
	s.write("how do I save a file?")
	s.see("save a file?")
	s.tap("ask")
	s.see("? propose asks you")
	s.noMarkup("Press ctrl+s to save")
}

func TestDetailsAndHistoryShowAnswersWithoutMarkup(t *testing.T) {
	t.Parallel()
	s := withNotes(t, marked).open(t)
	s.see("1 passage")
	s.ask("how do I save a file?")
	s.press("^r")
	s.see("╭─ history of ", "1 run")
	s.noMarkup("Press ctrl+s to save")
	s.press("esc")
	s.gone("╭─ history of ")
	s.tap("timeline")
	s.see("inspect")
	s.press("end")
	s.tap("inspect")
	s.see("started by")
	s.lookUp("scroll to the end")
	s.noMarkup("Press ctrl+s to save the file: key · what it does")
}
