package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"weft/flow"
	"weft/flow/remote"
	"weft/flow/show"
	"weft/rag/workflows"
	"weft/ui/explorer"
)

// An attached is the engine of an explorer whose runs are on a server.
type attached struct {
	ctx    context.Context
	cancel context.CancelFunc
	client *remote.Client
	graphs []flow.Graph
	life   *flow.Run[ended]
	emit   func(any)
	talk   conversation

	mu   sync.Mutex
	runs map[string]*attachedRun

	breaking sync.Mutex // held while breakpoints are sent
	breaks   remote.Breakpoints
}

// newAttached returns the engine for a server with these workflows.
func newAttached(ctx context.Context, client *remote.Client, graphs []flow.Graph) (*attached, error) {
	ctx, cancel := context.WithCancel(ctx)
	a := &attached{ctx: ctx, cancel: cancel, client: client, graphs: graphs, runs: map[string]*attachedRun{}}
	var err error
	if a.life, a.emit, err = newLife(ctx); err != nil {
		cancel()
		return nil, err
	}
	a.emit(show.Provider{Name: "server", Endpoint: client.Address()})
	a.emit(show.Corpus{Dir: client.Address(), State: show.CorpusReady})
	if client.Foreign() {
		a.emit(show.Notice{Level: show.Info, Text: "the server is another program's: runs are shown by the events that it sends, with the times at which they arrive"})
	}
	client.OnLink(func(err error) {
		if err == nil {
			a.emit(show.Notice{Level: show.Info, Text: "connected again to " + client.Address()})
			go a.breakAgain()
			return
		}
		a.emit(show.Notice{Level: show.Warning, Text: fmt.Sprintf("the connection to %s is lost and is made again: %v", client.Address(), err)})
	})
	return a, nil
}

// breakAgain sends the breakpoints again to a server that may have been started again.
func (a *attached) breakAgain() {
	a.breaking.Lock()
	defer a.breaking.Unlock()
	if len(a.breaks.Steps)+len(a.breaks.Events) > 0 {
		a.sendBreakpoints()
	}
}

func (a *attached) close() {
	a.cancel()
	<-a.life.Done()
}

// Session implements explorer.Engine.
func (a *attached) Session() explorer.Run { return a.life }

// Workflows implements explorer.Engine.
func (a *attached) Workflows() []flow.Graph { return a.graphs }

// Run implements explorer.Engine.
func (a *attached) Run(id string) (explorer.Run, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, ok := a.runs[id]
	return r, ok
}

// Ask implements explorer.Engine. The server understands follow-ups, because it is sent the last turns
// of the conversation. A foreign server is sent the question alone.
func (a *attached) Ask(workflow, question string) (explorer.Run, error) {
	if a.client.Foreign() {
		run, err := a.client.Ask(a.ctx, workflow, question)
		if err != nil {
			return nil, err
		}
		return a.keep(run), nil
	}
	q := workflows.ParseQuestion(question)
	q.Conversation = a.talk.before(q.Text)
	start, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	run, err := a.client.Start(a.ctx, workflow, start)
	if err != nil {
		return nil, err
	}
	return a.keep(run), nil
}

// Refuses implements explorer.Refuser.
func (a *attached) Refuses(command string) string {
	switch {
	case command == "fault":
		return "faults are set where the server runs"
	case command == "history":
		return "the server has the history of its runs: give one as the second argument of weft attach"
	case !a.client.Foreign():
		return ""
	}
	switch command {
	case "pause", "step.once", "break", "breakpoints":
		return "this server cannot pause a run: only weft's own can"
	case "why":
		return "this server does not say what a run waits for"
	}
	return ""
}

// open announces a run of the server, so that the explorer opens it.
func (a *attached) open(id string) {
	a.keep(a.client.Open(id))
	a.emit(show.Opened{Run: id, Title: "run " + id})
}

func (a *attached) keep(run *remote.Run) *attachedRun {
	r := &attachedRun{Run: run, engine: a, awaits: map[uint64]string{}, open: map[uint64]flow.AwaitWait{}}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runs[run.ID()] = r
	return r
}

// An attachedRun is a run on a server. It implements [explorer.Run].
type attachedRun struct {
	*remote.Run
	engine *attached

	mu     sync.Mutex
	awaits map[uint64]string // the type of the reply to each await
	open   map[uint64]flow.AwaitWait
	ended  bool // it has ended, and its answer, if any, is part of the conversation
}

// Records implements explorer.Run.
func (r *attachedRun) Records(ctx context.Context, after uint64) iter.Seq[flow.Record] {
	return func(yield func(flow.Record) bool) {
		for record, err := range r.Follow(ctx, after) {
			if err != nil {
				if ctx.Err() == nil {
					r.engine.emit(show.Notice{Level: show.Failure, Text: err.Error()})
				}
				return
			}
			r.note(record)
			if !yield(record) {
				return
			}
		}
	}
}

// note keeps what later calls need of a record.
func (r *attachedRun) note(record flow.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case record.Kind == flow.AwaitOpened:
		r.awaits[record.Event] = record.Type
		r.open[record.Event] = flow.AwaitWait{ID: record.Event, Step: record.Step, Execution: record.Execution, Type: record.Type}
	case record.Kind == flow.AwaitResolved:
		delete(r.open, record.Event)
	case (record.Kind == flow.RunFailed || record.Kind == flow.RunCancelled) && record.Run == r.ID():
		r.ended = true
	case record.Kind == flow.RunFinished && record.Run == r.ID() && !r.ended:
		r.ended = true
		var answer show.Answer
		if raw, err := record.JSON(); err == nil && json.Unmarshal(raw, &answer) == nil {
			r.engine.talk.add(answer)
		}
	}
}

// replyWithin limits how long the server may take for a reply or a cancel.
const replyWithin = 30 * time.Second

// Reply implements explorer.Run.
func (r *attachedRun) Reply(await uint64, reply any) error {
	payload, err := json.Marshal(reply)
	if err != nil {
		return err
	}
	r.mu.Lock()
	typ := r.awaits[await]
	r.mu.Unlock()
	ctx, stop := context.WithTimeout(r.engine.ctx, replyWithin)
	defer stop()
	return r.Run.Reply(ctx, await, typ, payload)
}

// SendJSON implements explorer.Run.
func (r *attachedRun) SendJSON(typeName string, payload json.RawMessage) error {
	ctx, stop := context.WithTimeout(r.engine.ctx, replyWithin)
	defer stop()
	return r.Run.SendJSON(ctx, typeName, payload)
}

// Cancel implements explorer.Run. It does not wait for the server.
func (r *attachedRun) Cancel(error) {
	go func() {
		ctx, stop := context.WithTimeout(r.engine.ctx, replyWithin)
		defer stop()
		if err := r.Run.Cancel(ctx); err != nil && r.engine.ctx.Err() == nil {
			r.engine.emit(show.Notice{Level: show.Failure, Text: "the run could not be cancelled: " + err.Error()})
		}
	}()
}

// Pause implements explorer.Run.
func (r *attachedRun) Pause() { r.control("paused", r.Run.Pause) }

// Continue implements explorer.Run.
func (r *attachedRun) Continue() { r.control("continued", r.Run.Continue) }

// StepOnce implements explorer.Run.
func (r *attachedRun) StepOnce() { r.control("stepped through", r.Run.StepOnce) }

// control asks the server to do something with the run, and announces a failure.
func (r *attachedRun) control(what string, do func(context.Context) error) {
	ctx, stop := context.WithTimeout(r.engine.ctx, replyWithin)
	defer stop()
	if err := do(ctx); err != nil && r.engine.ctx.Err() == nil {
		r.engine.emit(show.Notice{Level: show.Failure, Text: "the run could not be " + what + ": " + err.Error()})
	}
}

// Explain implements explorer.Run. If the server does not explain runs, it returns the open awaits
// only.
func (r *attachedRun) Explain() flow.Explanation {
	if r.engine.client.Foreign() {
		return r.fromRecords()
	}
	ctx, stop := context.WithTimeout(r.engine.ctx, replyWithin)
	defer stop()
	explained, err := r.Run.Explain(ctx)
	if err != nil {
		return r.fromRecords()
	}
	return explained
}

// fromRecords describes what the run waits for, as far as the records received so far show it.
func (r *attachedRun) fromRecords() flow.Explanation {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := flow.Explanation{Run: r.ID()}
	for _, id := range slices.Sorted(maps.Keys(r.open)) {
		e.Awaits = append(e.Awaits, r.open[id])
	}
	return e
}

// SetBreakpoints implements explorer.RemoteBreaker.
func (a *attached) SetBreakpoints(steps, events []string) {
	a.breaking.Lock()
	defer a.breaking.Unlock()
	a.breaks = remote.Breakpoints{Steps: steps, Events: events}
	a.client.SetBreakpoints(a.breaks)
	a.sendBreakpoints()
}

// sendBreakpoints sends the breakpoints to all runs that have not ended. The caller holds
// a.breaking.
func (a *attached) sendBreakpoints() {
	a.mu.Lock()
	runs := slices.Collect(maps.Values(a.runs))
	a.mu.Unlock()
	for _, r := range runs {
		r.mu.Lock()
		ended := r.ended
		r.mu.Unlock()
		if !ended {
			r.control("given its breakpoints", func(ctx context.Context) error { return r.Run.SetBreakpoints(ctx, a.breaks) })
		}
	}
}
