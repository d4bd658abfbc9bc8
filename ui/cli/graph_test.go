package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"weft/rag/workflows"
)

// graphOf returns what `weft graph` prints.
func graphOf(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(append([]string{"graph"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestGraphDrawsTheStepsOfAWorkflow(t *testing.T) {
	t.Parallel()
	want := `  ○
  ▾ Question
╭───────────────╮
│ · understand  │
╰───────────────╯
  ▾ Asked
╭───────────────╮
│ · work        │
╰───────────────╯
  ▾ Answer
  ◎
`
	if got, err := graphOf(t, "streaming"); err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	for _, w := range workflows.All(workflows.Parts{}) {
		got, err := graphOf(t, w.Name())
		if err != nil || strings.Contains(got, "\x1b") {
			t.Errorf("%s: %v\n%q", w.Name(), err, got)
		}
		for _, s := range w.Graph().Steps {
			if !strings.Contains(got, "· "+s.Name+" ") {
				t.Errorf("the step %s is not drawn:\n%s", s.Name, got)
			}
		}
		for line := range strings.Lines(got) {
			if strings.TrimRight(line, " \n") != strings.TrimSuffix(line, "\n") || strings.TrimSpace(line) == "" {
				t.Errorf("%s has the line %q", w.Name(), line)
			}
		}
	}
	for _, args := range [][]string{{}, {"rag", "agent"}, {"rga"}} {
		if _, err := graphOf(t, args...); !errors.As(err, &usageError{}) {
			t.Errorf("weft graph %q: %v", args, err)
		}
	}
}
