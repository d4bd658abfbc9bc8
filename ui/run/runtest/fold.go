package runtest

import (
	"weft/flow"
	"weft/ui/run"
)

// Fold makes the index of some records.
func Fold(rs []flow.Record) *run.Run {
	r := &run.Run{}
	for _, rec := range rs {
		r.Apply(rec)
	}
	return r
}
