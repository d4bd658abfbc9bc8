package inspect

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/units"
)

// logs writes the log entries of an execution: time, level, message and attributes.
func (b *builder) logs(e *run.Execution) {
	at := b.noted(e, show.TypeLog)
	if len(at) == 0 {
		return
	}
	const most = 50
	b.heading("logs", p(fmt.Sprintf("  %d", len(at)), b.th.Faint))
	for _, n := range at[max(0, len(at)-most):] {
		var l flow.Log
		if json.Unmarshal(b.v.Run().JSON(n), &l) != nil {
			b.payload(n)
			continue
		}
		st := b.th.Text
		switch l.Level {
		case "WARN":
			st = b.th.Warn
		case "ERROR":
			st = b.th.Error
		}
		text := l.Message
		for _, k := range slices.Sorted(maps.Keys(l.Attrs)) {
			text += "  " + k + "=" + canvas.Truncate(l.Attrs[k], 200)
		}
		b.label(units.Duration(b.v.Time(n))+" "+l.Level, text, st)
	}
}

// noted returns the positions of the values of one type that an execution emitted.
func (b *builder) noted(e *run.Execution, typ string) (at []int) {
	for _, n := range e.Emitted(b.v) {
		if b.v.Record(n).Type == typ {
			at = append(at, n)
		}
	}
	return at
}
