// Package extract answers questions with stretches of the documents themselves: the answerer that needs no model.
//
// A question and the passages found for it go in. Each passage is taken apart along its blocks (see [chunk.Block]) into sections,
// the blocks under one heading, and each section into units: sentences, items of lists, rows of tables, code blocks. Sections are
// scored by a table of named features ([SectionFeatures]), units by another one ([UnitFeatures]). The answer is the stretch around
// the best unit of the best section, in its order and under its heading, with lists and tables whole or their gap marked. Another
// section is added only for what is missing.
//
// Of source code whole declarations are quoted, with the comments above them.
//
// Nothing is invented: every piece of the answer stands in a passage. Where nothing covers the question, there is no answer.
package extract

import (
	"slices"
	"strings"

	"weft/rag/analysis"
	"weft/rag/chunk"
)

// A Passage is a numbered passage of a document. Passages come best first.
type Passage struct {
	chunk.Chunk
	N     int     // the number that citations give
	Code  string  // the language of source code; "" for text
	Place int     // its place in the search, before passages were ordered by their sections; 0: that in the list
	Near  float64 // the cosine of its vector and the question's, 0 to 1
	Prior float64 // what the search thinks of it beside the others, 0 to 1
}

// A Term is a word of the question with its share of what was asked. The shares of all words together are 1.
type Term struct {
	Text  string
	Share float64
}

// A Piece is a part of the answer: Markdown, with its citation.
type Piece struct {
	Text string
	N    int // the passage it stands in

	Opens bool // it is the headings of what follows
}

const (
	mostWords   = 105 // of an answer: what is read at a glance
	fewestWords = 25  // what a further stretch needs room for
	least       = 0.12
)

// Answer quotes the stretches that best answer the question. The terms say how much each word of the question tells; without them the
// passages themselves do. It returns nil if no unit covers enough of the question.
func Answer(text string, terms []Term, passages []Passage) []Piece {
	return answer(text, terms, passages, mostWords)
}

// AnswerParts answers the parts of a question one after the other, in as many words as one answer has. What one part has quoted is not
// quoted again.
func AnswerParts(parts []string, passages []Passage) (all []Piece) {
	passages = slices.Clone(passages)
	for i := range passages { // the search has placed them for the whole question
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

// oneSection reports whether the same section answers all parts best: it is quoted once, for all of them.
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
	if len(sections) == 0 {
		return nil
	}
	return compose(passages, q.choose(sections, room))
}

// Rate scores passages by their best section: how well each one answers the question beside the others.
func Rate(text string, terms []Term, passages []Passage) []float64 {
	q := newQuestion(text, terms, passages)
	scores := make([]float64, len(passages))
	for i := range scores {
		scores[i] = SectionFeatures.floor(passages[i].Prior)
	}
	for _, s := range q.sections(passages) {
		scores[s.passage] = max(scores[s.passage], s.score)
	}
	return scores
}

// languageOf is the language that question and passages are compared in: that of the question, or else of the passages.
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

// A stretch is a run of units of one section.
type stretch struct {
	section  *section
	from, to int   // the units; to is behind the last one
	skip     []int // units within that are left out, and marked as a gap
}

// words counts the words of the stretch and of its title.
func (s stretch) words() (n int) {
	for i := s.from; i < s.to; i++ {
		if !slices.Contains(s.skip, i) {
			n += s.section.units[i].words
		}
	}
	return n + analysis.CountWords(title(s.section.path))
}
