package explorer

import (
	"slices"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/run"
)

// runs holds what the explorer knows from records: the runs on the screen, and the session.
type runs struct {
	list      []*track // in the order in which they were opened; the first is the session's own
	index     *track   // the indexing run; nil: nothing was indexed
	shown     *track   // the run on the screen; nil: none
	session   session
	gauge     gauge
	workflows []flow.Graph
	workflow  int // index of the workflow that answers the next question
}

// add assigns a number to a track and appends it to the list.
func (r *runs) add(t *track) {
	r.list = append(r.list, t)
	t.id = uint64(len(r.list))
}

// byNumber returns the track with a number, or nil.
func (r *runs) byNumber(id uint64) *track {
	if id == 0 || id > uint64(len(r.list)) {
		return nil
	}
	return r.list[id-1]
}

// others returns all runs except the session's.
func (r *runs) others() []*track { return r.list[min(1, len(r.list)):] }

// has reports whether a run is on the screen already.
func (r *runs) has(id string) bool {
	return slices.ContainsFunc(r.list, func(t *track) bool { return t.run != nil && t.run.ID() == id })
}

// starting reports whether the engine has not yet returned the run of a question.
func (r *runs) starting() bool {
	return slices.ContainsFunc(r.list, func(t *track) bool { return t.run == nil && t.failed == nil })
}

// ordinal returns the position of a run among the runs of questions, from 1, and their number; 0 if
// it is none of them.
func (r *runs) ordinal(of *track) (i, n int) {
	for _, t := range r.list {
		if t.exchange == nil {
			continue
		}
		if n++; t == of {
			i = n
		}
	}
	return i, n
}

// running returns the run that an interrupt cancels: the shown one, or the last one that is
// running; nil if there is none.
func (r *runs) running() *track {
	if r.shown != nil && r.shown.exchange != nil && !r.shown.over() {
		return r.shown
	}
	for _, t := range slices.Backward(r.list) {
		if t.exchange != nil && !t.over() {
			return t
		}
	}
	return nil
}

// allWait reports whether every question that has not been answered yet waits for a person.
func (r *runs) allWait() bool {
	return !slices.ContainsFunc(r.list, func(t *track) bool { return t.exchange != nil && !t.over() && !t.waiting() })
}

// last returns the run of the last question, or nil.
func (r *runs) last() *track {
	for _, t := range slices.Backward(r.others()) {
		if t.exchange != nil {
			return t
		}
	}
	return nil
}

// indexing reports whether documents are being read.
func (r *runs) indexing() bool { return r.index != nil && !r.index.over() }

// held reports whether the shown run is paused.
func (r *runs) held() bool { return r.shown != nil && r.shown.view(-1).Status() == run.Paused }

// apply applies records of one run. It returns the runs that the session's records announce, and
// the notices in them.
func (r *runs) apply(p piece) (open []show.Opened, say []show.Notice) {
	t := r.byNumber(p.track)
	if t == nil {
		return nil, nil
	}
	switch t {
	case r.list[0]:
		for _, rec := range p.records {
			r.gauge.apply(rec)
			o, n := r.session.apply(rec)
			if o != nil {
				open = append(open, *o)
			}
			if n != nil {
				say = append(say, *n)
			}
		}
	case r.index:
		for _, rec := range p.records {
			r.gauge.apply(rec)
			r.session.leftOut(rec)
		}
		fallthrough
	default:
		t.apply(p.records)
	}
	if p.ended && !t.ended {
		t.ended = true
		t.fold.Interrupt()
	}
	return open, say
}

// revealAll shows all delayed text, because a person who presses a key does not want to wait.
func (r *runs) revealAll() {
	for _, t := range r.list {
		if t.partial {
			t.typewriter.skip()
			t.stale = true
		}
	}
}

// pulse returns the interval at which the screen changes by itself; 0 if it does not. past says
// that the shown moment is not the present.
func (r *runs) pulse(past bool) (every time.Duration) {
	for _, t := range r.others() {
		switch {
		case t.partial:
			return 33 * time.Millisecond
		case t.over():
		// Only the timeline shows this run, and it shows the past, which does not move.
		case t == r.shown && past && t.exchange == nil:
		case t.waiting(): // a wait without a timeout does not change
			if every == 0 && t.due() {
				every = time.Second
			}
		default:
			every = 100 * time.Millisecond
		}
	}
	return every
}

// graphOf returns the graph of a workflow; empty if it is not one that answers questions.
func (r *runs) graphOf(workflow string) flow.Graph {
	for _, w := range r.workflows {
		if w.Name == workflow {
			return w
		}
	}
	return flow.Graph{Name: workflow}
}

// graphOfRun returns the graph of a run's workflow; empty if it is not known.
func (r *runs) graphOfRun(t *track) flow.Graph {
	if len(t.graph.Steps) > 0 {
		return t.graph
	}
	return r.graphOf(t.workflow)
}

// names returns the names of the workflows.
func (r *runs) names() (out []string) {
	for _, w := range r.workflows {
		out = append(out, w.Name)
	}
	return out
}

// workflowName returns the workflow that answers the next question.
func (r *runs) workflowName() string {
	if len(r.workflows) == 0 {
		return "question"
	}
	return r.workflows[r.workflow].Name
}

// workflowShown returns the workflow of the shown run. If that does not answer questions, as
// indexing, it returns the workflow that answers the next question.
func (r *runs) workflowShown() string {
	if r.shown != nil && len(r.graphOf(r.shown.workflow).Steps) > 0 {
		return r.shown.workflow
	}
	return r.workflowName()
}

// corpusName returns the folder that is searched, for display.
func (r *runs) corpusName(opt Options) string {
	if d := r.session.corpus.Dir; d != "" {
		return canvas.Line(opt.home(d))
	}
	return "your documents"
}

// The methods below return why a command is not available now, or "".

func (r *runs) noRun() string {
	if r.shown == nil {
		return "there is no run yet: ask a question"
	}
	return ""
}

func (r *runs) noRunning() string {
	if r.shown == nil || r.shown.run == nil || r.shown.over() {
		return "no run is in progress"
	}
	return ""
}

func (r *runs) noFailure() string {
	if r.shown == nil || r.shown.view(-1).Status() != run.Broken && len(r.shown.view(-1).Failures()) == 0 {
		return "no step has failed"
	}
	return ""
}

func (r *runs) noOther() string {
	if len(r.list) < 3 {
		return "there is no other run"
	}
	return ""
}

func (r *runs) noWorkflows() string {
	if len(r.workflows) < 2 {
		return "there is no other workflow"
	}
	return ""
}

func (r *runs) noIndex() string {
	if r.index == nil {
		return "nothing was indexed by this program"
	}
	return ""
}

func (r *runs) noSkipped() string {
	switch {
	case len(r.session.skipped)+len(r.session.remarks) > 0:
		return ""
	case r.indexing():
		return "the documents are still being read"
	}
	return "no file is left out"
}
