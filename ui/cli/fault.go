package cli

import (
	"fmt"
	"maps"

	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/workflows"
)

// parts returns what the session's workflows need, according to the settings.
func (s *session) parts(model *answer.Model) (workflows.Parts, error) {
	p := workflows.Parts{
		Search: waitingSearch{s}.retriever, Model: model, Timeout: s.settings.Timeout.value, Missing: s.missing,
		MostParts: s.settings.Parts.value,
		Limits: workflows.Limits{Rounds: s.settings.AgentRounds.value, Calls: s.settings.AgentCalls.value,
			Tokens: s.settings.AgentTokens.value, Time: s.settings.AgentTime.value},
	}
	if _, err := s.faults(); err != nil {
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
	if p.Outside, err = s.toolServers(); err != nil {
		return p, err
	}
	p.Permits = s.consent.gate()
	p.Faults = faultInjector{s}
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

// A faultInjector provides the session's current faults, so a fault that is set on the screen takes
// effect in running workflows.
type faultInjector struct{ s *session }

// Injection returns the fault of a step.
func (p faultInjector) Injection(step string) (workflows.Injection, bool) {
	faults, _ := p.s.given() // cannot fail: the method faults has checked them before
	return faults.Injection(step)
}

// faults returns the faults to inject. A fault for a step that no workflow has is an error, because
// it would silently have no effect.
func (s *session) faults() (workflows.Faults, error) {
	faults, err := s.given()
	if err != nil {
		return nil, err
	}
	return faults, s.known(faults)
}

// given returns the faults of the settings, overridden by those set on the screen.
func (s *session) given() (workflows.Faults, error) {
	faults, err := workflows.ParseFaults(s.settings.Fault.text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for step, text := range s.injected {
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
	if len(faults) == 0 {
		return nil // without building all workflows for each question
	}
	return faults.Check(s.Workflows()...)
}

// effective returns an error for a fault of a step that the given workflow does not have.
func (s *session) effective(workflow string) error {
	faults, err := s.faults()
	if err != nil || len(faults) == 0 {
		return err
	}
	for _, g := range s.Workflows() {
		if g.Name == workflow {
			return faults.Check(g)
		}
	}
	return nil
}

// warnOfFaults announces a fault that has no effect in a workflow. This is not an error, because
// the next question may use another workflow.
func (s *session) warnOfFaults(workflow string) {
	if err := s.effective(workflow); err != nil {
		s.emit(show.Notice{Level: show.Warning, Text: err.Error()})
	}
}

// Faults returns the faults that are set, keyed by step.
func (s *session) Faults() map[string]string {
	faults, err := s.faults()
	if err != nil {
		return nil // the next question reports the error
	}
	out := map[string]string{}
	for step, in := range faults {
		out[step] = in.String()
	}
	return out
}

// Inject sets the fault of a step for all attempts that start from now on.
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
	s.injected[step] = fault
	return nil
}

// Break sets the breakpoints for runs that are started from now on.
func (s *session) Break(stop func(step, event string) bool) { s.stop = stop }
