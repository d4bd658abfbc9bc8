package timeline

import (
	"sort"

	"weft/ui/run"
)

// A kind of row.
type kind uint8

const (
	workflowRow kind = iota // the row of the run
	stepRow
	executionRow
	attemptRow // an attempt of an execution that runs a sub-workflow, where there are several
	workerRow
	plannedRow // a step that has not started
	errorRow   // the error of the row above
	spreadRow  // the spread of the executions of the row above
	retryRow   // why the row above is tried again, and when
)

// A key identifies what a row shows; it stays the same while rows come and go.
type key struct {
	kind kind
	step *run.Step
	exec *run.Execution
	work *run.Worker
	sub  *run.Workflow // the sub-workflow of an attempt
	plan string
}

// A row is a line of the timeline.
type row struct {
	key
	workflow *run.Workflow // of a workflowRow or attemptRow, or the only sub-workflow of the row
	depth    int
	guides   uint32 // bit d: the line of the tree at depth d continues below
	last     bool   // the last of its siblings
	open     bool   // of a stepRow: its executions or sub-workflows are listed below
	error    string
}

// A segment is one row, or many rows of the same kind: the executions of an unfolded step.
type segment struct {
	row
	execs []*run.Execution
}

// rows returns the number of rows of a segment.
func (s *segment) rows() int {
	if s.execs != nil {
		return len(s.execs)
	}
	return 1
}

// A layoutOf is everything that the rows depend on.
type layoutOf struct {
	run     *run.Run
	version uint64
	records int
	at      int
}

// unfoldMax is how many concurrent executions or sub-workflows a step may have to be unfolded by
// default.
const unfoldMax = 4

// spreadFrom is the number of concurrent executions from which a step shows their spread.
const spreadFrom = 8

// detail reports whether a row belongs to the one above it and cannot be selected.
func (k kind) detail() bool { return k == errorRow || k == spreadRow || k == retryRow }

// A tree lists the rows of a run: the run, its steps, and below them their executions and
// sub-workflows, as far as they are unfolded and pass the filter.
type tree struct {
	workers bool // one row per worker
	filter  func(run.View, *run.Step, *run.Execution) bool
	folds   map[*run.Step]bool // what the user folded (true) or unfolded (false)
	lines   []segment
	laid    layoutOf // what lines were computed from
}

// layout lists the rows. They are computed from all that is known, independent of the moment that
// is shown, so that rows stay in place while the user travels in time.
func (t *tree) layout(c *cursor, p *plan, version uint64) {
	now := layoutOf{c.run, version, 0, c.at}
	if c.run != nil {
		now.records = c.run.Len()
	}
	if now == t.laid {
		return
	}
	t.laid = now
	t.lines = t.lines[:0]
	if now.records == 0 {
		return
	}
	all := c.run.Now()
	root := all.Root()
	t.add(row{key: key{kind: workflowRow}, workflow: root})
	l := &listing{tree: t, filter: newRowFilter(all, t.filter), shown: c.view(), until: c.elapsed()}
	if t.workers {
		l.workers(root, 1, 0)
		return
	}
	if !all.Over() && t.filter == nil { // in a run that is over, what has not started never will
		l.planned = p.missing(all.Steps(root))
	}
	l.steps(root, 1, 0)
}

// add appends a row.
func (t *tree) add(r row) { t.lines = append(t.lines, segment{row: r}) }

// lastActive returns the number of the last row of a step that works at a moment; -1 if none does.
func (t *tree) lastActive(v run.View) int {
	n, last := 0, -1
	for i := range t.lines {
		s := &t.lines[i]
		if s.kind == stepRow && s.step.Lane.Count(v).Active() {
			last = n
		}
		n += s.rows()
	}
	return last
}

// foldable reports whether a step has more than one row to show.
func foldable(v run.View, s *run.Step) bool {
	return len(v.Executions(s)) > 1 || len(v.Children(s)) > 0
}

// unfolded reports whether the rows below a step are listed: as the user chose, or by default where
// they are few.
func (t *tree) unfolded(v run.View, s *run.Step) bool {
	if folded, told := t.folds[s]; told {
		return !folded && foldable(v, s)
	}
	if n := len(v.Children(s)); n > 0 {
		return n <= unfoldMax
	}
	return len(v.Executions(s)) <= unfoldMax && s.Lane.Peak(v) > 1
}

// count returns the number of rows.
func (t *tree) count() (n int) {
	for i := range t.lines {
		n += t.lines[i].rows()
	}
	return n
}

// row returns row number i.
func (t *tree) row(i int) (row, bool) {
	for j := range t.lines {
		s := &t.lines[j]
		n := s.rows()
		if i >= n {
			i -= n
			continue
		}
		if i < 0 {
			break
		}
		r := s.row
		if s.execs != nil {
			r.exec, r.last = s.execs[i], i == n-1
		}
		return r, true
	}
	return row{}, false
}

// index returns the number of the row with key k, or -1.
func (t *tree) index(k key) int {
	n := 0
	for j := range t.lines {
		s := &t.lines[j]
		switch {
		case s.execs == nil && s.key == k:
			return n
		case s.execs != nil && k.kind == executionRow && k.step == s.step && k.exec != nil:
			if i := sort.Search(len(s.execs), func(i int) bool { return s.execs[i].Number >= k.exec.Number }); i < len(s.execs) && s.execs[i] == k.exec {
				return n + i
			}
		}
		n += s.rows()
	}
	return -1
}
