package cli

import (
	"errors"
	"fmt"
	"strings"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/workflows"
)

// parts returns what the session's workflows need, according to the settings.
func (s *session) parts(model *answer.Model) (workflows.Parts, error) {
	p := workflows.Parts{
		Search: s.corpus.retriever, Model: model, Timeout: s.settings.Timeout.value, Missing: s.corpus.missing,
		MostParts: s.settings.Parts.value,
		Limits: workflows.Limits{Rounds: s.settings.AgentRounds.value, Calls: s.settings.AgentCalls.value,
			Tokens: s.settings.AgentTokens.value, Time: s.settings.AgentTime.value},
	}
	if _, err := s.faults.all(); err != nil {
		return p, usageError{err}
	}
	if p.MostParts < 1 {
		return p, usageError{fmt.Errorf("parts from %s is %d: it must be at least 1", s.settings.Parts.from, p.MostParts)}
	}
	for name, o := range map[string]option[int]{"agent_rounds": s.settings.AgentRounds, "agent_calls": s.settings.AgentCalls} {
		if o.value < 1 {
			return p, usageError{fmt.Errorf("%s from %s is %d: it must be at least 1", name, o.from, o.value)}
		}
	}
	var err error
	if p.Outside, err = s.programs.get(); err != nil {
		return p, err
	}
	p.Permits = s.models.consent.gate()
	p.Faults = s.faults
	switch how := s.settings.Classifier.value; how {
	case "words":
	case "model":
		p.Classify = true
	default:
		return p, usageError{fmt.Errorf("classifier from %s is %q: it must be words or model",
			s.settings.Classifier.from, how)}
	}
	return p, nil
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

// graphs returns the graphs of all workflows that answer questions.
func graphs() []flow.Graph {
	var out []flow.Graph
	for _, w := range workflows.All(workflows.Parts{}) {
		out = append(out, w.Graph())
	}
	return out
}
