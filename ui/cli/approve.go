package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"weft/flow"
	"weft/rag/workflows"
	"weft/ui/canvas"
)

// errUnattended is the error of a run that waits for a decision when there is no person to ask and
// the run is not kept.
var errUnattended = errors.New("the run waits for your decision on the sources, and weft cannot ask without a terminal: use --approve all, none or top3")

// putAside suspends a kept run that waits for a decision when there is no person to ask, and returns
// the error that says how to answer it later. It returns errUnattended if the run is not kept.
func putAside(run flow.Handle, p workflows.Proposal) error {
	if err := run.Suspend(); err != nil {
		return errUnattended
	}
	reply, err := json.Marshal(workflows.Approval{Keep: p.Default.Keep})
	if err != nil {
		return err // cannot happen: all fields can be encoded
	}
	return fmt.Errorf("the run waits for your decision on the sources, and weft cannot ask without a terminal: answer it with weft runs answer %s '%s' or in the history, or ask with --approve all, none or top3", run.ID(), reply)
}

// approval parses the --approve flag and returns the decision on the proposed sources.
func approval(flag string, proposed []int) (workflows.Approval, error) {
	keep, n := 0, len(proposed)
	switch rest, top := strings.CutPrefix(flag, "top"); {
	case flag == "all":
		keep = n
	case flag == "none":
	case top:
		k, err := strconv.Atoi(rest)
		if err != nil || k < 1 {
			return workflows.Approval{}, badApproval(flag)
		}
		keep = min(k, n)
	default:
		return workflows.Approval{}, badApproval(flag)
	}
	return workflows.Approval{Keep: proposed[:keep], Decline: keep == 0}, nil
}

func badApproval(flag string) error {
	return usageError{fmt.Errorf("--approve %s: it must be all, none, or top and a number, as in top3", flag)}
}

// first returns the numbers 1 to n.
func first(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

// askApproval shows the sources to the person and reads the decision. Enter keeps the proposed
// sources, "all" keeps all, numbers keep those, "none" declines, and any other text is a new query.
// End of input declines.
func askApproval(out io.Writer, in *bufio.Reader, p workflows.Proposal) (workflows.Approval, error) {
	fmt.Fprintf(out, "\n%s\n", canvas.Line(p.Text))
	for i, h := range p.Passages {
		mark := " "
		if slices.Contains(p.Default.Keep, i+1) {
			mark = "*"
		}
		fmt.Fprintf(out, "%s %d  %s:%d  %s  %.2f\n", mark, i+1, canvas.Line(h.Path), h.Line,
			canvas.Line(strings.Join(h.Heading, " › ")), h.Score)
	}
	fmt.Fprint(out, "Answer from which sources? [enter: those with *; numbers such as 1 3; all; none; or another query] ")
	line, err := in.ReadString('\n')
	line = strings.TrimSpace(line)
	if err != nil && line == "" {
		return workflows.Approval{Decline: true}, nil // end of input declines
	}
	switch strings.ToLower(line) {
	case "":
		return workflows.Approval{Keep: p.Default.Keep}, nil
	case "all":
		return workflows.Approval{Keep: first(len(p.Passages))}, nil
	case "none", "n":
		return workflows.Approval{Decline: true}, nil
	}
	var keep []int
	for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > len(p.Passages) {
			return workflows.Approval{Query: line}, nil
		}
		keep = append(keep, n)
	}
	return workflows.Approval{Keep: keep}, nil
}
