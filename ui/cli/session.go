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
	"weft/rag/chunk"
	"weft/rag/embed/vectorstore"
	"weft/rag/index"
	"weft/rag/llm"
	"weft/rag/llm/dialect"
	"weft/rag/load"
	"weft/rag/outside"
	"weft/rag/retrieve"
	"weft/rag/workflows"
	"weft/ui/explorer"
)

// The start and stop events of a session.
type (
	begun struct{}
	ended struct{}
)

// A session holds a corpus, a provider and the runs that were started, for the lifetime of the
// program. It is itself a run: its only step lasts until the session ends and emits the session's
// events, so viewers read them as they read the records of any run.
type session struct {
	ctx      context.Context
	settings *settings
	dirs     []string
	own      []string // weft's directories, which are not documents: cache and state
	life     *flow.Run[ended]
	// misplaced says where weft's files are if that is not where they are expected.
	misplaced string
	emit      func(any)
	wg        sync.WaitGroup
	cancel    context.CancelFunc

	opened chan struct{} // closed when index or err is set
	// words is closed when the whole corpus can be found by its words, or err is set.
	words chan struct{}
	// built is closed when the corpus is indexed, vectors included, or err is set.
	built         chan struct{}
	wordsReady    func()    // closes words
	indexingSince time.Time // when indexing began
	wordsReadyAt  time.Time // when words was closed
	index         *index.Index
	// indexProgress is how far indexing is: first in bytes of the existing index that are opened,
	// then in files, and at the end in passages.
	indexProgress atomic.Pointer[show.Progress]
	loader        *load.Loader
	vectors       *vectorstore.Store // of all directories, by the text that was embedded
	// patience is how long questions wait for the index.
	patience patience
	// listed limits how many of the left-out files are listed. 0 means the default.
	listed int
	// err is why there is nothing to search. Read it only after opened or built is closed.
	err error

	prompts      *llm.Prompts
	dialects     *dialect.Store // what was learned about models
	consent      *consents
	choices      *modelChoices
	questions    *questionFile  // where asked questions are stored; nil: nowhere
	budget       *answer.Budget // limits the whole session
	conversation conversation
	keeper       func() *keeper // keeps runs; its result may be nil
	unkept       error          // why keeper returns nil; it may be read after a call of keeper
	// stop holds the breakpoints. If it is nil, there are none.
	stop func(step, event string) bool

	troubles troubles

	mu       sync.Mutex
	runs     map[string]flow.Handle
	provider llm.Provider
	model    *answer.Model
	others   []*llm.Client    // of models that were asked beside the one in use
	programs *outside.Servers // programs that have tools for the workflow agent; nil: none
	detected bool
	rerank   retrieve.Reranker // the reranker of the provider, if it has one
	probed   bool              // whether the provider was asked for a reranker
	// injected holds the faults set on the screen, by step. They override those of the settings.
	injected map[string]string
	warned   string // the last announced problem with the index
	// indexed is the result of the last update of the index.
	indexed show.Indexed
	// profiled holds the settings with the profile chosen on the screen; nil: those of the start.
	profiled *settings
	// notUsed says why a server that was found is not used; "": there is none.
	notUsed string
}

// newSession starts a session on directories. It returns at once; the index is opened and updated
// in the background.
func newSession(ctx context.Context, st *settings, dirs []string) (*session, error) {
	s, err := bareSession(ctx, st)
	if err != nil {
		return nil, err
	}
	s.open(dirs)
	return s, nil
}

// open starts indexing the session's corpus.
func (s *session) open(dirs []string) {
	s.dirs, s.indexingSince = dirs, time.Now()
	if s.misplaced = misplaced(s.settings, dirs); s.misplaced != "" {
		s.emit(show.Notice{Level: show.Warning, Text: s.misplaced})
	}
	s.emit(show.Corpus{Dir: s.title(), State: show.CorpusIndexing})
	s.wg.Go(s.buildIndex)
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
	s := &session{
		ctx: ctx, cancel: cancel, settings: st, own: ownPlaces(cache, stateDir(st)), opened: make(chan struct{}),
		keeper: func() *keeper { return nil }, unkept: errNotKept,
		words: make(chan struct{}), built: make(chan struct{}),
		runs: map[string]flow.Handle{}, injected: map[string]string{},
		prompts: prompts, consent: newConsents(st), choices: newModelChoices(st),
		budget: &answer.Budget{Of: "session", Tokens: st.SessionTokens.value, Cost: st.SessionCost.value}, dialects: newDialects(st),
		loader: load.New(load.Options{CacheDir: filepath.Join(cache, "pdf"),
			Generated: st.Generated.value, Secrets: st.Secrets.value,
			OCR: st.OCR.value, Transcribe: st.Transcribe.value}),
	}
	s.wordsReady = sync.OnceFunc(func() { s.wordsReadyAt = time.Now(); close(s.words) })
	if s.life, s.emit, err = newLife(ctx); err != nil {
		cancel()
		return nil, err
	}
	for _, err := range []error{s.consent.unread, s.choices.unread} {
		if err != nil {
			s.trouble(err)
		}
	}
	s.vectors = vectorstore.New(filepath.Join(cache, "vectors"), s.trouble)
	s.dialects.OnError(s.trouble)
	return s, nil
}

// newLife starts the run that a session is, which lasts until ctx ends, and returns the function that
// emits an event of it.
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
	s.mu.Lock()
	runs := slices.Collect(maps.Values(s.runs))
	s.mu.Unlock()
	for _, r := range runs { // the end of the context has cancelled or suspended them
		<-r.Done()
	}
	s.wg.Wait()
	s.keeper().close()
	s.loader.Close()
	if s.index != nil {
		s.index.Close()
	}
	if s.model != nil {
		s.model.Client.Close()
	}
	for _, c := range s.others {
		c.Close()
	}
	if s.programs != nil {
		s.programs.Close()
	}
}

// title returns the names of the directories. The current directory is given by its absolute path,
// because "." means nothing on the screen.
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

// Session returns the session's own run.
func (s *session) Session() explorer.Run { return s.life }

// Workflows returns the graphs of all workflows that answer questions.
func (s *session) Workflows() []flow.Graph {
	var out []flow.Graph
	for _, w := range workflows.All(workflows.Parts{}) {
		out = append(out, w.Graph())
	}
	return out
}

// Run returns the run with an identifier.
func (s *session) Run(id string) (explorer.Run, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.runs[id]
	return r, ok
}

// Ask starts a workflow on a question.
func (s *session) Ask(workflow, question string) (explorer.Run, error) {
	s.remember(question)
	return s.followed(workflow)(s.ask(workflow, question))
}

// remember stores a question for the next start. A failure is announced, and does not stop the question.
func (s *session) remember(question string) {
	if s.questions == nil {
		return
	}
	if err := s.questions.add(strings.TrimSpace(question)); err != nil {
		s.warn("the question could not be saved for the next start: " + err.Error())
	}
}

// AskOffline starts a workflow on a question and leaves the model out.
func (s *session) AskOffline(workflow, question string) (explorer.Run, error) {
	s.remember(question)
	return s.followed(workflow)(s.start(workflow, question, nil))
}

// AskTyped starts a workflow on a question exactly as typed.
func (s *session) AskTyped(workflow, question string) (explorer.Run, error) {
	s.remember(question)
	model, err := s.detect(s.ctx)
	if err != nil {
		return nil, err
	}
	q := workflows.ParseQuestion(question)
	q.AsTyped = true
	return s.followed(workflow)(s.startIn(&s.conversation, workflow, q, question, model))
}

// NewTalk makes the next question the first of a new conversation.
func (s *session) NewTalk() { s.conversation.restart() }

// Paths returns the paths of the documents that can be searched, sorted.
func (s *session) Paths() []string {
	select {
	case <-s.opened:
	default:
		return nil // the index is not open yet
	}
	if s.index == nil {
		return nil
	}
	seen := map[string]bool{}
	s.index.View().Each(func(_ index.ID, c *chunk.Chunk) { seen[c.Path] = true })
	return slices.Sorted(maps.Keys(seen))
}

// followed makes a run that was started a part of the conversation.
func (s *session) followed(workflow string) func(*flow.Run[show.Answer], error) (explorer.Run, error) {
	return func(run *flow.Run[show.Answer], err error) (explorer.Run, error) {
		if err != nil {
			return nil, err
		}
		s.warnOfFaults(workflow)
		s.conversation.follow(run)
		return run, nil
	}
}

func (s *session) ask(workflow, question string) (*flow.Run[show.Answer], error) {
	model, err := s.detect(s.ctx)
	if err != nil {
		return nil, err
	}
	return s.start(workflow, question, model)
}

// start starts a workflow on a question. model may be nil: then the answer is extractive.
func (s *session) start(workflow, question string, model *answer.Model) (*flow.Run[show.Answer], error) {
	return s.startIn(&s.conversation, workflow, workflows.ParseQuestion(question), question, model)
}

// startIn starts a workflow on a question of a conversation. typed is the question as the person has
// typed it.
func (s *session) startIn(c *conversation, workflow string, q workflows.Question, typed string,
	model *answer.Model) (*flow.Run[show.Answer], error) {
	if q.Text == "" {
		return nil, usageError{errors.New("there is no question: give one, in quotes")}
	}
	parts, err := s.parts(s.limited(model))
	if err != nil {
		return nil, err
	}
	q.Conversation = append(q.Conversation, c.before(q.Text)...)
	if workflows.Revises(q) {
		workflow = workflows.Revise(parts).Name()
	}
	w, err := findWorkflow(parts, workflow)
	if err != nil {
		return nil, err
	}
	return s.keptIn(c, s.labels(typed, model), func(opts ...flow.RunOption) (*flow.Run[show.Answer], error) {
		return w.Start(s.ctx, q, append(opts, flow.Breakpoints(s.stop))...)
	})
}

// limited returns a model with the budget of one question; nil stays nil.
func (s *session) limited(model *answer.Model) *answer.Model {
	if model == nil {
		return nil
	}
	limited := *model
	limited.Budget = &answer.Budget{Of: "question", Tokens: s.settings.QuestionTokens.value,
		Cost: s.settings.QuestionCost.value, Within: s.budget}
	return &limited
}

// findWorkflow returns the workflow of a name, made of parts.
func findWorkflow(parts workflows.Parts, name string) (*workflows.Workflow, error) {
	all := append(workflows.All(parts), workflows.Revise(parts))
	for _, w := range all {
		if w.Name() == name {
			return w, nil
		}
	}
	if name == evalName {
		return nil, errors.New("an evaluation asks many questions: ask them again with weft eval")
	}
	var names []string
	for _, w := range all {
		names = append(names, w.Name())
	}
	return nil, usageError{fmt.Errorf("there is no workflow %q: there are %s", name, strings.Join(names, ", "))}
}
