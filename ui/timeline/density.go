package timeline

import (
	"math"

	"weft/ui/run"
	"weft/ui/status"
)

// density paints how much of the lane's work falls on each column: the height is the share of full,
// the number of executions that a full cell means. step and worker are those of the lane; step is
// nil for a whole run, in which the critical path is not marked.
func (b *brush) density(l *run.Lane, full float64, step *run.Step, worker int) {
	th := b.th
	full = max(full, 1)
	prev := l.Until(b.v, max(0, b.a.edge(0)))
	for x := range b.a.w {
		from, to := max(0, b.a.edge(x)), min(b.a.edge(x+1), b.until)
		if to <= from {
			if from >= b.until {
				break
			}
			continue
		}
		next := l.Until(b.v, to)
		// In axis time: a folded gap counts with its folded length
		d := max(b.a.u(to)-b.a.u(from), 1)
		busy := float64(next.Time[run.Running]-prev.Time[run.Running]) / d / full
		switch {
		case next.Failures > prev.Failures:
			b.set(x, status.Failed.Bar(), status.Failed.Style(th), fails)
		case busy > 0:
			b.worked(x, heights[min(8, max(1, int(math.Ceil(busy*8-0.01))))], step, worker)
		case next.Started > prev.Started && next.Attempts > prev.Attempts:
			// Executions ran for too short a time to measure
			b.worked(x, heights[1], step, worker)
		case next.Time[run.Waiting] > prev.Time[run.Waiting]:
			b.set(x, status.Waiting.Bar(), status.Waiting.Style(th), works)
		case next.Time[run.Backoff] > prev.Time[run.Backoff]:
			b.set(x, status.Retrying.Bar(), status.Retrying.Style(th), waits)
		case next.Time[run.Queued]+next.Time[run.Pending] > prev.Time[run.Queued]+prev.Time[run.Pending]:
			b.set(x, status.Queued.Bar(), status.Queued.Style(th), waits)
		}
		prev = next
	}
}

// worked paints a column in which many executions worked; g shows how many. If the critical path is
// shown, a column in which none of its executions ran is dimmed.
func (b *brush) worked(x int, g string, step *run.Step, worker int) {
	th := b.th
	st := th.Running
	if b.path != nil && step != nil {
		if st = th.Critical; !b.path.within(b.v, step, worker, b.a.edge(x), b.a.edge(x+1)) {
			g, st = "░", th.Faint
		}
	}
	b.set(x, g, st, works)
}

// halfway returns the counts of the run in the middle of a column.
func (b *brush) halfway(x int) run.Count {
	return b.v.Total().Until(b.v, b.a.edge(x)+(b.a.edge(x+1)-b.a.edge(x))/2).Count
}

// most returns how many executions ran at once in the busiest column, on average over its time. The
// peak may be higher: the execution that sends the last event of a fan-out overlaps with the first
// one that it started, for a time too short to see.
func (b *brush) most(l *run.Lane) int {
	const little = 0.1 // tolerated overlap, as a fraction of one execution
	most, prev := 0.0, l.Until(b.v, 0)
	for x := range b.a.w {
		from, to := max(0, b.a.edge(x)), min(b.a.edge(x+1), b.until)
		if to <= from {
			continue
		}
		next := l.Until(b.v, to)
		most = max(most, float64(next.Time[run.Running]-prev.Time[run.Running])/max(b.a.u(to)-b.a.u(from), 1))
		prev = next
	}
	return int(math.Ceil(most - little))
}

// maxFailures is how many of the latest failures the minimap shows at full length.
const maxFailures = 256

// failed paints the attempts that failed, in the columns where no other execution was at work.
func (b *brush) failed() {
	fs := b.v.Failures()
	for _, at := range fs[max(0, len(fs)-maxFailures):] {
		e := b.v.Execution(b.v.Record(at).Execution)
		if e == nil || len(b.v.SubWorkflows(e)) > 0 {
			continue
		}
		for s := range e.Spans(b.v) {
			if s.To != at || s.Phase != run.Running {
				continue
			}
			x0, x1 := b.a.col(b.v.Time(s.From)), b.a.col(b.v.Time(s.To))
			for x := max(0, int(math.Round(x0))); x < min(b.a.w, int(math.Round(x1))); x++ {
				if b.halfway(x).In[run.Running] <= 1 {
					b.set(x, status.Failed.Bar(), status.Failed.Style(b.th), fails)
				}
			}
			// If the attempt fills less than half of its last column, the column shows the back-off
			// after it.
			if x := int(x1); x1-x0 >= 1 && x > int(x0) && x < b.a.w && x == int(math.Round(x1)) {
				if k := b.halfway(x); k.In[run.Backoff] > 0 && k.In[run.Running] == 0 {
					b.cells[x] = cell{status.Retrying.Bar(), status.Retrying.Style(b.th), waits}
				}
			}
		}
	}
}
