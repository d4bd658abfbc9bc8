package run

import (
	"time"

	"weft/flow"
)

// A Stretch is a part of a run's time.
type Stretch struct{ From, To time.Duration }

// IsRestart reports whether a record says that a run continues in a new process. Unlike the other
// records of kind RunResumed it does not end a pause: a run that was held stays held.
func IsRestart(rec flow.Record) bool {
	return rec.Kind == flow.RunResumed && rec.Type == "restart"
}

// Paused returns the stretches between two times in which a debugger held the run. Neither
// releasing a single execution nor a restart ends a stretch.
func (v View) Paused(from, to time.Duration) (held []Stretch) {
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
