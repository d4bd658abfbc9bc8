package cli

import (
	"maps"
	"sync"

	"weft/rag/workflows"
)

// currentFaults are the faults that are injected into steps: those of the settings, overridden by
// those that were set on the screen. A fault that is set on the screen takes effect in running
// workflows.
type currentFaults struct {
	settings *settings

	mu       sync.Mutex
	injected map[string]string // set on the screen, by step; "": none, whatever the settings say
}

// Injection returns the fault of a step.
func (f *currentFaults) Injection(step string) (workflows.Injection, bool) {
	faults, _ := f.given() // cannot fail: the method all has checked them before
	return faults.Injection(step)
}

// all returns the faults to inject. A fault for a step that no workflow has is an error, because it
// would silently have no effect.
func (f *currentFaults) all() (workflows.Faults, error) {
	faults, err := f.given()
	if err != nil {
		return nil, err
	}
	return faults, checkFaults(faults)
}

// given returns the faults of the settings, overridden by those set on the screen.
func (f *currentFaults) given() (workflows.Faults, error) {
	faults, err := workflows.ParseFaults(f.settings.Fault.text)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for step, text := range f.injected {
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

// checkFaults returns an error for a fault of a step that no workflow has.
func checkFaults(faults workflows.Faults) error {
	if len(faults) == 0 {
		return nil // without building all workflows for each question
	}
	return faults.Check(graphs()...)
}

// effective returns an error for a fault of a step that the given workflow does not have.
func (f *currentFaults) effective(workflow string) error {
	faults, err := f.all()
	if err != nil || len(faults) == 0 {
		return err
	}
	for _, g := range graphs() {
		if g.Name == workflow {
			return faults.Check(g)
		}
	}
	return nil
}

// texts returns the faults that are set, keyed by step.
func (f *currentFaults) texts() map[string]string {
	faults, err := f.all()
	if err != nil {
		return nil // the next question reports the error
	}
	out := map[string]string{}
	for step, in := range faults {
		out[step] = in.String()
	}
	return out
}

// set sets the fault of a step for all attempts that start from now on; "" removes it.
func (f *currentFaults) set(step, fault string) error {
	if fault != "" {
		one, err := workflows.ParseFaults(step + ":" + fault)
		if err != nil {
			return err
		}
		if err := checkFaults(one); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.injected[step] = fault
	return nil
}
