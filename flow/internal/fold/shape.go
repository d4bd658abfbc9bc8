package fold

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weft/flow/internal/schema"
)

// refuse reports how a workflow differs from the one that a snapshot was taken of.
func (s *Snapshot) refuse(w *Workflow) error {
	if s.Version != snapshotVersion {
		return fmt.Errorf("flow: resume %s: the snapshot has version %d, this program knows %d; use the program that wrote it", s.Run, s.Version, snapshotVersion)
	}
	var diff []string
	if s.Workflow != w.Name {
		diff = append(diff, fmt.Sprintf("it is of workflow %q", s.Workflow))
	}
	diff = append(diff, w.differences(description{s.Shape, s.Events})...)
	return w.changed(s.Run, diff)
}

// Refuse returns an error with the differences between the workflow and the Shape with which the
// run began; nil: the run can continue.
func (w *Workflow) Refuse(run string, shape json.RawMessage) error {
	var was description
	if err := json.Unmarshal(shape, &was); err != nil {
		return fmt.Errorf("flow: resume %s: the shape of its workflow cannot be read: %w", run, err)
	}
	return w.changed(run, w.differences(was))
}

func (w *Workflow) changed(run string, diff []string) error {
	if diff == nil {
		return nil
	}
	return fmt.Errorf("flow: resume %s: the workflow %s has changed since the run began: %s; declare former names with flow.Name, "+
		"flow.Formerly and the tag flow:\"formerly=…\", or run the program that began it", run, w.Name, strings.Join(diff, "; "))
}

// differences returns, in words, how the workflow differs from one that was described. What is
// renamed and declares its former name is the same.
func (w *Workflow) differences(was description) (diff []string) {
	known := map[string]*Workflow{}
	for _, d := range w.Within() {
		known[d.Name] = d
	}
	used := map[*Step]bool{}
	for _, old := range was.Steps {
		d := known[old.Workflow]
		if d == nil {
			diff = append(diff, fmt.Sprintf("workflow %q is gone", old.Workflow))
			continue
		}
		step := d.stepNamed(old.Step)
		if step == nil {
			diff = append(diff, fmt.Sprintf("step %q is gone", old.Step))
			continue
		}
		used[step] = true
		diff = append(diff, d.stepDifferences(step, old)...)
	}
	for _, d := range w.Within() {
		for _, s := range d.Steps {
			if !used[s] {
				diff = append(diff, fmt.Sprintf("step %q is new", s.Name))
			}
		}
	}
	return append(diff, w.eventDifferences(was.Events, known)...)
}

func (w *Workflow) stepDifferences(step *Step, old stepDescription) (diff []string) {
	if k := stepKindNames[step.Kind]; k != old.Kind {
		diff = append(diff, fmt.Sprintf("step %q was %s and is %s", old.Step, old.Kind, k))
	}
	if !slices.Equal(w.typesNamed(old.Takes), step.Takes) {
		diff = append(diff, fmt.Sprintf("step %q took %s and takes %s", old.Step, list(old.Takes), list(w.names(step.Takes))))
	}
	gave, gives := w.typesNamed(old.Gives), slices.Sorted(slices.Values(step.Outs))
	if slices.Sort(gave); old.Gives != nil && !slices.Equal(gave, gives) {
		diff = append(diff, fmt.Sprintf("step %q gave %s and gives %s", old.Step, list(old.Gives), list(w.names(step.Outs))))
	}
	return diff
}

// eventDifferences compares the event types that the workflow still has. One that is gone is a
// difference of the steps that took or gave it.
func (w *Workflow) eventDifferences(was map[string]map[string]string, known map[string]*Workflow) (diff []string) {
	names := make([]string, 0, len(was))
	for name := range was {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		in, typ := w, name
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			in, typ = known[name[:i]], name[i+1:]
		}
		if in == nil {
			continue
		}
		if i := in.TypeNamed(typ); i >= 0 {
			for _, what := range schema.Differences(was[name], in.Types[i].Go) {
				diff = append(diff, fmt.Sprintf("event %s: %s", name, what))
			}
		}
	}
	return diff
}

func (w *Workflow) typesNamed(names []string) []int {
	var types []int
	for _, n := range names {
		types = append(types, w.TypeNamed(n))
	}
	return types
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
