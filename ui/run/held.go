package run

import (
	"time"

	"weft/flow"
)

// A Stretch is a part of a run's time.
type Stretch struct{ From, To time.Duration }

// Held returns when a debugger held the run between two times. That it let a single execution go is no end of it.
func (v View) Held(from, to time.Duration) (held []Stretch) {
	if v.r == nil || len(v.r.pauses) == 0 {
		return nil
	}
	began := time.Duration(-1)
	add := func(until time.Duration) {
		if s := (Stretch{max(from, began), min(to, until)}); began >= 0 && s.From < s.To {
			held = append(held, s)
		}
		began = -1
	}
	for _, at := range v.r.pauses[:upTo(v.r.pauses, v.n, position)] {
		switch rec := v.r.records.at(at - 1); {
		case rec.Kind == flow.RunPaused && began < 0:
			began = v.Time(at)
		case rec.Kind == flow.RunResumed && rec.Attempt == 0:
			add(v.Time(at))
		}
	}
	add(to)
	return held
}
