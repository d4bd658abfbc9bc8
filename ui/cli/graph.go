package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weft/flow"
	"weft/rag/workflows"
	"weft/ui/canvas"
	"weft/ui/graph"
	"weft/ui/theme"
)

func newGraph() *cobra.Command {
	return &cobra.Command{
		Use:     "graph WORKFLOW",
		Short:   "Draw the steps of a workflow",
		Long:    "graph draws the steps of a workflow from top to bottom, with the events that lead from one to the next.",
		Example: "weft graph rag",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("give the name of one workflow, such as rag")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := findWorkflow(workflows.Parts{}, args[0])
			if err != nil {
				return err
			}
			return writeGraph(cmd.OutOrStdout(), w.Graph())
		},
	}
}

// writeGraph writes a workflow as text, as wide as the terminal.
func writeGraph(out io.Writer, g flow.Graph) error {
	width := usualWidth
	if cols := terminalWidth(out); cols > 0 {
		width = max(cols, narrowest)
	}
	const mostRows = 6 // for one step: a box, its wires, and the label of its event
	drawn := canvas.New(width, mostRows*(len(g.Steps)+2))
	m := graph.New(theme.Mono())
	m.SetGraph(g)
	w, h := drawn.Size()
	m.Draw(drawn, canvas.R(0, 0, w, h))
	blank := func(line string) bool { return strings.TrimSpace(line) == "" }
	lines := slices.DeleteFunc(strings.Split(drawn.Plain(), "\n"), blank)
	margin := width
	for _, line := range lines {
		margin = min(margin, len(line)-len(strings.TrimLeft(line, " ")))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, strings.TrimRight(line[margin:], " ")); err != nil {
			return err
		}
	}
	return nil
}
