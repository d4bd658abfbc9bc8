package extract

import (
	"math"
	"strings"

	"weft/rag/chunk"
	"weft/rag/lazyregexp"
	"weft/rag/load"
)

// A Feature is evidence, from 0 to 1, that a section or a unit answers a question.
type Feature struct {
	Name   string
	Weight float64
	Says   string // the meaning of a value of 1
}

// Features is a table of features. A score is the sum of their values times their weights.
type Features []Feature

func (f Features) score(values []float64) (sum float64) {
	for i, v := range values {
		sum += f[i].Weight * v
	}
	return sum
}

// floor returns the score of a passage of which only the prior is known. The prior is the first
// feature.
func (f Features) floor(prior float64) float64 { return f[0].Weight * prior }

// SectionFeatures score sections. The weights maximise the likelihood of the sections that hold the
// answers to 188 questions about five manuals, among those of the fifteen passages found for each
// question, and are rounded (`weft eval --fit`). Weights fitted on four of the manuals find 3 to 5
// percent fewer of them on the fifth.
var SectionFeatures = Features{
	{"prior", 2.5, "the search places its passage first"},
	{"covered", 1.3, "it and its headings have all words of the question"},
	{"unit", 1.1, "one of its units has all words of the question, those of its headings counting in part"},
	{"heading", 1.8, "its own heading has all words of the question"},
	{"likeness", 1, "its own heading and the question have the same words"},
	{"outer", 1.8, "the headings above have all words of the question"},
	{"pairs", 0.4, "all neighbouring words of the question stand together in it"},
	{"fits", 1, "its best unit carries the kinds of things that are asked for"},
	{"first", 0.9, "the passage has its beginning"},
	{"defines", 1.6, "it says what the thing is that is asked for"},
	{"says", 1, "it has prose, not code and names alone"},
	{"near", 0.7, "its passage has the vector nearest to the question's"},
	{"evenly", 1, "it and its headings have all words of the question, each counting the same"},
	{"value", 1.6, "its best unit has the number, date or version that is asked for"},
	{"default", 0.9, "it says what holds by default, and that is asked for"},
	{"list", 0.4, "it has a list, and one is asked for"},
	{"length", 0.1, "it has 400 words or more"},
	{"rank", 2, "its passage is the first; 1/2 for the second, and so on"},
	{"title", 0.55, "the question has all words of its document's title"},
	{"named", 0.2, "the question has all words of its own heading"},
	{"fields", 0.5, "its document's aliases, tags and other fields have all words of the question"},
	{"release", 1.5, "it or its own heading names a release, and one is asked for"},
	{"entry", -0.8, "its own heading is a release, and none is asked for"},
	{"not", 0.25, "its best unit says what is not so, and that or yes or no is asked for"},
}

// The indices of SectionFeatures.
const (
	sectionPrior = iota
	sectionCovered
	sectionUnit
	sectionHeading
	sectionLikeness
	sectionOuter
	sectionPairs
	sectionFits
	sectionFirst
	sectionDefines
	sectionSays
	sectionNear
	sectionEvenly
	sectionValue
	sectionDefault
	sectionList
	sectionLength
	sectionRank
	sectionTitle
	sectionNamed
	sectionFields
	sectionRelease
	sectionEntry
	sectionNot
)

// UnitFeatures score the units of one section. The weights are fitted in the same way, on the units
// that hold the answers.
var UnitFeatures = Features{
	{"own", 3.5, "it has all words of the question"},
	{"lent", 0.5, "its neighbours have all words of the question that it does not have"},
	{"pairs", 0.7, "neighbouring words of the question stand together in it"},
	{"fits", 1.5, "it carries the kinds of things that are asked for"},
	{"value", 2, "it has the number, date or version that is asked for"},
	{"type", 0.8, "it has the command or path that is asked for"},
	{"answers", 1, "it says that something is so or not so, and that is asked for"},
	{"code", -0.3, "it is code, and no command is asked for"},
	{"long", 0.5, "it has 60 words or more"},
	{"item", 1.1, "it is an item or a row"},
	{"first", 0.4, "it is the first of its section"},
	{"early", 2.2, "it is the first of its section, and the heading has all words of the question"},
	{"asks", -1, "it is a question itself"},
	{"announces", -1.5, "it announces what follows"},
	{"defines", 1.1, "it says what the thing is that is asked for"},
}

// rateUnits scores the units of a section and sets its best unit.
func (q *question) rateUnits(s *section) {
	defining := definition.MatchString(q.text)
	wanted := map[string]bool{}
	for t := range q.share {
		wanted[t] = true
	}
	inner := 0.0
	if n := len(s.path); n > 0 {
		inner = q.coverage(set(q.analyzer.Terms(s.path[n-1])))
	}
	best := -100.0
	for i := range s.units {
		u := &s.units[i]
		if u.kind == chunk.Columns {
			continue
		}
		terms, text := u.terms, u.text
		own := q.coverage(terms)
		if u.code != nil { // name and comment are better evidence than the body
			own = max(0.7*own, q.coverage(set(q.analyzer.Terms(u.code.comment+"\n"+u.code.declares))))
			text = u.code.comment
		}
		near := map[string]bool{}
		for j := max(0, i-1); j < min(len(s.units), i+2); j++ {
			for t := range s.units[j].terms {
				near[t] = true
			}
		}
		pairs := 0.0
		for p := range bigrams(q.analyzer.Terms(text)) {
			if q.pairs[p] {
				pairs = 1
				break
			}
		}
		defines := defining && equal(set(q.analyzer.Terms(subject(text))), wanted)
		answers := q.wants&kindAnswer != 0 && u.carries&(kindAnswer|kindNot) != 0
		u.values = []float64{own, q.coverage(near) - own, pairs, q.wants.fits(u.carries),
			q.wants.part(kindNumber|kindTime|kindDate|kindVersion|kindDegrees, u.carries),
			q.wants.part(kindCommand|kindPath, u.carries),
			one(answers),
			one(u.kind == chunk.Code && q.wants&kindCommand == 0), min(1, float64(u.words)/60),
			one(u.kind == chunk.Item || u.kind == chunk.Row),
			one(i == 0 && s.begins), one(s.begins) * inner / float64(1+i), one(strings.HasSuffix(text, "?")),
			one(u.lead), one(defines)}
		u.score = UnitFeatures.score(u.values)
		if u.score > best {
			best, s.best = u.score, i
		}
	}
}

// rate sets the features and the score of a section of passage p.
func (q *question) rate(s *section, p *Passage) {
	f := make([]float64, len(SectionFeatures))
	f[sectionPrior] = p.Prior
	all, words, prose := map[string]bool{}, 0, 0
	for t := range s.above {
		all[t] = true
	}
	own, inner, outer := map[string]bool{}, map[string]bool{}, 0.0
	if n := len(s.path); n > 0 {
		inner = set(q.analyzer.Terms(s.path[n-1]))
		outer = q.coverage(set(q.analyzer.Terms(strings.Join(s.path[:n-1], "\n"))))
	}
	pairs := map[[2]string]bool{}
	for _, u := range s.units {
		for t := range u.terms {
			all[t], own[t] = true, true
		}
		words += u.words
		if u.kind != chunk.Code && u.words > 3 {
			prose += u.words
		}
		for b := range bigrams(q.analyzer.Terms(u.text)) {
			if q.pairs[b] {
				pairs[b] = true
			}
		}
		alone := q.coverage(u.terms)
		lent := q.coverage(union(u.terms, inner)) - alone
		f[sectionUnit] = max(f[sectionUnit], alone+0.7*lent)
	}
	if len(s.path) > 0 {
		for b := range bigrams(q.analyzer.Terms(s.path[len(s.path)-1])) {
			if q.pairs[b] {
				pairs[b] = true
			}
		}
	}
	f[sectionCovered] = q.coverage(all)
	// The declared name is the heading, the comment the text.
	if len(s.units) > 0 && s.units[0].code != nil {
		l := s.units[0].code
		inner = name(q.analyzer, l.declares)
		comment := q.coverage(set(q.analyzer.Terms(l.comment)))
		f[sectionUnit] = max(0.7*f[sectionUnit], q.coverage(set(q.analyzer.Terms(l.comment+"\n"+l.declares))))
		f[sectionCovered] = max(0.7*f[sectionCovered], f[sectionUnit], comment)
		if prose = 0; comment > 0 {
			prose = words
		}
	}
	f[sectionHeading] = q.coverage(inner)
	f[sectionNamed] = q.names(inner)
	if len(s.path) > 0 {
		f[sectionTitle] = q.names(set(q.analyzer.Terms(s.path[0])))
	}
	f[sectionOuter] = outer
	f[sectionFields] = q.coverage(set(q.analyzer.Terms(values(p.Fields))))
	if len(inner) > 0 {
		common := 0.0
		for t := range inner {
			if q.share[t] > 0 {
				common++
			}
		}
		f[sectionLikeness] = f[sectionHeading] * common / float64(len(inner))
	}
	if len(q.pairs) > 0 {
		f[sectionPairs] = float64(len(pairs)) / float64(len(q.pairs))
	}
	if len(s.units) > 0 {
		u := s.units[s.best]
		f[sectionFits] = q.wants.fits(u.carries)
		if definition.MatchString(q.text) {
			f[sectionDefines] = one(equal(set(q.analyzer.Terms(subject(u.text))), keys(q.share)))
		}
	}
	f[sectionFirst] = one(s.begins)
	if n := len(s.path); n > 0 && q.wants&(kindVersion|kindDate|kindRelease) == 0 && !versionOrDate.MatchString(q.text) {
		f[sectionEntry] = one(entry.MatchString(s.path[n-1]))
	}
	f[sectionNear] = p.Near
	has := 0
	for t := range q.share {
		if q.found(t, all) {
			has++
		}
	}
	f[sectionEvenly] = float64(has) / float64(len(q.share))
	if len(s.units) > 0 {
		f[sectionValue] = q.wants.part(kindNumber|kindTime|kindDate|kindVersion|kindDegrees, s.units[s.best].carries)
		any := q.carried(s)
		f[sectionRelease] = one(q.wants&any&kindRelease != 0)
		f[sectionDefault] = one(q.wants&kindDefault != 0 && any&kindDefault != 0)
		f[sectionNot] = one(q.wants&(kindNot|kindAnswer) != 0 && s.units[s.best].carries&kindNot != 0)
		f[sectionList] = one(q.wants&kindList != 0 && any&kindList != 0)
	}
	f[sectionLength] = min(1, math.Log(1+float64(words))/6)
	if f[sectionRank] = 1 / float64(1+s.passage); p.Place > 0 {
		f[sectionRank] = 1 / float64(p.Place)
	}
	if words > 0 {
		f[sectionSays] = float64(prose) / float64(words)
	}
	s.features, s.score = f, SectionFeatures.score(f)
}

// values returns the values of fields, one per line.
func values(fields []load.Field) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.Value + "\n")
	}
	return b.String()
}

// entry matches the heading of a release in a changelog: a version, with its date or name.
var entry = lazyregexp.New(`(?i)^\W*(?:\pL+ )?(?:version |release )?v?\d+\.\d+(?:\.\d+)*\b`)

// names returns the share of a heading's words that the question has.
func (q *question) names(heading map[string]bool) float64 {
	if len(heading) == 0 {
		return 0
	}
	n := 0
	for t := range heading {
		if q.share[t] > 0 {
			n++
		}
	}
	return float64(n) / float64(len(heading))
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func keys(m map[string]float64) map[string]bool {
	out := make(map[string]bool, len(m))
	for k := range m {
		out[k] = true
	}
	return out
}

func union(a, b map[string]bool) map[string]bool {
	out := make(map[string]bool, len(a)+len(b))
	for t := range a {
		out[t] = true
	}
	for t := range b {
		out[t] = true
	}
	return out
}
