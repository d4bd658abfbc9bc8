package cli

import (
	"cmp"
	"errors"
	"slices"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/workflows"
	"weft/ui/history"
)

// ask starts a workflow on a question with the present model.
func (s *session) ask(workflow, question string) (*flow.Run[show.Answer], error) {
	model, err := s.models.detect(s.ctx)
	if err != nil {
		return nil, err
	}
	return s.start(workflow, question, model)
}

// start starts a workflow on a question. model may be nil: then the answer is extractive.
func (s *session) start(workflow, question string, model *answer.Model) (*flow.Run[show.Answer], error) {
	return s.startIn(&s.conversation, workflow, workflows.ParseQuestion(question), question, model)
}

// startIn starts a workflow on a question of a conversation. typed is the question as the person
// has typed it.
func (s *session) startIn(c *conversation, workflow string, q workflows.Question, typed string,
	model *answer.Model) (*flow.Run[show.Answer], error) {
	if q.Text == "" {
		return nil, usageError{errors.New("there is no question: give one, in quotes")}
	}
	parts, err := s.parts(s.models.limited(model))
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
	return s.startKept(c, s.labels(typed, model), func(opts ...flow.RunOption) (*flow.Run[show.Answer], error) {
		return w.Start(s.ctx, q, append(opts, flow.Breakpoints(s.stop))...)
	})
}

// labels returns what the journal of a run says about it.
func (s *session) labels(question string, model *answer.Model) map[string]string {
	labels := map[string]string{
		history.LabelQuestion:  question,
		history.LabelDirectory: s.corpus.directory(),
	}
	if model != nil {
		provider, _ := s.models.current()
		labels[history.LabelModel], labels[history.LabelProvider] = model.Client.Config().Model, provider.Name
	}
	return labels
}

// starter starts or resumes a run of a workflow.
type starter func(...flow.RunOption) (*flow.Run[show.Answer], error)

// startKept starts a run of a conversation and keeps it. A run that cannot be kept is started
// without a journal.
func (s *session) startKept(c *conversation, labels map[string]string, start starter) (*flow.Run[show.Answer], error) {
	k := s.keeping.keeper()
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
	s.runs.add(run)
	c.begun(run.ID())
	k.follow(run, w)
	return run, nil
}

// resume continues a kept run that has not ended, with the model that is used now.
func (s *session) resume(id string) (*flow.Run[show.Answer], error) {
	k, err := s.keeping.open()
	if err != nil {
		return nil, err
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
	s.runs.add(run)
	s.conversation.begun(cmp.Or(file.Header.Labels[history.LabelTalk], id))
	k.follow(run, w)
	return run, nil
}
