package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adrg/xdg"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/embed"
	"weft/rag/index"
	"weft/rag/llm"
	"weft/rag/load"
	"weft/rag/retrieve"
	"weft/rag/workflows"
	"weft/ui/explorer"
)

// What a session's journal tells. The explorer reads these by their fields.
type (
	// Provider is who answers.
	Provider struct {
		Name     string `json:"name"`
		Model    string `json:"model"`
		Endpoint string `json:"endpoint"`
		Local    bool   `json:"local"`
		Embedder string `json:"embedder"`
		Offline  bool   `json:"offline"`
	}
	// Corpus is what is searched.
	Corpus struct {
		Dir    string `json:"dir"`
		Files  int    `json:"files"`
		Chunks int    `json:"chunks"`
		State  string `json:"state"` // "indexing", "ready" or "failed"
		Error  string `json:"error,omitempty"`
	}
	// Notice is something that a person should know.
	Notice struct {
		Level string `json:"level"` // "info", "warn" or "error"
		Text  string `json:"text"`
	}
	// Opened says that a run has begun that the person did not ask for.
	Opened struct {
		Run      string `json:"run"`
		Workflow string `json:"workflow"`
		Title    string `json:"title"`
	}
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

	opened chan struct{} // closed when index is set, or err
	built  chan struct{} // closed when the corpus is indexed, or err is set
	index  *index.Index
	loader *load.Loader
	err    error // why there is nothing to search; read it after opened or built is closed

	prompts *llm.Prompts
	consent *consents

	mu       sync.Mutex
	runs     map[string]flow.Handle
	provider llm.Provider
	model    *answer.Model
	detected bool
}

// newSession begins a session. It returns at once: the index is opened and brought up to date behind it.
func newSession(ctx context.Context, st *settings, dirs []string) (*session, error) {
	prompts, err := llm.LoadPrompts(st.text("prompts"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &session{
		ctx: ctx, cancel: cancel, settings: st, dirs: dirs, opened: make(chan struct{}), built: make(chan struct{}),
		runs: map[string]flow.Handle{}, prompts: prompts, consent: newConsents(st), loader: load.New(load.Options{}),
	}
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
	s.emit(Corpus{Dir: s.title(), State: "indexing"})
	s.wg.Go(s.buildIndex)
	return s, nil
}

// close ends the session and everything it started.
func (s *session) close() {
	s.cancel()
	<-s.life.Done()
	s.mu.Lock()
	runs := s.runs
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

func (s *session) title() string { return strings.Join(s.dirs, ", ") }

// buildIndex opens the index and brings it up to date, as a run of its own.
func (s *session) buildIndex() {
	fail := func(err error) {
		s.err = err
		s.emit(Corpus{Dir: s.title(), State: "failed", Error: err.Error()})
	}
	defer close(s.built)
	dir, err := indexDir(s.settings, s.dirs)
	if err == nil {
		s.index, err = index.Open(dir, embed.NewHashed(), index.Options{})
	}
	if err != nil {
		fail(err)
		close(s.opened)
		return
	}
	close(s.opened)
	if st := s.index.Status(); st.Rebuilt != "" {
		s.emit(Notice{"warn", "the index is built anew: " + st.Rebuilt})
	}
	run, err := workflows.Index(s.index, index.UpdateOptions{Loader: s.loader}).Start(s.ctx, workflows.Directories{Dirs: s.dirs})
	if err != nil {
		fail(err)
		return
	}
	s.keep(run)
	s.emit(Opened{run.ID(), "index", "index " + s.title()})
	got, err := run.Wait(s.ctx)
	var locked *index.LockedError
	switch {
	case errors.As(err, &locked):
		s.emit(Notice{"warn", err.Error()})
	case err != nil:
		fail(cause(err))
		return
	}
	if got.Warning != "" {
		s.emit(Notice{"warn", got.Warning})
	}
	st := s.index.Status()
	s.emit(Corpus{Dir: s.title(), Files: st.Files, Chunks: st.Chunks, State: "ready"})
}

// cause takes from a run's error what is about the workflow: a reader of the command line wants to know what happened to the corpus.
func cause(err error) error {
	var root *load.RootError
	if errors.As(err, &root) {
		return root
	}
	return err
}

// indexDir is where the index of the directories is kept.
func indexDir(st *settings, dirs []string) (string, error) {
	base := st.text("cache")
	if base == "" {
		base = filepath.Join(xdg.CacheHome, "weft")
	}
	var all []string
	for _, d := range dirs {
		abs, err := filepath.Abs(d)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d, err)
		}
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			abs = real
		}
		all = append(all, abs)
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(all), "\x00")))
	return filepath.Join(base, "index", hex.EncodeToString(sum[:8])), nil
}

func (s *session) keep(r flow.Handle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[r.ID()] = r
}

// detect finds out who answers and tells it if it is somebody else than before.
func (s *session) detect(ctx context.Context) (*answer.Model, error) {
	p, err := llm.Detect(ctx, llm.Settings{
		Offline: s.settings.bool("offline"),
		Flags:   s.settings.endpoint("flag", "environment WEFT_"),
		Getenv:  os.Getenv,
		Config:  s.settings.endpoint("config"),
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	same := s.detected && p.Endpoint == s.provider.Endpoint && p.ChatModel == s.provider.ChatModel
	s.provider, s.detected = p, true
	if same {
		return s.model, nil
	}
	if s.model != nil {
		s.model.Client.Close()
		s.model = nil
	}
	if !p.Offline() {
		client, err := llm.New(p.Apply(s.settings.llm()), nil)
		if err != nil {
			return nil, err
		}
		s.model = &answer.Model{Client: client, Prompts: s.prompts}
		if !p.Local {
			s.model.Gate = s.consent.gate()
		}
	}
	name := p.Name
	if p.Offline() {
		name = "extractive"
	}
	s.emit(Provider{
		Name: name, Model: p.ChatModel, Endpoint: p.Endpoint, Local: p.Local, Embedder: embed.NewHashed().Name(), Offline: p.Offline(),
	})
	if p.Problem != "" {
		s.emit(Notice{"warn", p.Problem})
	}
	return s.model, nil
}

// Session is the session's own run.
func (s *session) Session() explorer.Run { return s.life }

// Workflows are those that can answer.
func (s *session) Workflows() []explorer.Workflow {
	var out []explorer.Workflow
	for _, w := range workflows.All(workflows.Parts{}) {
		graph := w.Graph()
		var steps []string
		for _, st := range graph.Steps {
			steps = append(steps, st.Name)
		}
		out = append(out, explorer.Workflow{Name: w.Name(), Description: w.Description(), Steps: steps, Graph: graph.Mermaid()})
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
	return s.ask(workflow, question)
}

func (s *session) ask(workflow, question string) (*flow.Run[answer.Answer], error) {
	q := workflows.ParseQuestion(question)
	if q.Text == "" {
		return nil, usageError{errors.New("there is no question: give one, in quotes")}
	}
	model, err := s.detect(s.ctx)
	if err != nil {
		return nil, err
	}
	all := workflows.All(workflows.Parts{Search: patient{s}, Model: model, Timeout: s.settings.duration("timeout"), Missing: s.missing})
	for _, w := range all {
		if w.Name() == workflow {
			run, err := w.Start(s.ctx, q)
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

// missing says that the corpus is not indexed as a whole yet.
func (s *session) missing() string {
	select {
	case <-s.built:
		return ""
	default:
		return fmt.Sprintf("the documents were still being indexed: %d passages could be searched", s.index.View().Len())
	}
}

// patience is how long a question waits for the first indexing of a corpus before it is answered from what there is.
const patience = 10 * time.Second

// patient searches the session's index, as soon as there is one.
type patient struct{ s *session }

func (p patient) retriever(ctx context.Context) (*retrieve.Retriever, error) {
	if err := wait(ctx, p.s.opened, 0); err != nil {
		return nil, err
	}
	if p.s.index != nil && p.s.index.View().Len() == 0 {
		if err := wait(ctx, p.s.built, 0); err != nil {
			return nil, err
		}
	}
	if err := wait(ctx, p.s.built, patience); err != nil {
		return nil, err
	}
	if p.s.index == nil || p.s.index.View().Len() == 0 {
		<-p.s.built
		if p.s.err != nil {
			return nil, p.s.err
		}
	}
	return retrieve.New(p.s.index, nil), nil
}

// wait waits for a channel to be closed, but no longer than it may (0: as long as it takes).
func wait(ctx context.Context, ch <-chan struct{}, most time.Duration) error {
	var late <-chan time.Time
	if most > 0 {
		t := time.NewTimer(most)
		defer t.Stop()
		late = t.C
	}
	select {
	case <-ch:
	case <-late:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

func (p patient) Candidates(ctx context.Context, q retrieve.Query) ([]retrieve.Hit, error) {
	r, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	return r.Candidates(ctx, q)
}

func (p patient) Rerank(ctx context.Context, question string, hits []retrieve.Hit, k int) ([]retrieve.Hit, error) {
	r, err := p.retriever(ctx)
	if err != nil {
		return nil, err
	}
	return r.Rerank(ctx, question, hits, k)
}
