package extract

import (
	"slices"
	"strconv"
	"strings"

	"weft/rag/analysis"

	"weft/rag/lazyregexp"
)

// Supported measures how far an answer is backed by its passages, and how much of its question it
// covers.
type Supported struct {
	// Claims is the share of the answer's content words found in the passages that their sentence
	// cites, 0 to 1.
	Claims float64
	// Covered is the share of the question's content words found in the answer or in the headings
	// above the cited passages, 0 to 1.
	Covered float64
	// Missing are the question's content words that were not found, as typed.
	Missing []string
}

// Support compares an answer, a Markdown text with citations such as [1], with its passages. A
// sentence without a citation is compared with all of them.
func Support(question, answer string, passages []Passage) Supported {
	a := analysis.For(analysis.Detect(question))
	all, cited := map[string]bool{}, map[string]bool{}
	of := map[int]map[string]bool{}
	for _, p := range passages {
		of[p.N] = set(a.Terms(strings.Join(p.Heading, " ") + "\n" + p.Text))
		for t := range of[p.N] {
			all[t] = true
		}
	}
	stand, claimed := 0, 0
	for _, s := range analysis.Sentences(answer) {
		if s.Block == analysis.Heading {
			continue
		}
		text := answer[s.Start:s.End]
		text += behind.FindString(answer[s.End:])
		in := all
		if ns := citations(text); len(ns) > 0 {
			in = map[string]bool{}
			for _, n := range ns {
				for t := range of[n] {
					in[t] = true
				}
			}
		}
		for _, t := range a.Terms(citation.ReplaceAllString(text, "")) {
			claimed++
			if in[t] {
				stand++
			}
		}
	}
	for t := range set(a.Terms(citation.ReplaceAllString(answer, ""))) {
		cited[t] = true
	}
	for _, p := range passages {
		if slices.Contains(citations(answer), p.N) {
			for t := range set(a.Terms(strings.Join(p.Heading, " "))) {
				cited[t] = true
			}
		}
	}
	s := Supported{Claims: 1}
	if claimed > 0 {
		s.Claims = float64(stand) / float64(claimed)
	}
	asked := map[string]bool{}
	has := 0
	for _, t := range a.Tokens(question) {
		if t.Stop || asked[t.Term] || t.Kind == analysis.Whole || t.Kind == analysis.Value || t.Kind == analysis.Character {
			continue
		}
		asked[t.Term] = true
		if cited[t.Term] {
			has++
		} else {
			s.Missing = append(s.Missing, question[t.Start:t.End])
		}
	}
	if len(asked) > 0 {
		s.Covered = float64(has) / float64(len(asked))
	}
	return s
}

var (
	citation = lazyregexp.New(`\[(\d{1,3})\]`)
	// citationBefore is a citation with the space before it.
	citationBefore = lazyregexp.New(`[ \t]*\[\d{1,3}\]`)
	behind         = lazyregexp.New(`^ *(?:\[\d{1,3}\] *)+`) // citations after a full stop
)

func citations(text string) (ns []int) {
	for _, m := range citation.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		ns = append(ns, n)
	}
	return ns
}
