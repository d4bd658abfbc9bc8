package fold

import "slices"

// after returns the event types that a step, or a recovery step for it, may give.
func (w *Workflow) after(s *Step) []int {
	out := append(slices.Clone(s.Outs), s.Sends...)
	if s.recoveredBy != nil {
		out = append(out, s.recoveredBy.Outs...)
		out = append(out, s.recoveredBy.Sends...)
	}
	return out
}

// reach walks from the given types through the steps that are not joins, nearest first. It returns
// the type that the nearest join takes (-1: there is none) and the fan-outs on the way. The walk
// leaves a fan-out that has a join of its own by what that join gives.
func (w *Workflow) reach(from []int, of *Step) (joined int, inner []*Step) {
	joined = -1
	seen, queue := map[int]bool{}, slices.Clone(from)
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		if seen[t] {
			continue
		}
		seen[t] = true
		if len(w.Types[t].Joins) > 0 && joined < 0 {
			joined = t
		}
		for _, s := range w.Types[t].Takers {
			if s.Kind != FanOutStep || s == of || s.joinType < 0 {
				queue = append(queue, w.after(s)...)
			} else {
				queue = append(queue, s.Sends...)
				for _, j := range w.Types[s.joinType].Joins {
					queue = append(queue, w.after(j)...)
				}
			}
			if s.Kind == FanOutStep && s != of && !slices.Contains(inner, s) {
				inner = append(inner, s)
			}
		}
	}
	return joined, inner
}

// resolveJoins finds the join of every fan-out. They pair like brackets: from the innermost
// outwards, each fan-out gets the nearest join that is not yet paired. A fan-out for which no join
// is left takes the join of the nearest fan-out within it, whose branches then belong to the outer
// scope.
func (w *Workflow) resolveJoins() {
	within := map[*Step][]*Step{}
	var all []*Step
	for _, s := range w.Steps {
		if s.Kind == FanOutStep {
			all = append(all, s)
			_, within[s] = w.reach(w.after(s), s)
		}
	}
	depth := map[*Step]int{}
	var measure func(s *Step, path []*Step) int
	measure = func(s *Step, path []*Step) int {
		n := 0
		for _, in := range within[s] {
			if !slices.Contains(path, in) {
				n = max(n, 1+measure(in, append(path, in)))
			}
		}
		return n
	}
	for _, s := range all {
		depth[s] = measure(s, []*Step{s})
	}
	for i, s := range all { // of two fan-outs nested in each other, the one added first is the outer
		for _, o := range all[:i] {
			if slices.Contains(within[s], o) && slices.Contains(within[o], s) && depth[s] >= depth[o] {
				depth[s] = depth[o] - 1
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *Step) int { return depth[a] - depth[b] })
	for _, s := range all {
		if s.joinType, _ = w.reach(w.after(s), s); s.joinType >= 0 {
			continue
		}
		for _, in := range within[s] {
			if in.joinType >= 0 && depth[in] <= depth[s] {
				s.joinType = in.joinType
				break
			}
		}
		for _, in := range within[s] {
			if s.joinType >= 0 && in.joinType == s.joinType {
				in.joinType = -1
			}
		}
	}
}

// resolveLimits bounds how many branches of a fan-out may wait for a worker, except where the
// branches lead to a fan-out that may itself wait for this one.
func (w *Workflow) resolveLimits() {
	feeds := func(s *Step) (all []*Step) {
		for _, t := range s.Outs {
			for _, u := range w.Types[t].Takers {
				if u.Kind == FanOutStep {
					all = append(all, u)
				}
			}
		}
		return all
	}
	for _, s := range w.Steps {
		if s.Kind != FanOutStep {
			continue
		}
		seen, queue := map[*Step]bool{}, feeds(s)
		for len(queue) > 0 {
			u := queue[0]
			queue = queue[1:]
			if !seen[u] {
				seen[u] = true
				queue = append(queue, feeds(u)...)
			}
		}
		if seen[s] {
			continue
		}
		for _, t := range s.Outs {
			for _, u := range w.Types[t].Takers {
				s.Limit = max(s.Limit, 4*u.Workers)
			}
		}
	}
}
