package retrieve

import (
	_ "embed"
	"math"
	"strings"
	"sync"

	"weft/rag/analysis"
	"weft/rag/index"
)

// A judge measures how much of a question each passage covers. It counts which of the question's
// words occur at all, not how often: BM25 ranks the passages of one question well, but its scores
// are not comparable between questions.
type judge struct {
	question question
	// idf holds the inverse document frequencies of the words, then of the pairs.
	idf []float64
	// freqs has a row for each passage and a column for each term.
	freqs [][]uint8
	// heads is freqs for headings and names.
	heads [][]uint8
	// attention holds each word's share of the question. All add up to 1.
	attention []float64
	// asked is the number of words of the question that count towards coverage: a compound counts
	// as its parts.
	asked int
	// tags is how often each passage's tags have each word, where they do not count; nil: they do.
	tags [][]uint8
	// standout is the relevance of each passage by its vector, or 0 without an embedding model.
	standout []float64
}

func (s *search) judge(ids []index.ID) *judge {
	j := &judge{question: s.question, idf: s.view.IDF(s.question.terms), standout: make([]float64, len(ids))}
	j.freqs = s.view.Frequencies(s.question.terms, ids)
	j.heads = s.view.Frequencies(s.question.structure(), ids)
	j.attention = make([]float64, len(s.question.words))
	var sum float64
	for i, w := range s.question.words {
		if w.whole {
			continue
		}
		j.asked++
		j.attention[i] = j.idf[i]
		for k, o := range s.question.also {
			if o.of == i { // a synonym that documents have lowers the IDF of a word that none has
				j.attention[i] = min(j.attention[i], j.idf[len(s.question.words)+k])
			}
		}
		if w.filler {
			j.attention[i] *= fillerShare
		}
		j.attention[i] /= float64(w.parts)
		sum += j.attention[i]
	}
	if sum > 0 {
		for i := range j.attention {
			j.attention[i] /= sum
		}
	}
	if s.question.claims() {
		j.tags = s.tagged(ids)
	}
	if s.background != nil {
		for i, id := range ids {
			j.standout[i] = s.background.standout(cosine(s.vec, s.view.Vector(id)))
		}
	}
	return j
}

// hit judges the i-th passage.
func (j *judge) hit(i int) (w Why) {
	words, also := len(j.question.words), len(j.question.also)
	for t, word := range j.question.words {
		n := j.freqs[i][t]
		if j.tags != nil && j.tags[i] != nil {
			n -= min(n, j.tags[i][t])
		}
		for k, o := range j.question.also {
			if o.of == t {
				n = max(n, j.freqs[i][words+k])
			}
		}
		w.Terms = append(w.Terms, TermWhy{Text: word.text, IDF: j.idf[t], Share: j.attention[t], Count: int(n),
			Heading: j.heads[i][t] > 0})
		if n > 0 {
			w.Coverage += j.attention[t]
		}
	}
	w.Coverage = min(1, w.Coverage)
	for p, n := range j.freqs[i][words+also:] {
		if n > 0 && !j.question.inner[p] {
			w.Pairs++
		}
	}
	w.Relevance = max(calibrate(w.Coverage, j.asked, w.Pairs), j.standout[i])
	return w
}

// calibrate maps a passage's coverage of a question to a relevance. It takes into account the
// number of words asked for, because half of a long question is more than half of a short one, and
// the number of word pairs that are adjacent as in the question, because words that co-occur by
// chance are not.
//
// The weights are those of a logistic regression that separates questions about their own
// collection from questions about another one, over Cranfield, CISI, CACM and a manual. With the
// constant, Relevant declines about one answerable question in twenty.
func calibrate(coverage float64, asked, pairs int) float64 {
	if coverage == 0 {
		return 0
	}
	return logistic(-6.1 + 8.5*coverage + 1.7*math.Log(float64(max(1, asked))) + 0.74*float64(min(3, pairs)))
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// fillerShare is the factor for the weight of fillers.
const fillerShare = 0.25

//go:embed fillers.txt
var fillerFile string

// fillers are words, stemmed, that shape a question rather than name its subject. Their absence
// from a corpus says nothing about the question.
var fillers = sync.OnceValue(func() map[analysis.Language]map[string]bool {
	all := make(map[analysis.Language]map[string]bool)
	var lang analysis.Language
	for line := range strings.Lines(fillerFile) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			lang = analysis.Language(strings.Trim(line, "[]"))
			all[lang] = make(map[string]bool)
		default:
			for _, w := range analysis.For(lang).Terms(line) {
				all[lang][w] = true
			}
		}
	}
	return all
})

// A background is the distribution of a question's cosines to unrelated passages.
type background struct {
	mean, deviation float64
	passages        int
}

// standout maps a cosine to a relevance. It compares the cosine, in standard deviations above the
// mean, with the largest value expected by chance among so many passages. Cosines of different
// models have different scales, so absolute values mean nothing.
func (b *background) standout(cosine float64) float64 {
	if b.deviation == 0 {
		return 0
	}
	chance := math.Sqrt(2 * math.Log(float64(max(2, b.passages))))
	return logistic(2 * ((cosine-b.mean)/b.deviation - chance - 1))
}

// newBackground measures the background from a sample of the question's cosines. passages is the
// number of passages in the index. It returns nil if the sample is too small.
func newBackground(cosines []float64, passages int) *background {
	if len(cosines) < 8 {
		return nil
	}
	b := &background{passages: passages}
	for _, c := range cosines {
		b.mean += c
	}
	b.mean /= float64(len(cosines))
	for _, c := range cosines {
		b.deviation += (c - b.mean) * (c - b.mean)
	}
	b.deviation = math.Sqrt(b.deviation / float64(len(cosines)))
	return b
}
