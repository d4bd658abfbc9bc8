package extract

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"weft/rag/chunk"
)

// The word budgets of an answer's stretches, and the thresholds for choosing them.
const (
	mostStretches = 3
	// sureWords is the budget of the first stretch if its section is likely the right one.
	sureWords = 85
	// unsureWords is the budget of the first stretch otherwise.
	unsureWords = 55
	// sure is the minimum likelihood of a section that is likely the right one.
	sure = 0.85
	// furtherWords is the budget of each further stretch.
	furtherWords = 42
	// likely is the minimum likelihood of a further section when the first one is unsure.
	likely = 0.12
	// newShare is the minimum share of the question that a further section adds to a sure first
	// one.
	newShare = 0.15
)

// choose returns the stretches to quote, room words at most: first the one around the best unit of
// the best section, then others that cover more of the question or whose sections are nearly as
// likely. It returns none if the best section covers too little of the question. more is the first
// section for which an answer that lists several things has no room, or nil.
func (q *question) choose(sections []*section, room int) (quoted []stretch, more *section) {
	best := sections[0]
	if q.value(best) < least {
		return nil, nil
	}
	likelihood := likelihoods(sections)
	var rest []*section
	for i, s := range sections[1:] {
		switch {
		case len(rest)+1 == mostStretches:
		case q.value(s) < least || same(best, s) || slices.ContainsFunc(rest, func(o *section) bool { return same(o, s) }):
		case likelihood[0] < sure && likelihood[i+1] >= likely && s.units[0].code == nil, q.adds(s, append(rest, best)):
			rest = append(rest, s)
		}
	}
	if listed, more := q.kin(best, sections, room); len(listed) > len(rest) {
		return q.enumerate(best, listed, room), more
	}
	first := sureWords * room / mostWords
	if len(rest) > 0 {
		first = unsureWords * room / mostWords
	}
	out := []stretch{q.around(best, first)}
	words := out[0].words()
	for _, s := range rest {
		if room-words < fewestWords {
			break
		}
		st := q.around(s, min(room-words, furtherWords))
		if words+st.words() > room+room/10 {
			continue
		}
		out = append(out, st)
		words += st.words()
	}
	if len(out) == 1 && len(rest) > 0 {
		out[0] = q.around(best, sureWords*room/mostWords)
	}
	return out, nil
}

// likelihoods returns for each section the probability that it is the right one, given that one of
// them is: a softmax over the scores. sections are ordered by score, best first.
func likelihoods(sections []*section) []float64 {
	out := make([]float64, len(sections))
	sum := 0.0
	for i, s := range sections {
		out[i] = math.Exp(s.score - sections[0].score)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// kin returns the further answers to a question that asks for several things: sections of other
// files, or siblings of the best section, that cover about as much of the question as the best
// section. It returns none if the question asks for one thing. There are more than mostKin only if all
// of them can be quoted whole in room words. more is the first that was left out, or nil.
func (q *question) kin(best *section, sections []*section, room int) (kin []*section, more *section) {
	if !several.MatchString(q.text) || len(best.units) > 0 && best.units[best.best].code != nil {
		return nil, nil
	}
	files := map[string]bool{best.file: true}
	sibling := func(s *section) bool {
		n := len(best.path)
		return s.file == best.file && n > 1 && len(s.path) == n && slices.Equal(s.path[:n-1], best.path[:n-1]) &&
			s.path[n-1] != best.path[n-1]
	}
	words := best.words()
	for _, s := range sections[1:] {
		switch {
		case files[s.file] && !sibling(s), s.features[sectionEvenly] < best.features[sectionEvenly],
			best.features[sectionCovered] < 0.5, s.features[sectionCovered] < 0.9*best.features[sectionCovered],
			slices.ContainsFunc(kin, func(o *section) bool { return same(o, s) && slices.Equal(o.path, s.path) }):
		case len(kin)+1 < mostKin || words+s.words() <= room:
			files[s.file] = true
			words += s.words()
			kin = append(kin, s)
		case more == nil:
			more = s
		}
	}
	return kin, more
}

// words returns the length of a section.
func (s *section) words() (n int) {
	for _, u := range s.units {
		n += u.words
	}
	return n
}

// mostKin is the maximum number of things listed in answer to a question that asks for several,
// unless they are short.
const mostKin = 5

// enumerate returns a short stretch of the best section and of each of its kin.
func (q *question) enumerate(best *section, kin []*section, room int) []stretch {
	each, words := room/(len(kin)+1)-4, best.words()
	for _, s := range kin {
		words += s.words()
	}
	if words <= room {
		each = room // all of them whole
	}
	out := []stretch{q.around(best, each)}
	for _, s := range kin {
		out = append(out, q.around(s, each))
	}
	return out
}

// value returns the share of the question that a section covers, including its headings.
func (q *question) value(s *section) float64 { return s.features[sectionCovered] }

// adds reports whether a section covers at least newShare more of the question than the others do.
func (q *question) adds(s *section, others []*section) bool {
	has := map[string]bool{}
	for _, o := range others {
		has = union(has, o.above)
		for _, u := range o.units {
			has = union(has, u.terms)
		}
	}
	return q.coverage(union(has, s.units[s.best].terms))-q.coverage(has) >= newShare
}

// same reports whether two sections have the same text. They do where passages overlap.
func same(a, b *section) bool {
	if len(a.units) == 0 || len(b.units) == 0 {
		return false
	}
	return a.units[a.best].text == b.units[b.best].text
}

// around returns the stretch around the best unit of a section. A short section is quoted whole. Of
// a longer one the best unit comes first, then the units it depends on, the rest of its block, and
// the text around that, within budget words.
func (q *question) around(s *section, budget int) stretch {
	total := s.words()
	if st, ok := q.looked(s); ok {
		return st
	}
	if total <= budget*6/5 {
		return stretch{section: s, to: len(s.units)}
	}
	if st, ok := q.rows(s, budget); ok {
		return st
	}
	if first := s.units[0]; s.begins && s.best > 0 && budget >= sureWords*3/4 && first.kind == chunk.Paragraph &&
		!first.lead && first.words <= openingWords && s.list(s.best) == nil {
		// The first sentence introduces the rest.
		if st := q.grown(s, budget-first.words); st.from > 0 {
			for i := 1; i < st.from; i++ {
				st.skip = append(st.skip, i)
			}
			st.from = 0
			return st
		}
	}
	return q.grown(s, budget)
}

// openingWords is the maximum length of a section's first sentence that is quoted before a stretch
// from the middle of the section.
const openingWords = 40

// grown returns the stretch that grows from the best unit of a section up to budget words.
func (q *question) grown(s *section, budget int) stretch {
	st := stretch{section: s, from: s.best, to: s.best + 1}
	words := s.units[s.best].words
	for st.from > 0 && s.units[st.from].leans && words+s.units[st.from-1].words <= budget {
		st.from--
		words += s.units[st.from].words
	}
	list := s.list(s.best)
	if list != nil {
		return q.listed(s, list, budget)
	}
	grow := func(i int) bool { // adds unit i if the budget allows
		if i < 0 || i >= len(s.units) || words+s.units[i].words > budget {
			return false
		}
		if i < st.from {
			st.from = i
		} else {
			st.to = i + 1
		}
		words += s.units[i].words
		return true
	}
	before := 0
	for _, u := range s.units[:st.from] {
		before += u.words
	}
	if words+before <= budget { // the section's beginning introduces the rest
		st.from, words = 0, words+before
	}
	block := s.units[s.best].block
	for st.to < len(s.units) && s.units[st.to].block == block && grow(st.to) {
	}
	for st.from > 0 && s.units[st.from-1].block == block && grow(st.from-1) {
	}
	for forward, back := true, true; forward || back; {
		if forward = forward && st.to < len(s.units); forward {
			forward = grow(st.to)
		}
		if back = back && st.from > 0; back && (!forward || s.units[st.from].within) {
			back = grow(st.from - 1)
		} else if !forward {
			back = back && grow(st.from-1)
		}
	}
	// Drop leading rows, which would lack their column names.
	for st.from < s.best && s.units[st.from].kind == chunk.Row && s.units[s.best].kind != chunk.Row {
		st.from++
	}
	// Drop trailing units that introduce units that are not quoted.
	for st.to-1 > s.best && (s.units[st.to-1].lead || s.units[st.to-1].kind == chunk.Columns) {
		st.to--
	}
	return st
}

// looked returns the one list item that a number in the question identifies, such as an entry in a
// list of error codes. ok is false if the question has no number, or if several items have it.
func (q *question) looked(s *section) (st stretch, ok bool) {
	if s.units[s.best].kind != chunk.Item {
		return st, false
	}
	list := s.list(s.best)
	at := -1
	for t := range q.share {
		if len(list) < 4 || strings.IndexFunc(t, unicode.IsDigit) != 0 || !s.units[s.best].terms[t] {
			continue
		}
		holders := 0
		for _, i := range list {
			if s.units[i].terms[t] {
				holders++
			}
		}
		if holders == 1 {
			at = s.best
		}
	}
	if at < 0 {
		return st, false
	}
	st = stretch{section: s, from: list[0], to: list[len(list)-1] + 1}
	for _, i := range list {
		if i != at && s.units[i].block != s.units[at].block {
			st.skip = append(st.skip, i)
		}
	}
	if st.from > 0 && s.units[st.from-1].lead {
		st.from--
	}
	return st, true
}

// list returns the indices of the items in the list that unit i belongs to or announces, or nil.
func (s *section) list(i int) []int {
	if s.units[i].lead && i+1 < len(s.units) && s.units[i+1].kind == chunk.Item {
		i++
	}
	if s.units[i].kind != chunk.Item && s.units[i].depth == 0 {
		return nil
	}
	from, to := i, i+1
	in := func(n int) bool { return s.units[n].kind == chunk.Item || s.units[n].depth > 0 }
	for from > 0 && in(from-1) {
		from--
	}
	for to < len(s.units) && in(to) {
		to++
	}
	var list []int
	for n := from; n < to; n++ {
		list = append(list, n)
	}
	return list
}

// listed returns a stretch of a list that is longer than budget words: its announcement and the
// items around the best one. Omitted items are marked.
func (q *question) listed(s *section, list []int, budget int) stretch {
	from, to := list[0], list[len(list)-1]+1
	words := 0
	for _, i := range list {
		words += s.units[i].words
	}
	lead := from > 0 && s.units[from-1].kind != chunk.Item && (s.units[from-1].lead || s.units[from-1].words <= 25)
	st := stretch{section: s, from: from, to: to}
	if lead {
		st.from--
		words += s.units[st.from].words
	}
	if q.wants&kindList != 0 {
		budget = budget * 5 / 4
	}
	if words <= budget {
		return st
	}
	core := max(s.best, from)
	left, right := core, core+1
	for left > from && s.units[left].within {
		left--
	}
	words = 0
	for i := left; i < right; i++ {
		words += s.units[i].words
	}
	if lead {
		words += s.units[st.from].words
	}
	for {
		grown := false
		if right < to && words+s.units[right].words <= budget {
			words += s.units[right].words
			right++
			grown = true
		}
		if left > from && words+s.units[left-1].words <= budget {
			left--
			words += s.units[left].words
			grown = true
		}
		if !grown {
			break
		}
	}
	for i := from; i < to; i++ {
		if i < left || i >= right {
			st.skip = append(st.skip, i)
		}
	}
	return st
}

// rows returns a stretch of a table: the column names and the best-scoring rows, in table order. ok
// is false if the best unit is not a row.
func (q *question) rows(s *section, budget int) (st stretch, ok bool) {
	if s.units[s.best].kind != chunk.Row {
		return st, false
	}
	from, to := s.best, s.best+1
	for from > 0 && s.units[from-1].kind == chunk.Row {
		from--
	}
	for to < len(s.units) && s.units[to].kind == chunk.Row {
		to++
	}
	keep := map[int]bool{s.best: true}
	words := s.units[s.best].words
	first := from
	for first > 0 && s.units[first-1].kind == chunk.Columns {
		first--
		words += s.units[first].words
	}
	order := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := s.units[a].score, s.units[b].score; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for _, i := range order {
		if !keep[i] && words+s.units[i].words <= budget && (s.units[i].score >= 0.8*s.units[s.best].score) {
			keep[i] = true
			words += s.units[i].words
		}
	}
	st = stretch{section: s, from: first, to: to}
	for i := from; i < to; i++ {
		if !keep[i] {
			st.skip = append(st.skip, i)
		}
	}
	return st, true
}
