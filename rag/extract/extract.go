// Package extract answers questions with excerpts from the documents, without a model.
//
// The input is a question and the passages found for it. Each passage is split along its blocks
// (see [chunk.Block]) into sections, the blocks under one heading, and each section into units:
// sentences, list items, table rows, code blocks. A table of named features scores sections
// ([SectionFeatures]), and another one units ([UnitFeatures]). The answer is a stretch: the text
// around the best unit of the best section, in document order and under its heading. Lists and
// tables are quoted whole, or their gaps are marked. Another section is quoted only if it covers a
// part of the question that the first one lacks. From source code, whole declarations are quoted,
// with the comments above them.
//
// Every piece of an answer comes from a passage. If no unit covers enough of the question, there is
// no answer.
package extract

import (
	"slices"
	"strings"

	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/load"
)

// A Passage is a numbered passage of a document. Slices of passages are ordered best first.
type Passage struct {
	chunk.Chunk
	// N is the number used in citations.
	N int
	// Code is the language of source code, or "" for text.
	Code string
	// Place is the rank in the search before the passages were reordered by their sections; 0 means
	// the position in the slice.
	Place int
	// Near is the cosine similarity to the question, 0 to 1.
	Near float64
	// Prior is the search's score relative to the other passages, 0 to 1.
	Prior float64
	// Fields describe the passage's document. They count as evidence and are never quoted.
	Fields []load.Field
}

// A Term is a word of the question and its share of the question's weight. All shares add up to 1.
type Term struct {
	Text  string
	Share float64
}

// A Piece is a part of an answer: Markdown, including its citation.
type Piece struct {
	Text string
	N    int // number of the passage it comes from

	Opens bool // it is the title of the pieces after it

	// Left is the number of items or rows of its list or table that are not quoted, if the question
	// asks for all of them.
	Left int
}

const (
	mostWords   = 105 // of an answer: short enough to read at a glance
	fewestWords = 25  // minimum room for a further stretch
	least       = 0.12
)

// Answer quotes the stretches that best answer the question. terms weigh the words of the question;
// if empty, the weights are estimated from the passages. Answer returns nil if no unit covers
// enough of the question.
func Answer(text string, terms []Term, passages []Passage) []Piece {
	return answer(text, terms, passages, mostWords)
}

// AnswerParts answers the parts of a question in order. Together the answers are as long as one,
// and no text is quoted twice.
func AnswerParts(parts []string, passages []Passage) (all []Piece) {
	passages = slices.Clone(passages)
	for i := range passages { // the scores of the search are for the whole question, not its parts: weaken them
		passages[i].Prior, passages[i].Place, passages[i].Near = (1+passages[i].Prior)/2, 1, 0
	}
	if parted := strings.Join(parts, " "); len(parts) > 1 && oneSection(parts, passages) {
		return answer(parted, nil, passages, mostWords)
	}
	for _, part := range parts {
		pieces := answer(part, nil, passages, mostWords/len(parts))
		for i := 0; i < len(pieces); {
			end := i + 1
			for end < len(pieces) && !pieces[end].Opens {
				end++
			}
			if new := slices.DeleteFunc(slices.Clone(pieces[i:end]), func(p Piece) bool { return slices.Contains(all, p) }); slices.ContainsFunc(new, func(p Piece) bool { return !p.Opens }) {
				all = append(all, new...)
			}
			i = end
		}
	}
	return all
}

// oneSection reports whether one section is the best answer to all parts, so that it is quoted
// once.
func oneSection(parts []string, passages []Passage) bool {
	var first *section
	for _, part := range parts {
		q := newQuestion(part, nil, passages)
		if len(q.share) == 0 {
			return false
		}
		sections := q.sections(passages)
		if len(sections) == 0 {
			return false
		}
		if s := sections[0]; first == nil {
			first = s
		} else if s.passage != first.passage || !slices.Equal(s.path, first.path) {
			return false
		}
	}
	return true
}

func answer(text string, terms []Term, passages []Passage, room int) []Piece {
	q := newQuestion(text, terms, passages)
	if len(q.share) == 0 {
		return nil
	}
	sections := q.sections(passages)
	if need := q.wants & indispensable; need != 0 {
		sections = slices.DeleteFunc(sections, func(s *section) bool { return q.carried(s)&need == 0 })
	}
	if len(sections) == 0 || len(terms) > 0 && q.misses(sections[0]) {
		return nil
	}
	stretches, more := q.choose(sections, room)
	pieces := compose(passages, stretches)
	if !wantsAll(text) {
		for i := range pieces {
			pieces[i].Left = 0 // what was left out is not what the question asks for
		}
	}
	if more != nil {
		n := passages[more.passage].N
		pieces = append(pieces, Piece{Text: cite(gap, n), N: n, Left: 1})
	}
	return pieces
}

// A Rating says how well a passage answers a question.
type Rating struct {
	// Score is on a scale that is valid within one call only.
	Score float64
	// Values are the values of [SectionFeatures] for the passage's best section; nil if it has
	// none.
	Values []float64
}

// Rate rates each passage by its best section.
func Rate(text string, terms []Term, passages []Passage) []Rating {
	q := newQuestion(text, terms, passages)
	ratings := make([]Rating, len(passages))
	for i := range ratings {
		ratings[i].Score = SectionFeatures.floor(passages[i].Prior)
	}
	for _, s := range q.sections(passages) {
		if r := &ratings[s.passage]; r.Values == nil || s.score > r.Score {
			*r = Rating{max(r.Score, s.score), s.features}
		}
	}
	return ratings
}

// A Candidate is a section or unit that may be quoted, with the values of its features.
type Candidate struct {
	Passage int      // index of its passage
	Heading []string // outermost first
	Text    string
	Values  []float64
	Units   []Candidate // of a section
}

// Candidates returns the sections of the passages with the values of [SectionFeatures], and their
// units with those of [UnitFeatures]. The weights of both tables are fitted on them.
func Candidates(text string, terms []Term, passages []Passage) (all []Candidate) {
	q := newQuestion(text, terms, passages)
	if len(q.share) == 0 {
		return nil
	}
	for _, s := range q.sections(passages) {
		c := Candidate{Passage: s.passage, Heading: s.path, Values: s.features}
		for _, u := range s.units {
			c.Text += u.text + "\n"
			if u.values != nil {
				c.Units = append(c.Units, Candidate{Passage: s.passage, Heading: s.path, Text: u.text, Values: u.values})
			}
		}
		all = append(all, c)
	}
	return all
}

// languageOf returns the language for comparing the question and the passages: the question's, else
// the passages', else English.
func languageOf(question string, passages []Passage) analysis.Language {
	if l := analysis.Detect(question); l != "" {
		return l
	}
	var text strings.Builder
	for _, p := range passages {
		text.WriteString(p.Text[:min(len(p.Text), 400)] + "\n")
		if text.Len() > 1000 {
			break
		}
	}
	if l := analysis.Detect(text.String()); l != "" {
		return l
	}
	return analysis.English
}

// A stretch is an excerpt of one section: a run of its units.
type stretch struct {
	section  *section
	from, to int   // unit indices; to is exclusive
	skip     []int // units in the run that are omitted and marked as a gap
}

// words returns the number of words in the stretch and its title.
func (s stretch) words() (n int) {
	for i := s.from; i < s.to; i++ {
		if !slices.Contains(s.skip, i) {
			n += s.section.units[i].words
		}
	}
	return n + analysis.CountWords(title(s.section.path))
}
