package eval

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"weft/flow/show"
	"weft/rag/embed"
	"weft/rag/extract"
	"weft/rag/index"
	"weft/rag/retrieve"
)

// fitPenalty is the L2 penalty on the distance of weights from their present values. It is large,
// because a few hundred questions are little evidence for twenty weights.
const fitPenalty = 3

// A Fitted is a table of features with weights fitted on questions.
type Fitted struct {
	Name     string // of the table
	Features extract.Features
	Weights  []float64
	// Choices is the number of questions with a right candidate. Present, New and Apart are the
	// numbers of these questions whose best-scoring candidate is right: with the present weights,
	// with the fitted weights, and with weights fitted without the questions of the same directory
	// (cross-validation).
	Choices, Present, New, Apart int
}

// FitWeights fits the weights of [extract.SectionFeatures] and [extract.UnitFeatures] on the
// answerable questions of directories: see [Documents] for their documents.
func FitWeights(ctx context.Context, dirs []string) ([]Fitted, error) {
	var sections, units [][]Choice // by directory
	for _, dir := range dirs {
		s, u, err := choices(ctx, dir)
		if err != nil {
			return nil, err
		}
		sections, units = append(sections, s), append(units, u)
	}
	return []Fitted{
		fitTable("sections", extract.SectionFeatures, sections),
		fitTable("units", extract.UnitFeatures, units),
	}, nil
}

// Documents returns the directory with the documents that the questions of dir are about: its
// subdirectory docs, or else dir.
func Documents(dir string) string {
	docs := filepath.Join(dir, "docs")
	if fi, err := os.Stat(docs); err != nil || !fi.IsDir() {
		return dir
	}
	return docs
}

// QuestionsFile is the name of the file with the questions of a directory.
const QuestionsFile = "questions.jsonl"

// choices returns the sections that may answer each question of a directory, and the units of the
// right ones.
func choices(ctx context.Context, dir string) (sections, units []Choice, err error) {
	questions, err := ReadQuestions(filepath.Join(dir, QuestionsFile))
	if err != nil {
		return nil, nil, err
	}
	x := index.New(embed.NewHashed(), index.Options{})
	if _, err := x.Update(ctx, []string{Documents(dir)}, index.UpdateOptions{}); err != nil {
		return nil, nil, fmt.Errorf("eval: %w", err)
	}
	r := retrieve.New(x, nil)
	for i := range questions {
		q := &questions[i]
		if !q.Answerable() {
			continue
		}
		text := r.Respell(q.Text)
		hits, err := r.Candidates(ctx, retrieve.Query{Text: text})
		if err != nil {
			return nil, nil, fmt.Errorf("eval: %w", err)
		}
		if _, err := (retrieve.Lexical{}).Rerank(ctx, text, hits); err != nil { // sets Prior
			return nil, nil, err
		}
		slices.SortStableFunc(hits, func(a, b retrieve.Hit) int {
			return cmp.Compare(a.Why.Prior.Rank, b.Why.Prior.Rank)
		})
		passages := make([]extract.Passage, len(hits))
		for j := range hits {
			passages[j] = hits[j].Passage(j + 1)
		}
		var choice Choice
		for _, c := range extract.Candidates(text, retrieve.Terms(hits), passages) {
			right := q.shows(hits[c.Passage].Path, c)
			choice.Values = append(choice.Values, c.Values)
			choice.Right = append(choice.Right, right)
			if !right {
				continue
			}
			var inner Choice
			for _, u := range c.Units {
				inner.Values = append(inner.Values, u.Values)
				inner.Right = append(inner.Right, q.shows(hits[c.Passage].Path, u))
			}
			units = append(units, inner)
		}
		sections = append(sections, choice)
	}
	return sections, units, nil
}

func (q *Question) shows(path string, c extract.Candidate) bool {
	return q.Matches(show.Source{Passage: show.Passage{Path: path, Heading: c.Heading, Text: c.Text}})
}

func fitTable(name string, features extract.Features, groups [][]Choice) Fitted {
	f := Fitted{Name: name, Features: features}
	var present []float64
	for _, feature := range features {
		present = append(present, feature.Weight)
	}
	f.Weights = Fit(slices.Concat(groups...), present, fitPenalty)
	for i, group := range groups {
		apart := Fit(slices.Concat(slices.Concat(groups[:i]...), slices.Concat(groups[i+1:]...)), present, fitPenalty)
		for _, c := range group {
			if !slices.Contains(c.Right, true) {
				continue
			}
			f.Choices++
			f.Present += c.first(present)
			f.New += c.first(f.Weights)
			f.Apart += c.first(apart)
		}
	}
	return f
}

// first returns 1 if the candidate with the highest score is right, else 0.
func (c *Choice) first(weights []float64) int {
	best, right := 0.0, 0
	for i, values := range c.Values {
		sum := 0.0
		for f, v := range values {
			sum += weights[f] * v
		}
		if i > 0 && sum <= best {
			continue
		}
		if best, right = sum, 0; c.Right[i] {
			right = 1
		}
	}
	return right
}
