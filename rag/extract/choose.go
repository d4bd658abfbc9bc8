package extract

import (
	"slices"

	"weft/rag/analysis"
)

// header reports whether unit i is the first row of a table, which only names the columns.
func header(units []unit, i int) bool {
	return units[i].block == analysis.Row && (i == 0 || units[i-1].block != analysis.Row || units[i-1].passage != units[i].passage)
}

// choose takes the best units greedily, each lowered by what it repeats of those chosen before.
func choose(units []unit) []unit {
	var chosen []unit
	taken := map[int]bool{}
	words := 0
	best := 0.0
	var take func(i int)
	take = func(i int) {
		if taken[i] {
			return
		}
		taken[i] = true
		if i > 0 && units[i].leans && units[i-1].passage == units[i].passage && (units[i-1].block == units[i].block || units[i-1].block == analysis.Code) {
			take(i - 1)
		}
		words += units[i].words
		chosen = append(chosen, units[i])
	}
	for len(chosen) < maxUnits && words < maxWords {
		at, top := -1, 0.0
		for i, u := range units {
			if taken[i] || u.score < least {
				continue
			}
			s := u.score
			for _, c := range chosen {
				s = min(s, u.score*(1-redundancy*overlap(u.terms, c.terms)))
			}
			if !adds(u, chosen) {
				s *= elsewhere
			}
			if s > top {
				at, top = i, s
			}
		}
		if at < 0 || best > 0 && top < keep*best {
			break
		}
		best = max(best, top)
		if best > 0 && words > 0 && words+units[at].words > maxWords+40 {
			break
		}
		take(at)
		for i := at + 1; i < len(units) && units[i].passage == units[at].passage && words < maxWords; i++ {
			if units[at].lead && header(units, i) {
				continue
			}
			if !follows(units, at, i) {
				break
			}
			take(i)
		}
	}
	// In the order of the passages; but the one that says what a thing is comes before those that say more of it, and so does the best declaration.
	at := func(u unit) int {
		if chosen[0].code != nil && u.passage == chosen[0].passage || slices.ContainsFunc(chosen, func(c unit) bool { return c.defines && c.passage == u.passage }) {
			return u.at - len(units)
		}
		return u.at
	}
	return slices.SortedStableFunc(slices.Values(chosen), func(x, y unit) int { return at(x) - at(y) })
}

// adds reports whether a unit has something of the question that the chosen ones do not have, or stands in the best passage or in one of
// which something is chosen already. Where it does not, another passage only says again what the others are about.
func adds(u unit, chosen []unit) bool {
	if len(chosen) == 0 || u.passage == 0 && u.code == nil || u.defines {
		return true
	}
	for t := range u.asked {
		if !slices.ContainsFunc(chosen, func(c unit) bool { return c.asked[t] }) {
			return true
		}
	}
	return u.code == nil && slices.ContainsFunc(chosen, func(c unit) bool { return c.passage == u.passage })
}

// follows reports whether unit i belongs to what unit at announces: the list, table or code block behind a colon, or the code block
// directly behind a sentence.
func follows(units []unit, at, i int) bool {
	u := units[i]
	if header(units, i) || u.code != nil {
		return false
	}
	if u.block == analysis.Code {
		return i == at+1
	}
	return units[at].lead && (u.block == analysis.Item || u.block == analysis.Row)
}

func set(terms []string) map[string]bool {
	m := make(map[string]bool, len(terms))
	for _, t := range terms {
		m[t] = true
	}
	return m
}

func bigrams(terms []string) map[[2]string]bool {
	m := map[[2]string]bool{}
	for i := 1; i < len(terms); i++ {
		m[[2]string{terms[i-1], terms[i]}] = true
	}
	return m
}

// overlap is the share of the smaller set that stands in the other one as well.
func overlap(a, b map[string]bool) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return 0
	}
	n := 0
	for t := range a {
		if b[t] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

func equal(a, b map[string]bool) bool {
	return len(a) > 0 && len(a) == len(b) && overlap(a, b) == 1
}
