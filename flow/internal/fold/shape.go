package fold

import (
	"fmt"
	"slices"
	"strings"
)

// shape returns what of a workflow must not change between a snapshot and its resumption.
func (w *Workflow) shape() (all []stepShape) {
	for _, d := range w.Within() {
		for _, s := range d.Steps {
			all = append(all, stepShape{d.Name, s.Name, stepKindNames[s.Kind], d.names(s.Takes)})
		}
	}
	return all
}

// refuse reports how a workflow differs from the one that a snapshot was taken of.
func (s *Snapshot) refuse(w *Workflow) error {
	if s.Version != snapshotVersion {
		return fmt.Errorf("flow: resume %s: the snapshot has version %d, this program knows %d; use the program that wrote it", s.Run, s.Version, snapshotVersion)
	}
	var diff []string
	if s.Workflow != w.Name {
		diff = append(diff, fmt.Sprintf("it is of workflow %q", s.Workflow))
	}
	now := w.shape()
	known := map[string]*Workflow{}
	for _, d := range w.Within() {
		known[d.Name] = d
	}
	used := map[string]bool{}
	for _, old := range s.Shape {
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
		used[d.Name+"\x00"+step.Name] = true
		if k := stepKindNames[step.Kind]; k != old.Kind {
			diff = append(diff, fmt.Sprintf("step %q was %s and is %s", old.Step, old.Kind, k))
		}
		var was []int
		for _, t := range old.Takes {
			was = append(was, d.TypeNamed(t))
		}
		if !slices.Equal(was, step.Takes) {
			diff = append(diff, fmt.Sprintf("step %q took %s and takes %s", old.Step, strings.Join(old.Takes, ", "), strings.Join(d.names(step.Takes), ", ")))
		}
	}
	for _, n := range now {
		if !used[n.Workflow+"\x00"+n.Step] {
			diff = append(diff, fmt.Sprintf("step %q is new", n.Step))
		}
	}
	if diff == nil {
		return nil
	}
	return fmt.Errorf("flow: resume %s: the workflow %s is not the one that the snapshot was taken of: %s; run the program that wrote it, or begin anew", s.Run, w.Name, strings.Join(diff, "; "))
}
