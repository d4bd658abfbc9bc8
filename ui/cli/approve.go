package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"weft/rag/workflows"
	"weft/ui/canvas"
)

// errUnattended says that a run waits for a decision and nobody can be asked.
var errUnattended = errors.New("the sources wait for your decision, and nobody can be asked here: decide with --approve all, none or top3")

// approval reads --approve: which of so many sources are kept.
func approval(flag string, n int) (workflows.Approval, error) {
	keep := 0
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
	return workflows.Approval{Keep: first(keep), Decline: keep == 0}, nil
}

func badApproval(flag string) error {
	return usageError{fmt.Errorf("--approve %s: it must be all, none, or top and a number, as in top3", flag)}
}

// first returns 1 to n.
func first(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

// askApproval shows the proposed sources to the person and reads the decision: enter keeps all, numbers keep those, "none" declines, and
// anything else is another query.
func askApproval(out io.Writer, in *bufio.Reader, p workflows.Proposal) (workflows.Approval, error) {
	fmt.Fprintf(out, "\n%s\n", canvas.Line(p.Text))
	for i, h := range p.Passages {
		fmt.Fprintf(out, "  %d  %s:%d  %s  %.2f\n", i+1, canvas.Line(h.Path), h.Line, canvas.Line(strings.Join(h.Heading, " › ")), h.Score)
	}
	fmt.Fprint(out, "Answer from which? [enter: all; numbers such as 1 3; none; or another query] ")
	line, err := in.ReadString('\n')
	line = strings.TrimSpace(line)
	if err != nil && line == "" {
		return workflows.Approval{Decline: true}, nil // the person has gone
	}
	if line == "" {
		return workflows.Approval{Keep: first(len(p.Passages))}, nil
	}
	if strings.EqualFold(line, "none") || strings.EqualFold(line, "n") {
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
