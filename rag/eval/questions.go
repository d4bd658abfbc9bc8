// Package eval measures answers: it asks the questions of a file and grades the answers.
//
// A [Question] states what a correct answer must contain and in which files that is found, or that
// the documents have no answer. [Grade] compares an answer with that, and a [Summary] counts the
// grades. No model is involved in grading.
package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"weft/flow/show"
	"weft/rag/analysis"
)

// A Question is one line of a questions file: a question and what its answer must satisfy.
type Question struct {
	Text string `json:"question"`
	// Kind is a category for counting; "near" and "far" mean that the documents have no answer.
	Kind string `json:"kind"`
	// File holds path suffixes of the files that answer the question.
	File []string `json:"file"`
	// Heading holds the headings in those files, for readers of the questions file.
	Heading []string `json:"heading"`
	// Must holds regular expressions that a correct answer matches. White space counts as one
	// space.
	Must []string `json:"must"`
	// MustNot holds regular expressions that only a wrong answer matches.
	MustNot []string `json:"mustnot"`

	must, mustNot []*regexp.Regexp
}

// Answerable reports whether the documents have an answer.
func (q *Question) Answerable() bool { return q.Kind != "near" && q.Kind != "far" }

// ReadQuestions reads a file with one JSON object per line.
func ReadQuestions(name string) ([]Question, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	defer file.Close()
	var list []Question
	r := bufio.NewReader(file)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if len(strings.TrimSpace(string(line))) > 0 {
			var q Question
			if err := json.Unmarshal(line, &q); err != nil {
				return nil, fmt.Errorf("eval: %s, line %d: %w", name, n, err)
			}
			if err := q.compile(); err != nil {
				return nil, fmt.Errorf("eval: %s, line %d: %w", name, n, err)
			}
			list = append(list, q)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("eval: %s: %w", name, err)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("eval: %s holds no question", name)
	}
	return list, nil
}

func (q *Question) compile() error {
	if q.Text == "" {
		return fmt.Errorf(`it has no "question"`)
	}
	if q.Answerable() && len(q.Must) == 0 {
		return fmt.Errorf(`it has no "must", and is neither of kind near nor far`)
	}
	for _, list := range []struct {
		from []string
		to   *[]*regexp.Regexp
	}{{q.Must, &q.must}, {q.MustNot, &q.mustNot}} {
		for _, m := range list.from {
			re, err := regexp.Compile(m)
			if err != nil {
				return err
			}
			*list.to = append(*list.to, re)
		}
	}
	return nil
}

// A Mark is the grade of an answer.
type Mark string

// The marks of answers. Good to Declined apply if the documents have an answer, the others if they
// have none.
const (
	Good     Mark = "good"     // cites a right file, contains everything required, and is short
	Partly   Mark = "partly"   // contains a part of the required text
	Place    Mark = "place"    // contains nothing required, but cites a passage that does
	Bad      Mark = "bad"      // none of these
	Declined Mark = "declined" // says that there is no answer
	Rightly  Mark = "rightly"  // says that there is no answer, and there is none
	Wrongly  Mark = "wrongly"  // answers although there is no answer
)

// longest is the maximum number of words of a good answer.
const longest = 120

// An Outcome is an answer and its mark.
type Outcome struct {
	Question *Question `json:"-"`
	Mark     Mark      `json:"mark"`
	Words    int       `json:"words"`
	// Rank is the place of the first source from a right file, from 1; 0 if there is none. It
	// measures the search alone.
	Rank    int           `json:"rank,omitempty"`
	Missing []string      `json:"missing,omitempty"` // required but not in the answer
	Cited   []string      `json:"cited,omitempty"`   // paths
	Text    string        `json:"text"`
	Took    time.Duration `json:"took"`
}

var (
	citations = regexp.MustCompile(`\[\d+\]|(?m)^\*No model wrote this[^\n]*\*$`)
	space     = regexp.MustCompile(`\s+`)
)

func flat(text string) string { return space.ReplaceAllString(text, " ") }

// right reports whether a source is from a right file.
func (q *Question) right(s show.Source) bool {
	return slices.ContainsFunc(q.File, func(f string) bool { return s.Path == f || strings.HasSuffix(s.Path, "/"+f) })
}

func (q *Question) lacks(text string) (missing []string) {
	for i, m := range q.must {
		if !m.MatchString(text) {
			missing = append(missing, q.Must[i])
		}
	}
	return missing
}

// Matches reports whether a source is from a right file and has everything required in its text or
// headings.
func (q *Question) Matches(s show.Source) bool {
	return q.right(s) && len(q.lacks(flat(strings.Join(s.Heading, " ")+" "+s.Text))) == 0
}

// Grade compares an answer with the requirements of the question.
func Grade(q *Question, a show.Answer) Outcome {
	o := Outcome{Question: q, Text: a.Text}
	text := citations.ReplaceAllString(a.Text, "")
	o.Words = analysis.CountWords(text)
	text = flat(text)
	var cited []show.Source
	for i, s := range a.Sources {
		if o.Rank == 0 && q.right(s) {
			o.Rank = i + 1
		}
		if s.Cited {
			cited = append(cited, s)
			o.Cited = append(o.Cited, s.Path)
		}
	}
	if q.Kind == "list" {
		text += " " + strings.Join(o.Cited, " ") // citing a file counts as naming it
	}
	declined := a.Abstained || o.Words == 0
	switch {
	case !q.Answerable() && declined:
		o.Mark = Rightly
		return o
	case !q.Answerable():
		o.Mark = Wrongly
		return o
	case declined:
		o.Mark = Declined
		return o
	}
	o.Missing = q.lacks(text)
	wrong := slices.ContainsFunc(q.mustNot, func(m *regexp.Regexp) bool { return m.MatchString(text) })
	switch {
	case len(o.Missing) == 0 && slices.ContainsFunc(cited, q.right) && !wrong && o.Words <= longest:
		o.Mark = Good
	case len(o.Missing) < len(q.Must):
		o.Mark = Partly
	case slices.ContainsFunc(cited, q.Matches):
		o.Mark = Place
	default:
		o.Mark = Bad
	}
	return o
}
