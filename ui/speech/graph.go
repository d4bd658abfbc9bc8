package speech

import (
	"fmt"
	"strings"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
)

// Graph describes a workflow step by step, with the state of each step in a run of it. The zero
// View means that there is no run.
func Graph(g flow.Graph, v run.View) (lines []string) {
	lines = append(lines, Sentence(fmt.Sprintf("Workflow %s, %s. It starts with %s and ends with %s",
		g.Name, number(len(g.Steps), "step"), g.Start, g.Stop)))
	for _, s := range g.Steps {
		text := "Step " + s.Name + " takes " + and(s.Takes) + " and gives " + and(s.Gives)
		if s.Kind != "" && s.Kind != "step" {
			text += ", kind " + s.Kind
		}
		if len(s.Awaits) > 0 {
			text += ", waits for " + and(s.Awaits)
		}
		if len(s.Covers) > 0 {
			text += ", after a failure of " + and(s.Covers)
		}
		if at := v.Step(v.Root(), s.Name); at != nil {
			text += ": " + State(v, at)
			if n := int(at.Lane.Count(v).Started); n > 1 {
				text += ", " + number(n, "execution")
			}
		} else if v.Position() > 0 {
			text += ": " + status.NotStarted.Spoken()
		}
		lines = append(lines, canvas.Line(Sentence(text)))
	}
	return lines
}

func and(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " or ")
}
