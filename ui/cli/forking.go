package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/workflows"
	"weft/ui/fork"
	"weft/ui/history"
)

// forkSettings are what a fork can have of its own.
type forkSettings struct {
	model  *answer.Model // nil: the one in use
	faults workflows.Faults
}

// fork begins a run as a request says, and returns the question that it answers.
func (s *session) fork(r fork.Request) (*flow.Run[show.Answer], string, error) {
	store, err := s.keeping.store()
	if err != nil {
		return nil, "", err
	}
	file, err := store.Read(r.Run)
	if file == nil || err != nil {
		return nil, "", err
	}
	settings, err := s.forkSettings(r)
	if err != nil {
		return nil, "", err
	}
	wf, err := s.workflowNow(cmp.Or(r.Workflow, file.Header.Workflow), settings)
	if err != nil {
		return nil, "", err
	}
	parent := history.Summarise(file.Header, file.Records)
	question := parent.Question
	var start workflows.Question
	if r.Start && len(r.Payload) > 0 {
		if err := json.Unmarshal(r.Payload, &start); err != nil {
			return nil, "", fmt.Errorf("the edited event is no question: %w", err)
		}
		question = start.Text
	}
	model := settings.model
	if model == nil {
		_, model = s.models.current()
	}
	labels := s.labels(question, model)
	labels[history.LabelTalk] = cmp.Or(parent.Talk, r.Run)
	s.conversation.begun(labels[history.LabelTalk])
	run, err := s.startKept(&s.conversation, labels, func(opts ...flow.RunOption) (*flow.Run[show.Answer], error) {
		opts = append(opts, flow.Breakpoints(s.stopBefore(r.StopBefore)))
		if r.Start && r.Workflow != "" && r.Workflow != file.Header.Workflow {
			return wf.Start(s.ctx, start, opts...)
		}
		opts = append(opts, flow.Past(file.Header))
		if len(r.Payload) > 0 {
			opts = append(opts, flow.Replace(r.Event, r.Payload))
		}
		run, err := flow.Fork(s.ctx, wf, slices.Values(file.Records), r.At, opts...)
		if err != nil {
			return nil, err
		}
		return run.(*flow.Run[show.Answer]), nil // the workflow's stop event is an answer
	})
	return run, question, err
}

// forkSettings returns the model and the faults of a fork.
func (s *session) forkSettings(r fork.Request) (f forkSettings, err error) {
	if r.Model != "" {
		if f.model, err = s.models.other(s.ctx, r.Model); err != nil {
			return f, err
		}
	}
	if strings.TrimSpace(r.Faults) == "" {
		return f, nil
	}
	if f.faults, err = workflows.ParseFaults(r.Faults); err != nil {
		return f, err
	}
	return f, checkFaults(f.faults)
}

// stopBefore returns the breakpoints of a run that also stops before a step or at a type of event.
func (s *session) stopBefore(name string) func(step, event string) bool {
	if name == "" {
		return s.stop
	}
	return func(step, event string) bool {
		return step == name || event == name || s.stop != nil && s.stop(step, event)
	}
}

// forkFaults injects the faults of a fork and, in all other steps, those of the session.
type forkFaults struct {
	own     workflows.Faults
	session *currentFaults
}

// Injection returns the fault of a step.
func (f forkFaults) Injection(step string) (workflows.Injection, bool) {
	if in, ok := f.own.Injection(step); ok {
		return in, true
	}
	return f.session.Injection(step)
}

// workflowNow returns a workflow with the present settings, apart from those of a fork. It waits
// for the index: a run that has found its passages before would otherwise say that documents were
// missing.
func (s *session) workflowNow(name string, own forkSettings) (*workflows.Workflow, error) {
	select {
	case <-s.corpus.words:
	case <-s.ctx.Done():
		return nil, context.Cause(s.ctx)
	}
	model := own.model
	if model == nil {
		var err error
		if model, err = s.models.detect(s.ctx); err != nil {
			return nil, err
		}
	}
	parts, err := s.parts(s.models.limited(model))
	if err != nil {
		return nil, err
	}
	if len(own.faults) > 0 {
		parts.Faults = forkFaults{own.faults, s.faults}
	}
	return findWorkflow(parts, name)
}
