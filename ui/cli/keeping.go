package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/ui/history"
)

// runsDir returns the directory of the kept runs.
func runsDir(st *settings) string { return filepath.Join(stateDir(st), "runs") }

// limit returns how long runs are kept.
func (s *settings) limit() history.Limit {
	return history.Limit{Age: s.RunsAge.value, Bytes: int64(s.RunsSize.value) << 20}
}

// A keeper keeps the runs of a session in the store of runs. A nil keeper keeps nothing.
type keeper struct {
	store    *history.Store
	listener io.Closer // takes replies that other processes send; nil: there are none
	limit    history.Limit
	tell     func(error) // called once, with the reason, if runs cannot be kept
	ending   sync.WaitGroup
}

// keepRuns makes the session keep its runs from now on, unless the settings forbid it. If runs
// cannot be kept, tell is called once with the reason, and questions are still answered.
func (s *session) keepRuns(tell func(error)) {
	s.keepRunsIn(func() (*history.Store, error) { return history.Open(runsDir(s.settings)) }, tell)
}

// unkeptError says that runs are not kept, and why.
func unkeptError(err error) error {
	return fmt.Errorf("runs are not kept: %w; make room, or choose another directory with WEFT_STATE", reasonFirst(err))
}

// reasonFirst returns an error about a file with the reason before the path: a note on the screen may cut
// a long path, but not the reason.
func reasonFirst(err error) error {
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%w: %s", file.Err, file.Path)
	}
	return err
}

// keepRunsIn is keepRuns with the store that open returns, which is called when the first run begins.
func (s *session) keepRunsIn(open func() (*history.Store, error), tell func(error)) {
	if !s.settings.KeepRuns.value {
		return
	}
	var once sync.Once
	k := &keeper{limit: s.settings.limit(), tell: func(err error) {
		once.Do(func() {
			tell(unkeptError(err))
		})
	}}
	s.keeper = sync.OnceValue(func() *keeper {
		var err error
		if k.store, err = open(); err != nil {
			s.unkept = err
			k.tell(err)
			return nil
		}
		// The path may be too long for a socket: runs cannot then be answered from another process.
		k.listener, _ = k.store.Journals().Listen()
		return k
	})
}

// begin creates the journal of a new run, and returns the options that keep it. It returns nil if
// the run is not kept.
func (k *keeper) begin(labels map[string]string) (*journal.Writer, []flow.RunOption) {
	if k == nil {
		return nil, nil
	}
	id := strings.ToLower(rand.Text()[:10])
	w, err := k.store.Journals().Create(id)
	if err != nil {
		k.tell(err)
		return nil, nil
	}
	return w, []flow.RunOption{flow.ID(id), flow.Keep(&lateSync{Writer: w}), flow.Labels(labels)}
}

// A lateSync is a journal that is synced after the end of its run when it is closed, so that the
// answer does not wait for the disk. A power loss before that can take the end of the run, which
// can then be resumed.
type lateSync struct {
	*journal.Writer
	over atomic.Bool
}

// Append implements flow.Journal.
func (l *lateSync) Append(group []flow.Record) (n int, err error) {
	n, err = l.Writer.Append(group)
	switch last := group[len(group)-1]; last.Kind {
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		l.over.Store(err == nil && !strings.Contains(last.Run, "/"))
	}
	return n, err
}

// Sync implements flow.Journal.
func (l *lateSync) Sync() error {
	if l.over.Load() {
		return nil
	}
	return l.Writer.Sync()
}

// follow closes the journal of a run once the run has ended, and adds the run to the store's index.
func (k *keeper) follow(run flow.Handle, w *journal.Writer) {
	if w == nil {
		return
	}
	k.ending.Go(func() {
		<-run.Done()
		err := cmp.Or(run.JournalErr(), w.Close()) // both name what the disk said
		if err == nil {
			err = k.store.Add(w.Header(), run.Records(context.Background(), 0))
		}
		if err != nil {
			k.tell(err)
		}
	})
}

// discard removes the journal of a run that did not start.
func (k *keeper) discard(w *journal.Writer) {
	if w == nil {
		return
	}
	id := w.Header().Run
	w.Close()
	if id != "" {
		_ = k.store.Remove(id) // an empty journal is not listed
	}
}

// close waits until the journals of all runs, which must have ended, are closed.
func (k *keeper) close() {
	if k == nil {
		return
	}
	k.ending.Wait()
	if k.listener != nil {
		k.listener.Close()
	}
	if _, err := k.store.ExpireDaily(k.limit); err != nil {
		k.tell(err)
	}
}

// labels returns what the journal of a run says about it.
func (s *session) labels(question string, model *answer.Model) map[string]string {
	labels := map[string]string{
		history.LabelQuestion:  question,
		history.LabelDirectory: history.Directory(s.dirs),
	}
	if model != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		labels[history.LabelModel], labels[history.LabelProvider] = model.Client.Config().Model, s.provider.Name
	}
	return labels
}

// starter starts or resumes a run of a workflow.
type starter func(...flow.RunOption) (*flow.Run[show.Answer], error)

// kept starts a run of the session's conversation and keeps it.
func (s *session) kept(labels map[string]string, start starter) (*flow.Run[show.Answer], error) {
	return s.keptIn(&s.conversation, labels, start)
}

// keptIn starts a run of a conversation and keeps it. A run that cannot be kept is started without a
// journal.
func (s *session) keptIn(c *conversation, labels map[string]string, start starter) (*flow.Run[show.Answer], error) {
	k := s.keeper()
	if talk := c.talkID(); talk != "" && labels[history.LabelTalk] == "" {
		labels[history.LabelTalk] = talk
	}
	if c.origin != "" {
		labels[history.LabelOrigin] = c.origin
	}
	w, opts := k.begin(labels)
	run, err := start(opts...)
	if err != nil && w != nil { // the journal cannot be written: try without
		k.discard(w)
		journalErr := err
		if run, err = start(); err == nil {
			k.tell(journalErr)
		}
		w = nil
	}
	if err != nil {
		return nil, err
	}
	s.keep(run)
	c.begun(run.ID())
	k.follow(run, w)
	return run, nil
}

// errNotKept is the error of commands that need the store of runs where the session keeps none.
var errNotKept = errors.New("the runs cannot be opened")

// resume continues a kept run that has not ended, with the model that is used now.
func (s *session) resume(id string) (*flow.Run[show.Answer], error) {
	k := s.keeper()
	if k == nil {
		return nil, s.unkept
	}
	file, w, err := k.store.Journals().Continue(id)
	if err != nil {
		return nil, err
	}
	wf, err := s.workflowNow(file.Header.Workflow, forkSettings{})
	var run *flow.Run[show.Answer]
	if err == nil {
		run, err = wf.Resume(s.ctx, slices.Values(file.Records), flow.Keep(&lateSync{Writer: w}), flow.Breakpoints(s.stop))
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	s.keep(run)
	s.conversation.begun(cmp.Or(file.Header.Labels[history.LabelTalk], id))
	k.follow(run, w)
	return run, nil
}
