package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/mcpserver"
	"weft/rag/tools"
	"weft/rag/workflows"
	"weft/ui/history"
)

// Bounds of what is kept in memory for agents: a server may run for weeks.
const (
	mostConversations = 200 // the oldest are forgotten
	mostEnded         = 64  // runs that have ended; older ones are read from the store
)

// agentRuns are the runs that agents start in a session. It implements [mcpserver.Runs].
type agentRuns struct {
	s *session

	mu            sync.Mutex
	conversations map[string]*conversation // by the identifier of its first run
	order         []string                 // of conversations, the oldest first
	ended         []string                 // runs in memory, the oldest first
}

func newAgentRuns(s *session) *agentRuns {
	return &agentRuns{s: s, conversations: map[string]*conversation{}}
}

// Start implements [mcpserver.Runs]. Documents are sent only to endpoints that a person has allowed,
// because an agent cannot consent for one.
func (a *agentRuns) Start(_ context.Context, ask mcpserver.Ask) (mcpserver.Started, error) {
	talk := &conversation{origin: ask.Client}
	if ask.Conversation != "" {
		a.mu.Lock()
		known := a.conversations[ask.Conversation]
		a.mu.Unlock()
		if known == nil {
			return mcpserver.Started{}, &tools.Error{Reason: "there is no conversation " + ask.Conversation, Advice: "leave it out, and ask a question that is complete in itself"}
		}
		talk = known
	}
	model, err := a.s.models.detect(a.s.ctx)
	if err != nil {
		return mcpserver.Started{}, err
	}
	p, _ := a.s.models.current()
	degraded := a.s.models.refusal()
	if model != nil && !a.s.models.trusted(p) {
		model = nil
		degraded = fmt.Sprintf("no model was asked, because documents may not be sent to %s: allow it with --allow %s", p.Endpoint, p.Endpoint)
	}
	workflow := ask.Workflow
	if workflow == "" {
		workflow = a.s.settings.Workflow.value
	}
	typed := ask.Question.Text
	for _, scope := range ask.Question.Scope {
		typed = "@" + scope + " " + typed
	}
	ask.Question.Text = strings.TrimSpace(ask.Question.Text)
	run, err := a.s.startIn(talk, workflow, ask.Question, typed, model)
	if err != nil {
		return mcpserver.Started{}, err
	}
	talk.follow(run)
	a.remember(talk)
	a.release(run)
	return mcpserver.Started{Run: run, Conversation: talk.talkID(), Degraded: degraded}, nil
}

// remember keeps a conversation, and forgets the oldest beyond the bound.
func (a *agentRuns) remember(talk *conversation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := talk.talkID()
	if _, known := a.conversations[id]; known {
		return
	}
	a.conversations[id] = talk
	a.order = append(a.order, id)
	if n := len(a.order) - mostConversations; n > 0 {
		delete(a.conversations, a.order[0])
		a.order = a.order[1:]
	}
}

// release lets go of the oldest runs beyond the bound once a run has ended.
func (a *agentRuns) release(run *flow.Run[show.Answer]) {
	a.s.wg.Go(func() {
		<-run.Done()
		a.mu.Lock()
		a.ended = append(a.ended, run.ID())
		oldest := ""
		if len(a.ended) > mostEnded {
			oldest, a.ended = a.ended[0], a.ended[1:]
		}
		a.mu.Unlock()
		if oldest != "" {
			a.s.runs.forget(oldest)
		}
	})
}

// Open implements [mcpserver.Runs].
func (a *agentRuns) Open(_ context.Context, id string) (flow.Handle, error) {
	if run, ok := a.s.runs.find(id); ok {
		return run, nil
	}
	found, err := a.find(id)
	switch {
	case err != nil:
		return nil, err
	case found.Outcome.Ended():
		return nil, fmt.Errorf("run %s has ended", id)
	case found.Owner != nil:
		return nil, &tools.Error{Reason: "another process has run " + id, Advice: "wait until it has ended"}
	}
	resumed, err := a.s.resume(found.ID)
	if err != nil {
		return nil, err
	}
	a.release(resumed)
	return resumed, nil
}

// find returns a kept run about the session's documents.
func (a *agentRuns) find(id string) (history.Run, error) {
	unknown := &tools.Error{Reason: "there is no run " + id, Advice: "give the run of an earlier result"}
	store, err := a.s.keeping.store()
	if err != nil {
		return history.Run{}, unknown
	}
	found, err := store.Find(id)
	if errors.Is(err, history.ErrUnknown) || err == nil && (found.Directory != a.s.corpus.directory() || found.ID != id) {
		return history.Run{}, unknown // an agent sees nothing of other directories
	}
	return found, err
}

// Kept implements [mcpserver.Runs].
func (a *agentRuns) Kept(id string) (mcpserver.Kept, error) {
	if run, ok := a.s.runs.find(id); ok {
		now, stop := context.WithCancel(context.Background())
		stop() // only the records that there are
		var records []flow.Record
		for r := range run.Records(now, 0) {
			records = append(records, r)
		}
		summary := history.Summarise(flow.Header{Run: id, Workflow: run.Workflow()}, records)
		if summary.Outcome == history.Interrupted { // the records do not show that this process owns the run
			summary.Outcome = history.Running
		}
		return knownOf(summary, records), nil
	}
	found, err := a.find(id)
	if err != nil {
		return mcpserver.Kept{}, err
	}
	store, err := a.s.keeping.store()
	if err != nil {
		return mcpserver.Kept{}, err
	}
	file, err := store.Read(found.ID)
	if err != nil {
		return mcpserver.Kept{}, err
	}
	return knownOf(found, file.Records), nil
}

// knownOf returns what is kept of a run.
func knownOf(r history.Run, records []flow.Record) mcpserver.Kept {
	k := mcpserver.Kept{ID: r.ID, Workflow: r.Workflow, Question: r.Question, Outcome: string(r.Outcome),
		Reason: r.Reason, Ended: r.Outcome.Ended()}
	if n := len(records); n > 0 && records[n-1].Kind == flow.RunFinished {
		k.Result, _ = records[n-1].JSON() // a result that is no JSON is not shown
	}
	return k
}

// Workflows implements [mcpserver.Runs].
func (a *agentRuns) Workflows() (all []flow.Definition) {
	for _, w := range workflows.All(workflows.Parts{}) {
		all = append(all, w)
	}
	return all
}

// Corpus implements [mcpserver.Runs].
func (a *agentRuns) Corpus() mcpserver.Corpus {
	c := mcpserver.Corpus{Title: a.s.corpus.title(), Unread: a.s.corpus.unread()}
	select {
	case <-a.s.corpus.opened:
		if a.s.corpus.index == nil {
			c.Missing = a.s.corpus.err.Error()
		} else {
			c.Missing = a.s.corpus.missing()
		}
	default:
		c.Missing = "the documents are being indexed"
	}
	provider, _ := a.s.models.current()
	c.Model = provider.ChatModel
	return c
}
