package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/index"
	"weft/rag/llm"
	"weft/rag/load"
	"weft/rag/retrieve"
	"weft/rag/workflows"
	"weft/ui/explorer"
)

// The start and the stop event of a session.
type (
	begun struct{}
	ended struct{}
)

// A session is one life of the program: a corpus, a provider, and the runs that were started. It is a run itself, whose only step lasts
// as long as the session and emits what happens to it: so whoever shows the session reads records, as of every other run.
type session struct {
	ctx      context.Context
	settings *settings
	dirs     []string
	life     *flow.Run[ended]
	emit     func(any)
	wg       sync.WaitGroup
	cancel   context.CancelFunc

	opened  chan struct{} // closed when index is set, or err
	words   chan struct{} // closed when the whole corpus can be found by its words, or err is set
	built   chan struct{} // closed when the corpus is indexed, vectors included, or err is set
	found   func()        // closes words
	opening time.Time     // when that began
	foundAt time.Time     // when words was closed
	index   *index.Index
	reached atomic.Pointer[show.Progress] // how far indexing is: in files, then in passages
	loader  *load.Loader
	listed  int   // how many of the files that are left out are listed; 0: some
	err     error // why there is nothing to search; read it after opened or built is closed

	prompts *llm.Prompts
	consent *consents
	talk    conversation
	stop    func(step, event string) bool // breakpoints; nil: there are none

	mu       sync.Mutex
	runs     map[string]flow.Handle
	provider llm.Provider
	model    *answer.Model
	detected bool
	rerank   retrieve.Reranker // the provider's, if it has one
	probed   bool              // whether it was asked for one
	spoiled  map[string]string // faults that were set on the screen, by step, in place of those of the settings
	chosen   map[string]string // models that were chosen from the list, by setting; "" means none
	warned   string            // what was last told to be wrong with the index
}

// newSession begins a session on directories. It returns at once: the index is opened and brought up to date behind it.
func newSession(ctx context.Context, st *settings, dirs []string) (*session, error) {
	s, err := bareSession(ctx, st)
	if err != nil {
		return nil, err
	}
	s.open(dirs)
	return s, nil
}

// open gives the session its corpus.
func (s *session) open(dirs []string) {
	s.dirs, s.opening = dirs, time.Now()
	s.emit(show.Corpus{Dir: s.title(), State: show.CorpusIndexing})
	s.wg.Go(s.buildIndex)
}

// bareSession begins a session without a corpus, for those who only need its provider.
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
	s := &session{
		ctx: ctx, cancel: cancel, settings: st, opened: make(chan struct{}), words: make(chan struct{}), built: make(chan struct{}),
		runs: map[string]flow.Handle{}, chosen: map[string]string{}, spoiled: map[string]string{}, prompts: prompts, consent: newConsents(st),
		loader: load.New(load.Options{CacheDir: filepath.Join(cache, "pdf"), Generated: st.Generated.value, Secrets: st.Secrets.value}),
	}
	s.found = sync.OnceFunc(func() { s.foundAt = time.Now(); close(s.words) })
	live := make(chan *flow.Context)
	wf := flow.New[begun, ended]("session", flow.Config{Description: "what happens while weft is open"})
	flow.Step(wf, "live", func(ctx *flow.Context, _ begun) (ended, error) {
		live <- ctx
		<-ctx.Done()
		return ended{}, ctx.Err()
	})
	if s.life, err = wf.Start(ctx, begun{}); err != nil {
		cancel()
		return nil, err
	}
	step := <-live
	s.emit = func(ev any) { step.Emit(ev) }
	return s, nil
}

// close ends the session and everything it started.
func (s *session) close() {
	s.cancel()
	<-s.life.Done()
	s.mu.Lock()
	runs := slices.Collect(maps.Values(s.runs))
	s.mu.Unlock()
	for _, r := range runs {
		r.Cancel(errors.New("weft is closing"))
		<-r.Done()
	}
	s.wg.Wait()
	s.loader.Close()
	if s.index != nil {
		s.index.Close()
	}
	if s.model != nil {
		s.model.Client.Close()
	}
}

// title names the directories; the one that weft was started in by its path, because a dot says nothing.
func (s *session) title() string {
	names := slices.Clone(s.dirs)
	for i, d := range names {
		if abs, err := filepath.Abs(d); err == nil && filepath.Clean(d) == "." {
			names[i] = abs
		}
	}
	return strings.Join(names, ", ")
}

func (s *session) keep(r flow.Handle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[r.ID()] = r
}

// Session is the session's own run.
func (s *session) Session() explorer.Run { return s.life }

// Workflows are those that can answer.
func (s *session) Workflows() []flow.Graph {
	var out []flow.Graph
	for _, w := range workflows.All(workflows.Parts{}) {
		out = append(out, w.Graph())
	}
	return out
}

// Run finds a run by its identifier.
func (s *session) Run(id string) (explorer.Run, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.runs[id]
	return r, ok
}

// Ask starts a workflow on a question.
func (s *session) Ask(workflow, question string) (explorer.Run, error) {
	run, err := s.ask(workflow, question)
	if err != nil {
		return nil, err
	}
	s.warnOfFaults(workflow)
	s.talk.follow(run)
	return run, nil
}

func (s *session) ask(workflow, question string) (*flow.Run[show.Answer], error) {
	q := workflows.ParseQuestion(question)
	if q.Text == "" {
		return nil, usageError{errors.New("there is no question: give one, in quotes")}
	}
	model, err := s.detect(s.ctx)
	if err != nil {
		return nil, err
	}
	parts, err := s.parts(model)
	if err != nil {
		return nil, err
	}
	q.Conversation = s.talk.so()
	all := workflows.All(parts)
	for _, w := range all {
		if w.Name() == workflow {
			run, err := w.Start(s.ctx, q, flow.Break(s.stop))
			if err == nil {
				s.keep(run)
			}
			return run, err
		}
	}
	var names []string
	for _, w := range all {
		names = append(names, w.Name())
	}
	return nil, usageError{fmt.Errorf("there is no workflow %q: there are %s", workflow, strings.Join(names, ", "))}
}
