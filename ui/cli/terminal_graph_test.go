//go:build !windows

package cli

import (
	"strings"
	"testing"

	"weft/rag/workflows"
)

// TestEveryWorkflowIsSeenWholeAsAGraph chooses each workflow by its name and shows its graph on a small
// screen. From the graphs of two runs it goes to a step's row, with its input and output, and into the
// workflow that is a step of another one.
func TestEveryWorkflowIsSeenWholeAsAGraph(t *testing.T) {
	t.Parallel()
	s := start{}.open(t)
	s.see("ready to be searched")
	for _, w := range workflows.All(workflows.Parts{}) {
		name := w.Name()
		s.write("/workflow " + name)
		s.see("❯ /workflow " + name)
		s.press("↵")
		s.see("╭─ "+name+" ", "❯ ask a question")
		s.tap("commands")
		s.write("as a graph")
		s.see("▌show the workflow as a graph")
		s.press("↵")
		screen := s.see("╭─ workflow · "+name+" ", "●", "▾ Question", "understand")
		for seen := screen; !strings.Contains(screen, "◉"); screen += seen {
			before := seen
			s.tapOf("step", 1)
			seen = s.until("the next step", func(now string) bool { return now != before })
		}
		for _, step := range w.Graph().Steps {
			if !strings.Contains(screen, step.Name) {
				t.Errorf("the step %s is missing:\n%s", step.Name, screen)
			}
		}
		s.tap("close")
		s.gone("╭─ workflow ")
	}
	s.write("/workflow rag")
	s.see("❯ /workflow rag")
	s.press("↵")
	s.see("╭─ rag ")
	s.ask(question)
	s.tap("timeline")
	s.tap("graph")
	s.see("╭─ workflow · rag")
	s.tapOf("step", 1)
	s.match(`▌ ✓ understand`)
	s.tapOf("step", 1)
	s.match(`▌ ✓ retrieve`)
	s.tap("row")
	s.match(`▌✓ ├ retrieve`)
	s.tap("inspect")
	s.see("step · retrieve", "takes", "question", question, "gives", "Retrieved", "timeline.md:", "0.9")
	s.tap("close")
	s.gone("step · retrieve")
	s.lookUp("go to the question line")
	s.write("/workflow research")
	s.see("❯ /workflow research")
	s.press("↵")
	s.see("╭─ research ")
	s.ask("how do I cancel a run and how do I copy the answer?")
	s.tap("timeline")
	s.tap("graph")
	s.match(`✓ decompose \d[\d.]*\S*s\b`)
	s.match(`▾ Part ×2`)
	for range 3 {
		s.tapOf("step", 1)
	}
	s.match(`▌✓ rag ▸ ×2 \d`)
	s.tap("open")
	s.see("╭─ workflow · research › rag ", "retrieve", "▾ Finding ×2")
	s.tap("close")
	s.gone("› rag ")
	s.tap("close")
	s.gone("╭─ workflow ")
	s.resize(200, 50)
	s.see("╭─ timeline · research ", "╭─ step · rag ", "whole run ", "◆ event ") // with an overview and the signs
	s.tap("graph")
	s.see("╭─ workflow · research ", "╭─ timeline · research ")
}
