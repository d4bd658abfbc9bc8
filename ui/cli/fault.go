package cli

import (
	"fmt"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/workflows"
)

// parts are what the session's workflows are made of, as the settings say.
func (s *session) parts(model *answer.Model) (workflows.Parts, error) {
	p := workflows.Parts{
		Search: patient{s}.retriever, Model: model, Timeout: s.settings.duration("timeout"), Missing: s.missing,
	}
	var err error
	if p.Faults, err = s.faults(); err != nil {
		return p, usageError{err}
	}
	switch how := s.settings.text("classifier"); how {
	case "words":
	case "model":
		p.Classify = true
	default:
		return p, usageError{fmt.Errorf("classifier from %s is %q: it must be words or model", s.settings.source("classifier"), how)}
	}
	return p, nil
}

// faults are what is to go wrong on purpose. A step that no workflow has is an error: nothing would happen, and nobody would know why.
func (s *session) faults() (workflows.Faults, error) {
	faults, err := workflows.ParseFaults(s.settings.text("fault"))
	if err != nil {
		return nil, err
	}
	var graphs []flow.Graph
	for _, w := range workflows.All(workflows.Parts{}) {
		graphs = append(graphs, w.Graph())
	}
	return faults, faults.Check(graphs...)
}
