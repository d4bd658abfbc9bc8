package cli

import (
	"fmt"
	"slices"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/workflows"
	"weft/ui/explorer"
	"weft/ui/export"
	"weft/ui/fork"
	"weft/ui/history"
)

// An engine is a session as the explorer shows and drives it. It implements [explorer.Engine] and
// the interfaces for what an engine may be able to do: the methods about kept runs are in past.go,
// those about the choice of models in choose.go.
type engine struct {
	s         *session
	questions *questionFile // where asked questions are stored; nil: nowhere
}

// The explorer asks for most of these interfaces by a type assertion: without this, a method with
// another signature would only take its command away.
var _ interface {
	explorer.Engine
	explorer.OfflineAsker
	explorer.TypedAsker
	explorer.TalkStarter
	explorer.TalkContinuer
	explorer.Breaker
	explorer.FaultInjector
	explorer.ModelAsker
	explorer.Pricer
	explorer.Chooser
	explorer.PathLister
	explorer.Forker
	explorer.Importer
	explorer.Saver
} = (*engine)(nil)

// Session returns the session's own run.
func (e *engine) Session() explorer.Run { return e.s.life }

// Workflows returns the graphs of all workflows that answer questions.
func (e *engine) Workflows() []flow.Graph { return graphs() }

// Run returns the run with an identifier.
func (e *engine) Run(id string) (explorer.Run, bool) {
	run, ok := e.s.runs.find(id)
	return run, ok
}

// Ask starts a workflow on a question.
func (e *engine) Ask(workflow, question string) (explorer.Run, error) {
	e.remember(question)
	return e.followed(workflow)(e.s.ask(workflow, question))
}

// AskOffline starts a workflow on a question and leaves the model out.
func (e *engine) AskOffline(workflow, question string) (explorer.Run, error) {
	e.remember(question)
	return e.followed(workflow)(e.s.start(workflow, question, nil))
}

// AskTyped starts a workflow on a question exactly as typed.
func (e *engine) AskTyped(workflow, question string) (explorer.Run, error) {
	e.remember(question)
	model, err := e.s.models.detect(e.s.ctx)
	if err != nil {
		return nil, err
	}
	q := workflows.ParseQuestion(question)
	q.AsTyped = true
	return e.followed(workflow)(e.s.startIn(&e.s.conversation, workflow, q, question, model))
}

// AskModel starts a workflow on a question with a model other than the one in use.
func (e *engine) AskModel(workflow, question, model string) (explorer.Run, error) {
	m, err := e.s.models.other(e.s.ctx, model)
	if err != nil {
		return nil, err
	}
	e.remember(question)
	return e.followed(workflow)(e.s.start(workflow, question, m))
}

// followed makes a run that was started a part of the conversation.
func (e *engine) followed(workflow string) func(*flow.Run[show.Answer], error) (explorer.Run, error) {
	return func(run *flow.Run[show.Answer], err error) (explorer.Run, error) {
		if err != nil {
			return nil, err
		}
		e.warnOfFaults(workflow)
		e.s.conversation.follow(run)
		return run, nil
	}
}

// warnOfFaults announces a fault that has no effect in a workflow. This is not an error, because
// the next question may use another workflow.
func (e *engine) warnOfFaults(workflow string) {
	if err := e.s.faults.effective(workflow); err != nil {
		e.s.emit(show.Notice{Level: show.Warning, Text: err.Error()})
	}
}

// remember stores a question for the next start. A failure is announced, and does not stop the
// question.
func (e *engine) remember(question string) {
	if e.questions == nil {
		return
	}
	if err := e.questions.add(strings.TrimSpace(question)); err != nil {
		e.s.problems.warn("the question could not be saved for the next start: " + err.Error())
	}
}

// NewTalk makes the next question the first of a new conversation.
func (e *engine) NewTalk() { e.s.conversation.restart() }

// ContinueTalk makes the next question a follow-up to a kept run, and to those before it in its
// talk.
func (e *engine) ContinueTalk(id string) error {
	store, err := e.s.keeping.store()
	if err != nil {
		return err
	}
	runs, err := store.List()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(runs, func(r history.Run) bool { return r.ID == id })
	if at < 0 {
		return fmt.Errorf("%w: %s", history.ErrUnknown, id)
	}
	talk := runs[at].TalkID()
	var answers []show.Answer
	for _, r := range runs[at:] { // the latest first
		if r.TalkID() != talk || !r.Outcome.Ended() || !r.Deleted.IsZero() || len(answers) == keptTurns {
			continue
		}
		file, err := store.Read(r.ID)
		if err != nil {
			return err
		}
		if a, ok := (export.Kept{Records: file.Records}).Fold().Now().Answer(); ok {
			answers = append(answers, a)
		}
	}
	slices.Reverse(answers)
	e.s.conversation.resume(talk, answers)
	return nil
}

// Paths returns the paths of the documents that can be searched, sorted.
func (e *engine) Paths() []string { return e.s.corpus.paths() }

// Models returns the models of the provider that can be asked in place of the one in use.
func (e *engine) Models() []string { return e.s.models.names() }

// Price returns the cost of a number of prompt tokens and of answer tokens with the provider in
// use, all of whose models have the configured prices; "" if no prices are configured.
func (e *engine) Price(_ string, read, written int) string { return e.s.models.price(read, written) }

// Faults returns the faults that are set, keyed by step.
func (e *engine) Faults() map[string]string { return e.s.faults.texts() }

// Inject sets the fault of a step for all attempts that start from now on.
func (e *engine) Inject(step, fault string) error { return e.s.faults.set(step, fault) }

// Break sets the breakpoints for runs that are started from now on.
func (e *engine) Break(stop func(step, event string) bool) { e.s.stop = stop }

// EventTypes returns the types of the events of a workflow.
func (e *engine) EventTypes(workflow string) []flow.EventType {
	w, err := findWorkflow(workflows.Parts{}, workflow)
	if err != nil {
		return nil
	}
	return flow.EventTypes(w)
}

// Fork begins a run with the past of a kept one, as a part of the conversation.
func (e *engine) Fork(r fork.Request) (explorer.Run, string, error) {
	run, question, err := e.s.fork(r)
	if err != nil {
		return nil, "", err
	}
	e.s.conversation.follow(run)
	return run, question, nil
}
