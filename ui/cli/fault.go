package cli

import (
	"fmt"
	"maps"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/workflows"
)

// parts are what the session's workflows are made of, as the settings say.
func (s *session) parts(model *answer.Model) (workflows.Parts, error) {
	p := workflows.Parts{
		Search: patient{s}.retriever, Model: model, Timeout: s.settings.Timeout.value, Missing: s.missing,
	}
	if _, err := s.faults(); err != nil {
		return p, usageError{err}
	}
	p.Faults = spoiler{s}
	switch how := s.settings.Classifier.value; how {
	case "words":
	case "model":
		p.Classify = true
	default:
		return p, usageError{fmt.Errorf("classifier from %s is %q: it must be words or model", s.settings.Classifier.from, how)}
	}
	return p, nil
}

// A spoiler says what the session's faults are now: what is set on the screen has its effect on runs that go on.
type spoiler struct{ s *session }

// Injection returns the fault of a step.
func (p spoiler) Injection(step string) (workflows.Injection, bool) {
	faults, _ := p.s.given() // they were read without an error before
	return faults.Injection(step)
}

// faults are what is to go wrong on purpose. A step that no workflow has is an error: nothing would happen, and nobody would know why.
func (s *session) faults() (workflows.Faults, error) {
	faults, err := s.given()
	if err != nil {
		return nil, err
	}
	return faults, s.known(faults)
}

// given reads the faults of the settings and those that were set on the screen, in their place.
func (s *session) given() (workflows.Faults, error) {
	faults, err := workflows.ParseFaults(s.settings.Fault.text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for step, text := range s.spoiled {
		delete(faults, step)
		if text == "" {
			continue
		}
		one, err := workflows.ParseFaults(step + ":" + text)
		if err != nil {
			return nil, err
		}
		maps.Copy(faults, one)
	}
	return faults, nil
}

// known returns an error for a fault of a step that no workflow has.
func (s *session) known(faults workflows.Faults) error {
	var graphs []flow.Graph
	for _, w := range workflows.All(workflows.Parts{}) {
		graphs = append(graphs, w.Graph())
	}
	return faults.Check(graphs...)
}

// effective returns an error for a fault that has no effect, because the workflow has no such step.
func (s *session) effective(workflow string) error {
	faults, err := s.faults()
	if err != nil {
		return err
	}
	for _, g := range s.Workflows() {
		if g.Name == workflow {
			return faults.Check(g)
		}
	}
	return nil
}

// warnOfFaults says on the screen that a fault has no effect: the next question may be put to a workflow in which it has one.
func (s *session) warnOfFaults(workflow string) {
	if err := s.effective(workflow); err != nil {
		s.emit(show.Notice{Level: show.Warning, Text: err.Error()})
	}
}

// Faults are those that are set, by the names of steps.
func (s *session) Faults() map[string]string {
	faults, err := s.faults()
	if err != nil {
		return nil // the next question says so
	}
	out := map[string]string{}
	for step, in := range faults {
		out[step] = in.String()
	}
	return out
}

// Inject sets the fault of a step for every try that begins from now on.
func (s *session) Inject(step, fault string) error {
	if fault != "" {
		one, err := workflows.ParseFaults(step + ":" + fault)
		if err != nil {
			return err
		}
		if err := s.known(one); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spoiled[step] = fault
	return nil
}

// Break sets the breakpoints of the runs that start from now on.
func (s *session) Break(stop func(step, event string) bool) { s.stop = stop }
