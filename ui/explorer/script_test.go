package explorer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"sync"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// A journalRun is a run whose journal is written by the test, one record at a time.
type journalRun struct {
	id      string
	mu      sync.Mutex
	recs    []flow.Record
	more    chan struct{}
	over    bool
	replies []string
	cancel  func(error)
	graph   flow.Graph // of a workflow that answers no questions
}

func newJournalRun(id string) *journalRun { return &journalRun{id: id, more: make(chan struct{})} }

func (r *journalRun) ID() string { return r.id }

func (r *journalRun) Graph() flow.Graph { return r.graph }

func (r *journalRun) write(rec flow.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	rec.Seq, rec.Run = uint64(len(r.recs)+1), r.id
	if rec.Time.IsZero() {
		rec.Time = time.Now()
	}
	r.recs = append(r.recs, rec)
	if k := rec.Kind; k == flow.RunFinished || k == flow.RunFailed || k == flow.RunCancelled {
		r.over = true
	}
	close(r.more)
	r.more = make(chan struct{})
}

func (r *journalRun) Records(ctx context.Context, after uint64) iter.Seq[flow.Record] {
	return func(yield func(flow.Record) bool) {
		for i := int(after); ; i++ {
			r.mu.Lock()
			for i >= len(r.recs) {
				if r.over {
					r.mu.Unlock()
					return
				}
				more := r.more
				r.mu.Unlock()
				select {
				case <-more:
				case <-ctx.Done():
					return
				}
				r.mu.Lock()
			}
			rec := r.recs[i]
			r.mu.Unlock()
			if !yield(rec) {
				return
			}
		}
	}
}

func (r *journalRun) Cancel(cause error) {
	if r.cancel != nil {
		r.cancel(cause)
	}
	r.write(flow.Record{Kind: flow.RunCancelled, Error: cause.Error()})
}

func (r *journalRun) SendJSON(typeName string, payload json.RawMessage) error {
	r.mu.Lock()
	r.replies = append(r.replies, typeName+" "+string(payload))
	r.mu.Unlock()
	return nil
}

func (r *journalRun) Reply(_ uint64, reply any) error {
	return r.SendJSON("Approval", reply.(json.RawMessage))
}

func (r *journalRun) Pause()    {}
func (r *journalRun) Continue() {}
func (r *journalRun) StepOnce() {}

func (r *journalRun) Explain() flow.Explanation {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := flow.Explanation{Run: r.id}
	for _, rec := range r.recs {
		switch rec.Kind {
		case flow.AwaitOpened:
			e.Awaits = []flow.AwaitWait{{Step: rec.Step, Execution: rec.Execution, Type: rec.Type}}
		case flow.AwaitResolved:
			e.Awaits = nil
		}
	}
	return e
}

// A scripted engine answers questions with runs that the test writes.
type scripted struct {
	indexGraph flow.Graph // of the indexing run; empty: it is not known
	session    *journalRun
	mu         sync.Mutex
	runs       map[string]*journalRun
	asked      int
	// play writes the records of a run, in a goroutine of its own.
	play func(r *journalRun, workflow, question string)
}

func newScripted(play func(r *journalRun, workflow, question string)) *scripted {
	return &scripted{session: newJournalRun("session"), runs: map[string]*journalRun{}, play: play}
}

func (e *scripted) Session() Run { return e.session }

func (e *scripted) Workflows() []flow.Graph {
	return []flow.Graph{
		chain("rag", "retrieve → rerank → synthesize", "Query", "retrieve", "Retrieved", "rerank", "Ranked", "synthesize", "Answer"),
		chain("simple", "one step: the model alone", "Query", "generate", "Answer"),
		chain("approve", "you choose the sources first", "Query", "retrieve", "Retrieved", "approve", "Approved", "synthesize", "Answer"),
	}
}

// chain is the graph of steps one after the other: event, step, event, step … event.
func chain(name, about string, parts ...string) flow.Graph {
	g := flow.Graph{Name: name, Description: about, Start: parts[0], Stop: parts[len(parts)-1]}
	before := ""
	for i := 1; i < len(parts); i += 2 {
		g.Steps = append(g.Steps, flow.GraphStep{Name: parts[i], Kind: "step", Workers: 4, Takes: []string{parts[i-1]}, Gives: []string{parts[i+1]}})
		g.Edges = append(g.Edges, flow.Edge{From: before, Event: parts[i-1], To: parts[i], Kind: "event"})
		before = parts[i]
	}
	g.Edges = append(g.Edges, flow.Edge{From: before, Event: g.Stop, Kind: "event"})
	return g
}

func (e *scripted) Ask(workflow, question string) (Run, error) {
	if strings.Contains(question, "refused") {
		return nil, errors.New("the folder is not indexed yet; wait for it")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked++
	r := newJournalRun(fmt.Sprintf("%s-%d", workflow, e.asked))
	e.runs[r.id] = r
	tell(e.session, show.Opened{Run: r.id, Workflow: workflow, Title: "asked: " + question})
	if e.play != nil {
		go e.play(r, workflow, question)
	}
	return r, nil
}

func (e *scripted) Run(id string) (Run, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.runs[id]
	return r, ok
}

// tell emits an event for readers in a run.
func tell(r *journalRun, ev any) {
	r.write(flow.Record{Kind: flow.EventEmitted, Type: reflect.TypeOf(ev).Name(), Payload: ev})
}

// introduce emits the first events of a session.
func (e *scripted) introduce(offline bool) {
	tell(e.session, show.Provider{Name: "offline", Model: "extractive", Embedder: "hashed", Offline: offline, Local: true})
}

func (e *scripted) ready() {
	tell(e.session, show.Corpus{Dir: "~/docs", Files: 204, Chunks: 18230, State: show.CorpusReady})
}

// startIndex opens an indexing run and leaves it to the caller.
func (e *scripted) startIndex() *journalRun {
	tell(e.session, show.Corpus{Dir: "~/docs", State: show.CorpusIndexing})
	r := newJournalRun("index-1")
	r.graph = e.indexGraph
	e.mu.Lock()
	e.runs[r.id] = r
	e.mu.Unlock()
	r.write(flow.Record{Kind: flow.RunStarted, Step: "index", Event: 1, Type: "Index", Payload: map[string]any{"dir": "~/docs"}})
	r.write(flow.Record{Kind: flow.StepStarted, Step: "scan", Execution: 2, Worker: 1, Attempt: 1, Cause: 1})
	tell(e.session, show.Opened{Run: r.id, Workflow: "index", Title: "indexing ~/docs"})
	return r
}

func indexed(r *journalRun, done, total, chunks int) {
	r.write(flow.Record{Kind: flow.EventEmitted, Execution: 2, Step: "scan", Attempt: 1, Type: show.TypeProgress, Payload: show.Progress{Message: "guides/retry.md", Done: done, Total: total, Unit: "files", Phase: show.PhaseRead}})
	r.write(flow.Record{Kind: flow.EventEmitted, Execution: 2, Step: "scan", Attempt: 1, Type: show.TypeProgress, Payload: show.Progress{Done: chunks, Unit: "passages", Phase: show.PhaseSplit}})
}

const answerText = `Retries use **exponential backoff with jitter** [1]: the first retry waits 0.5 s, then doubles up to a 30 s cap [2].

- ` + "`MaxAttempts`" + ` defaults to 5 [1]
- a *non-retryable* error stops the run at once [3]

` + "```go\npolicy := flow.Retry{MaxAttempts: 5, First: 500 * time.Millisecond}\n```"

func hits(n int) []map[string]any {
	all := []map[string]any{
		{"path": "docs/retry.md", "line": 12, "end_line": 30, "heading": []string{"Retries", "Back-off"}, "score": 0.93, "text": "The first retry waits 0.5 s and every other one twice as long,\nup to 30 s."},
		{"path": "docs/config.md", "line": 88, "end_line": 91, "heading": []string{"Configuration"}, "score": 0.84, "text": "retry.cap = 30s"},
		{"path": "docs/errors.md", "line": 7, "end_line": 19, "heading": []string{"Errors", "What is not retried"}, "score": 0.79, "text": "A permanent error is never retried."},
		{"path": "docs/guides/operations/running-behind-a-proxy.md", "line": 140, "end_line": 155, "heading": []string{"Operations"}, "score": 0.61, "text": "…"},
		{"path": "manual.pdf", "place": "page 12", "score": 0.44, "text": "…"},
	}
	for i := range all {
		all[i]["n"] = i + 1
	}
	return all[:n]
}

// A teller writes a rag run step by step.
type teller struct {
	r        *journalRun
	question string
}

func (s teller) begin(workflow string) {
	s.r.write(flow.Record{Kind: flow.RunStarted, Step: workflow, Event: 1, Type: "Query", Payload: map[string]any{"question": s.question}})
}

func (s teller) start(step string, exec, cause uint64) {
	s.r.write(flow.Record{Kind: flow.StepStarted, Step: step, Execution: exec, Worker: 1, Attempt: 1, Cause: cause})
}

func (s teller) finish(step string, exec uint64) {
	s.r.write(flow.Record{Kind: flow.StepFinished, Step: step, Execution: exec, Worker: 1, Attempt: 1})
}

func (s teller) send(typ string, event, by uint64, payload any) {
	s.r.write(flow.Record{Kind: flow.EventSent, Event: event, Cause: by, Type: typ, Payload: payload})
}

func (s teller) delta(exec uint64, text string) {
	s.r.write(flow.Record{Kind: flow.EventEmitted, Step: "synthesize", Execution: exec, Attempt: 1, Type: "Delta", Payload: map[string]any{"text": text}})
}

func (s teller) answer(by uint64) {
	src := hits(3)
	for _, h := range src {
		h["cited"] = true
	}
	s.r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: by, Type: "Answer", Payload: map[string]any{
		"question": s.question, "text": answerText, "sources": src, "by": "extractive", "usage": map[string]any{"prompt_tokens": 3100, "completion_tokens": 412}}})
}

// playRag writes a whole run at the pace of a real one.
func playRag(pause func(time.Duration)) func(r *journalRun, workflow, question string) {
	return func(r *journalRun, workflow, question string) {
		s := teller{r, question}
		s.begin(workflow)
		s.start("retrieve", 2, 1)
		pause(403 * time.Millisecond)
		s.send("Retrieved", 3, 2, map[string]any{"query": question, "passages": hits(5)})
		s.finish("retrieve", 2)
		s.start("rerank", 4, 3)
		pause(301 * time.Millisecond)
		s.send("Ranked", 5, 4, map[string]any{"passages": hits(3)})
		s.finish("rerank", 4)
		s.start("synthesize", 6, 5)
		if strings.Contains(question, "fail") {
			pause(207 * time.Millisecond)
			s.delta(6, "Retries use ")
			r.write(flow.Record{Kind: flow.StepFailed, Step: "synthesize", Execution: 6, Worker: 1, Attempt: 1, Error: "the model server said 401: the key was not accepted; set OPENAI_API_KEY"})
			r.write(flow.Record{Kind: flow.RunFailed, Step: "synthesize", Cause: 6, Error: "step synthesize: the model server said 401: the key was not accepted; set OPENAI_API_KEY"})
			return
		}
		if workflow == "approve" {
			pause(45 * time.Millisecond) // the step is visible as running
			r.write(flow.Record{Kind: flow.AwaitOpened, Step: "approve", Execution: 6, Event: 7, Type: "Approval", Payload: map[string]any{"key": "sources", "prompt": map[string]any{
				"text": "Which sources should the answer use?", "schema": json.RawMessage(`{"type":"object","required":["keep","query"],"properties":{
					"query":{"type":"string","title":"question"},
					"keep":{"type":"array","title":"sources","items":{"oneOf":[{"const":1,"title":"docs/retry.md:12–30"},{"const":2,"title":"docs/config.md:88–91"},{"const":3,"title":"docs/errors.md:7–19"}]},"default":[1,2,3]}}}`),
				"default": map[string]any{"query": question}}}})
			for range 600 {
				pause(100 * time.Millisecond)
				r.mu.Lock()
				n := len(r.replies)
				r.mu.Unlock()
				if n > 0 {
					break
				}
			}
			r.write(flow.Record{Kind: flow.AwaitResolved, Step: "approve", Execution: 6, Event: 7})
		}
		for text := answerText; text != ""; {
			n := min(6, len(text))
			s.delta(6, text[:n])
			text = text[n:]
			pause(23 * time.Millisecond)
		}
		s.finish("synthesize", 6)
		s.answer(6)
	}
}
