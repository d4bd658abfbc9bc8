package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"weft/ui/run"
)

// Events compares, line by line, what the executions of a row got and gave. It returns nothing for
// an index past the rows.
func (c *Comparison) Events(row int) []Piece {
	if row < 0 || row >= len(c.Rows) {
		return nil
	}
	var a, b strings.Builder
	for _, p := range c.Rows[row].Pairs {
		writeEvents(&a, c.A.View, p.A)
		writeEvents(&b, c.B.View, p.B)
	}
	return Lines(a.String(), b.String())
}

// writeEvents writes the events of an execution as text; nothing if there is no execution.
func writeEvents(b *strings.Builder, v run.View, e *run.Execution) {
	if e == nil {
		return
	}
	if ev := v.Event(e.Cause); ev != nil {
		fmt.Fprintf(b, "gets %s\n%s\n", ev.Type, indented(payload(v, ev.Position)))
	} else {
		b.WriteString("gets the results of a fan-out\n")
	}
	for _, f := range outputs(v, e) {
		fmt.Fprintf(b, "gives %s\n%s\n", f.typ, indented(f.data))
	}
}

func indented(text []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, text, "  ", "  ") != nil {
		return "  " + string(text)
	}
	return "  " + out.String()
}
