package speech

import (
	"fmt"
	"strings"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
)

// Graph describes a workflow step by step, with the state of each step in a run of it. steps returns
// the running steps with a name: more than one if the workflow runs several times. The zero View
// means that there is no run.
func Graph(g flow.Graph, v run.View, steps func(name string) []*run.Step) (lines []string) {
	lines = append(lines, Sentence(fmt.Sprintf("Workflow %s, %s. It starts with %s and ends with %s",
		g.Name, number(len(g.Steps), "step"), g.Start, g.Stop)))
	for _, s := range g.Steps {
		lines = append(lines, GraphStep(s, v, steps(s.Name)))
	}
	return lines
}

// GraphStep describes a step of a workflow, with its state in the runs of that workflow.
func GraphStep(s flow.GraphStep, v run.View, at []*run.Step) string {
	text := "Step " + s.Name + " takes " + and(s.Takes) + " and gives " + and(s.Gives)
	if s.Kind != "" && s.Kind != "step" {
		text += ", kind " + s.Kind
	}
	if s.Graph != nil {
		text += ", which can be opened"
	}
	if len(s.Awaits) > 0 {
		text += ", waits for " + and(s.Awaits)
	}
	if len(s.Covers) > 0 {
		text += ", after a failure of " + and(s.Covers)
	}
	switch {
	case len(at) > 0:
		text += ": " + State(v, at[0])
		n := 0
		for _, step := range at {
			n += int(step.Lane.Count(v).Started)
		}
		if n > 1 {
			text += ", " + number(n, "execution")
		}
	case v.Position() > 0:
		text += ": " + status.NotStarted.Spoken()
	}
	return canvas.Line(Sentence(text))
}

func and(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " or ")
}
