package runtest

import (
	"weft/flow"
	"weft/ui/run"
)

// Fold returns the index of records.
func Fold(rs []flow.Record) *run.Run {
	r := &run.Run{}
	for _, rec := range rs {
		r.Apply(rec)
	}
	return r
}
