package extract

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"weft/rag/chunk"
)

// How the words of an answer are shared out.
const (
	mostStretches = 3
	sureWords     = 85   // of the first stretch, if its section is likely the right one
	unsureWords   = 55   // of the first stretch otherwise
	sure          = 0.75 // the likelihood from which on a section is likely the right one
	furtherWords  = 42   // of each further stretch
	likely        = 0.12 // the likelihood from which on a further section is quoted beside a first one that is unsure
	newShare      = 0.15 // of the question that a further section must add to a first one that is sure
)

// choose takes the stretch around the best unit of the best section, and further ones for what is missing, or where another section
// may as well be the right one.
func (q *question) choose(sections []*section, room int) []stretch {
	best := sections[0]
	if q.value(best) < least {
		return nil
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
	if listed := q.kin(best, sections); len(listed) > len(rest) {
		return q.enumerate(best, listed, room)
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
	return out
}

// likelihoods are how likely each section is the right one, if one of them is.
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

// kin are sections of other files, or beside the best one, that have as much of a question for several things as the best one: each is one of them.
func (q *question) kin(best *section, sections []*section) (kin []*section) {
	if !several.MatchString(q.text) || len(best.units) > 0 && best.units[best.best].code != nil {
		return nil
	}
	files := map[string]bool{best.file: true}
	sibling := func(s *section) bool {
		n := len(best.path)
		return s.file == best.file && n > 1 && len(s.path) == n && slices.Equal(s.path[:n-1], best.path[:n-1]) && s.path[n-1] != best.path[n-1]
	}
	for _, s := range sections[1:] {
		if len(kin)+1 < mostKin && (!files[s.file] || sibling(s)) && s.features[sectionEvenly] >= best.features[sectionEvenly] && s.features[sectionCovered] >= 0.9*best.features[sectionCovered] && best.features[sectionCovered] >= 0.5 {
			files[s.file] = true
			kin = append(kin, s)
		}
	}
	return kin
}

// mostKin is how many things are listed in answer to a question for several.
const mostKin = 5

// enumerate quotes a little of each of several sections.
func (q *question) enumerate(best *section, kin []*section, room int) []stretch {
	each := room/(len(kin)+1) - 4
	out := []stretch{q.around(best, each)}
	for _, s := range kin {
		out = append(out, q.around(s, each))
	}
	return out
}

// value is how much of the question a section has with its headings.
func (q *question) value(s *section) float64 { return s.features[sectionCovered] }

// adds reports whether a section has something of the question that others do not have.
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

// same reports whether two sections say the same: overlapping passages repeat sentences.
func same(a, b *section) bool {
	if len(a.units) == 0 || len(b.units) == 0 {
		return false
	}
	return a.units[a.best].text == b.units[b.best].text
}

// around is the stretch around the best unit of a section: the whole section if it is short, else the unit with what it needs, the
// rest of its block, and what stands around that, as far as there is room.
func (q *question) around(s *section, budget int) stretch {
	total := 0
	for _, u := range s.units {
		total += u.words
	}
	if st, ok := q.looked(s); ok {
		return st
	}
	if total <= budget*6/5 {
		return stretch{section: s, to: len(s.units)}
	}
	if st, ok := q.rows(s, budget); ok {
		return st
	}
	if first := s.units[0]; s.begins && s.best > 0 && budget >= sureWords*3/4 && first.kind == chunk.Paragraph && !first.lead && first.words <= openingWords && s.list(s.best) == nil {
		if st := q.grown(s, budget-first.words); st.from > 0 { // the section's first sentence says what the rest is about
			for i := 1; i < st.from; i++ {
				st.skip = append(st.skip, i)
			}
			st.from = 0
			return st
		}
	}
	return q.grown(s, budget)
}

// openingWords is how long a section's first sentence is that is quoted before a stretch from its middle.
const openingWords = 40

// grown is the stretch that grows around the best unit of a section as far as there is room.
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
	grow := func(i int) bool { // takes unit i if there is room
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
	if words+before <= budget { // the section's beginning says what the rest is about
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
	for st.from < s.best && s.units[st.from].kind == chunk.Row && s.units[s.best].kind != chunk.Row { // rows without their columns
		st.from++
	}
	for st.to-1 > s.best && (s.units[st.to-1].lead || s.units[st.to-1].kind == chunk.Columns) { // announces what is not quoted
		st.to--
	}
	return st
}

// looked is the item of a list that is looked up by a number: of a list of codes, only the entry of the one that is asked for. ok is
// false if no number is asked for, or if it does not stand in one item alone.
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

// list returns the units of the list that unit i stands in or announces; nil if there is none.
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

// listed is the stretch of a list that is longer than there is room: its announcement, and the items around the best one. What is left
// out between the announcement and the items is marked.
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

// rows is the stretch of a table: its columns, and the rows that fit the question best, in order. ok is false if the best unit is no row.
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
