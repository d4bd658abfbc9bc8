package run

import "iter"

// Awaiting returns the open awaits, oldest first.
func (v View) Awaiting() []*Await {
	if v.r == nil {
		return nil
	}
	if v.Live() && len(v.r.openAwait) == 0 {
		return nil
	}
	var as []*Await
	for _, a := range v.r.awaits[:upTo(v.r.awaits, v.n, func(a *Await) int { return a.Position })] {
		if (a.resolved == 0 || a.resolved > v.n) && !a.By.ended(v) {
			as = append(as, a)
		}
	}
	return as
}

// Awaits returns the awaits of an execution and whether each is over.
func (e *Execution) Awaits(v View) iter.Seq2[*Await, bool] {
	return func(yield func(*Await, bool) bool) {
		for _, a := range e.awaits {
			if a.Position > v.n || !yield(a, a.resolved != 0 && a.resolved <= v.n || e.ended(v)) {
				return
			}
		}
	}
}

// Resolved returns the position of the record that ended an await; 0 if none has.
func (a *Await) Resolved(v View) int {
	if a.resolved > v.n {
		return 0
	}
	return a.resolved
}
