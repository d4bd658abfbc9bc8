package cli

import (
	"context"
	"sync"

	"weft/flow"
	"weft/rag/llm"
)

// The start and stop events of a session.
type (
	begun struct{}
	ended struct{}
)

// A session starts runs that answer questions, for the lifetime of the program, and holds what they
// need: a corpus, the models of a provider, faults and more, each a part of its own. It is itself a
// run: its only step lasts until the session ends and emits the session's events, so viewers read
// them as they read the records of any run.
type session struct {
	ctx      context.Context
	settings *settings
	life     *flow.Run[ended] // the run that the session is
	emit     func(any)        // emits an event of life
	wg       sync.WaitGroup   // of what runs in the background
	cancel   context.CancelFunc

	problems *problems
	models   *models
	corpus   *corpus
	faults   *currentFaults
	programs *toolPrograms
	runs     *liveRuns
	keeping  *runKeeping

	conversation conversation
	// stop holds the breakpoints. If it is nil, there are none.
	stop func(step, event string) bool
}

// newSession starts a session on directories. It returns at once; the index is opened and updated
// in the background.
func newSession(ctx context.Context, st *settings, dirs []string) (*session, error) {
	s, err := bareSession(ctx, st)
	if err != nil {
		return nil, err
	}
	s.corpus.open(dirs)
	return s, nil
}

// bareSession starts a session without a corpus, for commands that only need a provider.
func bareSession(ctx context.Context, st *settings) (*session, error) {
	prompts, err := llm.LoadPrompts(st.Prompts.value)
	if err != nil {
		return nil, err
	}
	cache, err := cacheDir(st)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &session{ctx: ctx, cancel: cancel, settings: st,
		faults:   &currentFaults{settings: st, injected: map[string]string{}},
		programs: &toolPrograms{settings: st},
		runs:     &liveRuns{byID: map[string]flow.Handle{}},
		keeping:  newRunKeeping(st),
	}
	if s.life, s.emit, err = newLife(ctx); err != nil {
		cancel()
		return nil, err
	}
	s.problems = &problems{emit: s.emit}
	s.models = newModels(s, prompts, cache)
	s.corpus = newCorpus(s, cache)
	return s, nil
}

// newLife starts the run that a session is, which lasts until ctx ends, and returns the function
// that emits an event of it.
func newLife(ctx context.Context) (life *flow.Run[ended], emit func(any), err error) {
	live := make(chan *flow.Context)
	wf := flow.New[begun, ended]("session", flow.Describe("the events of this session"))
	flow.Step(wf, "live", func(ctx *flow.Context, _ begun) (ended, error) {
		live <- ctx
		<-ctx.Done()
		return ended{}, ctx.Err()
	})
	if life, err = wf.Start(ctx, begun{}); err != nil {
		return nil, nil, err
	}
	step := <-live
	return life, func(ev any) { step.Emit(ev) }, nil
}

// close ends the session and all its runs, and releases its resources. Runs that are kept are
// suspended: they can be continued later.
func (s *session) close() {
	s.cancel()
	<-s.life.Done()
	s.runs.wait() // the end of the context has cancelled or suspended them
	s.wg.Wait()
	s.keeping.keeper().close()
	s.corpus.close()
	s.models.close()
	s.programs.close()
}
