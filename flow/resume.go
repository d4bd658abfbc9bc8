package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"time"

	"weft/flow/internal/fold"
)

// Resume continues a run whose process has ended, from the records in its journal. Executions that
// had finished are not called again; those that were under way start again, so a step may be called
// more than once. Retries and awaits keep their due times; the clock of the run's timeout was
// stopped meanwhile. A run that had ended is returned with its result.
//
// Awaits that were open are open when Resume returns, and replies can be sent at once; those whose
// time is over have timed out.
//
// Without [Keep] the continued run is not written to a journal: if the same records are resumed
// again, its steps and the calls of [Do] are made again.
//
// The records must be from this workflow; those of a changed one are refused, with what differs.
func (w *Workflow[In, Out]) Resume(ctx context.Context, records iter.Seq[Record], opts ...RunOption) (*Run[Out], error) {
	r, err := resumed(ctx, w.c, records, 0, opts)
	if err != nil {
		return nil, err
	}
	return &Run[Out]{r}, nil
}

// Fork begins a new run that has the same past as another one, up to and including the record with
// the number at, and continues on its own from there. With [Replace] its past can be edited. The
// other run is not touched. The first record of its own is a RunForked, which has all that is
// needed to resume the fork without the other run.
func (w *Workflow[In, Out]) Fork(ctx context.Context, records iter.Seq[Record], at uint64, opts ...RunOption) (*Run[Out], error) {
	r, err := forked(ctx, w.c, records, at, opts)
	if err != nil {
		return nil, err
	}
	return &Run[Out]{r}, nil
}

// ResumeFrom continues a run from a snapshot, without the records before it: the first record that
// readers see is the one after the snapshot, a RunRestored.
func (w *Workflow[In, Out]) ResumeFrom(ctx context.Context, s *Snapshot, opts ...RunOption) (*Run[Out], error) {
	if err := w.c.checkOnce(); err != nil {
		return nil, err
	}
	r := newRun(ctx, w.c, append([]RunOption{ID(s.Run())}, opts...))
	if err := r.tree.Restore(&s.state); err != nil {
		return nil, err
	}
	r.tree.Originate(RunRestored, s.Run(), s.Seq())
	if err := r.resume(&Parent{s.Run(), s.Seq()}); err != nil {
		return nil, err
	}
	return &Run[Out]{r}, nil
}

// Resume is [Workflow.Resume] for a workflow whose types are not known.
func Resume(ctx context.Context, wf Definition, records iter.Seq[Record], opts ...RunOption) (Handle, error) {
	r, err := resumed(ctx, wf.core(), records, 0, opts)
	if err != nil {
		return nil, err
	}
	return wf.handle(r), nil
}

// Fork is [Workflow.Fork] for a workflow whose types are not known. A replacement may then be a
// json.RawMessage.
func Fork(ctx context.Context, wf Definition, records iter.Seq[Record], at uint64, opts ...RunOption) (Handle, error) {
	r, err := forked(ctx, wf.core(), records, at, opts)
	if err != nil {
		return nil, err
	}
	return wf.handle(r), nil
}

func forked(ctx context.Context, c *core, records iter.Seq[Record], at uint64, opts []RunOption) (*run, error) {
	if at == 0 {
		return nil, fmt.Errorf("flow: fork of %s: from which record? The first is 1", c.Name)
	}
	return resumed(ctx, c, records, at, append([]RunOption{ID(randomID())}, opts...))
}

// resumed replays records, up to the number at if that is not 0, and continues the run.
func resumed(ctx context.Context, c *core, records iter.Seq[Record], at uint64, opts []RunOption) (*run, error) {
	if err := c.checkOnce(); err != nil {
		return nil, err
	}
	r, err := replayed(ctx, c, records, at, opts)
	switch {
	case err != nil:
		return nil, err
	case at == 0:
		return r, r.resume(nil)
	}
	n := r.length()
	r.tree.Originate(RunForked, r.past, n)
	return r, r.resume(&Parent{r.past, n})
}

// Past says with which workflow the records were written that a run is resumed or forked from: it
// is the header of their journal. A changed workflow is then refused, with what differs, also where
// the records alone would not show the change, as with a renamed field. A run that is resumed with
// the journal of its records, given by [Keep], needs no Past.
func Past(h Header) RunOption {
	return runOption(func(r *run) { r.written = h })
}

// A past applies the records that a run is resumed or forked from.
type past struct{ *run }

// refuse reports how the workflow differs from that of the past, if that is known.
func (r past) refuse() error {
	was := r.written
	if r.keeper != nil && len(was.Shape) == 0 {
		if j, ok := r.keeper.j.(interface{ Header() Header }); ok {
			was = j.Header() // the header of a new journal, such as that of a fork, is empty
		}
	}
	if len(was.Shape) == 0 {
		return nil
	}
	return r.c.Refuse(was.Run, was.Shape)
}

// replayed returns a run whose state is that of records, up to the number at if that is not 0.
func replayed(ctx context.Context, c *core, records iter.Seq[Record], at uint64, opts []RunOption) (*run, error) {
	r := newRun(ctx, c, nil)
	p := past{r}
	var old string
	n := uint64(0)
	for in := range records {
		if old == "" {
			old = in.Run
			p.rename(old, opts)
			if err := p.refuse(); err != nil {
				return nil, err
			}
			if in.Kind == RunForked || in.Kind == RunRestored {
				n = in.Seq - 1
			}
			if at > 0 && at <= n {
				return nil, fmt.Errorf("flow: fork %s: there is no record %d; the first is %d", old, at, in.Seq)
			}
		}
		if in.Seq != n+1 {
			return nil, fmt.Errorf("flow: resume %s: record %d follows record %d; all are needed from the first on", old, in.Seq, n)
		}
		if err := p.replay(in, old); err != nil {
			return nil, fmt.Errorf("flow: resume %s with the workflow %s: record %d (%s): %w", old, c.Name, in.Seq, in.Kind, err)
		}
		if n++; n == at {
			break
		}
	}
	switch {
	case n == 0:
		return nil, fmt.Errorf("flow: resume of %s: there are no records", c.Name)
	case n < at:
		return nil, fmt.Errorf("flow: fork %s: there is no record %d; the last is %d", old, at, n)
	case len(r.edits) > 0:
		return nil, fmt.Errorf("flow: fork %s: an event that is to be replaced is not among the first %d records", old, n)
	}
	if r.length() != n {
		return nil, fmt.Errorf("flow: resume %s: the state that the first record has is of record %d and not %d", old, r.length(), n)
	}
	r.past = old
	return r, nil
}

// SnapshotOf returns the state of a run at the last of its records, without continuing it.
func (w *Workflow[In, Out]) SnapshotOf(records iter.Seq[Record]) (*Snapshot, error) {
	if err := w.c.checkOnce(); err != nil {
		return nil, err
	}
	r, err := replayed(context.Background(), w.c, records, 0, nil)
	if err != nil {
		return nil, err
	}
	return &Snapshot{*r.tree.Snapshot(r.tree.Last())}, nil
}

// Restored returns the record with which a journal begins that has no records before a snapshot.
func Restored(s *Snapshot) Record {
	return Record{
		Seq: s.Seq() + 1, Time: s.Time(), Run: s.Run(), Kind: RunRestored,
		Payload: fold.NewOrigin(s.Run(), s.Seq(), &s.state),
	}
}

// rename applies the options, once the identifier in the records is known.
func (r past) rename(old string, opts []RunOption) {
	r.id = old
	for _, o := range opts {
		o.applyRun(r.run)
	}
	r.tree.SetID(r.id)
}

// replay applies a record that was read.
func (r past) replay(in Record, old string) error {
	if in.Run != old && !strings.HasPrefix(in.Run, old+"/") {
		return fmt.Errorf("it is of another run, %s", in.Run)
	}
	if v, ok := r.edits[in.Event]; ok && (in.Kind == EventSent || in.Kind == RunStarted || in.Kind == RunFinished) {
		if err := r.edit(&in, v); err != nil {
			return err
		}
	}
	return r.tree.Replay(in)
}

// edit replaces the payload of an event's record by v.
func (r past) edit(in *Record, v any) error {
	name := ""
	if raw, ok := v.(json.RawMessage); ok {
		in.Payload, name = raw, in.Type
	} else if name = r.c.NameOf(reflect.TypeOf(v)); name == in.Type {
		in.Payload = v
	}
	if name != in.Type {
		return fmt.Errorf("event %d is a %s and cannot be replaced by a %s", in.Event, in.Type, name)
	}
	delete(r.edits, in.Event)
	return nil
}

// resume lets a restored run continue. The parent is the run that it was forked or restored from;
// nil: it is the same run.
func (r *run) resume(parent *Parent) error {
	if !r.tree.Begun() {
		return errors.New("flow: resume: the first record is not the start of a run")
	}
	if err := r.openJournal(parent); err != nil {
		return err
	}
	r.published.Store(r.tree.Log.Len())
	r.base = time.Now()
	r.baseNs = r.base.UnixNano()
	if r.tree.Over() {
		r.mu.Lock()
		r.end()
		r.mu.Unlock()
		if r.keeper != nil {
			r.close()
		}
		return nil
	}
	r.inTurn(r.tree.Revive, false)
	return nil
}
