// Package overview describes what an index holds, for a person who does not know the documents: how
// many of which kind, in which languages, and questions that they answer.
package overview

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/flow/show"
	"weft/rag/analysis"
	"weft/rag/chunk"
	"weft/rag/index"
	"weft/rag/lazyregexp"
	"weft/rag/retrieve"
)

// Of returns what an index holds, without questions: its kinds and languages, the most frequent
// first.
func Of(x *index.Index) show.Overview {
	var o show.Overview
	v := x.View()
	kinds := map[string]int{}
	path := ""
	v.Each(func(id index.ID, c *chunk.Chunk) {
		o.Bytes += int64(len(c.Text))
		if c.Path != path {
			path = c.Path
			kinds[v.Kind(id)]++
		}
	})
	for kind, n := range kinds {
		o.Kinds = append(o.Kinds, show.KindCount{Kind: kind, Files: n})
	}
	slices.SortFunc(o.Kinds, func(a, b show.KindCount) int {
		return cmp.Or(cmp.Compare(b.Files, a.Files), cmp.Compare(a.Kind, b.Kind))
	})
	in := x.Status().Languages
	languages := slices.SortedFunc(maps.Keys(in), func(a, b analysis.Language) int {
		return cmp.Or(cmp.Compare(in[b], in[a]), cmp.Compare(names[a], names[b]))
	})
	for _, l := range languages {
		// A passage of code or of a few words is easily taken for one of another language.
		if names[l] != "" && in[l]*20 >= v.Len() {
			o.Languages = append(o.Languages, names[l])
		}
	}
	return o
}

// names are the languages in English.
var names = map[analysis.Language]string{
	analysis.English: "English", analysis.German: "German", analysis.French: "French", analysis.Spanish: "Spanish",
	analysis.Italian: "Italian", analysis.Portuguese: "Portuguese", analysis.Dutch: "Dutch", analysis.Swedish: "Swedish",
	analysis.Norwegian: "Norwegian", analysis.Danish: "Danish", analysis.Finnish: "Finnish", analysis.Hungarian: "Hungarian",
	analysis.Romanian: "Romanian", analysis.Russian: "Russian", analysis.Turkish: "Turkish", analysis.Chinese: "Chinese",
	analysis.Japanese: "Japanese", analysis.Korean: "Korean", analysis.Greek: "Greek", analysis.Arabic: "Arabic",
	analysis.Hebrew: "Hebrew", analysis.Thai: "Thai", analysis.Hindi: "Hindi",
}

// A section is the text below a heading of a document.
type section struct {
	path, heading string
	question      string
	bytes         int
	depth         int // of the heading; 1: it is the title
}

// data are the kinds of files whose headings are not written for readers.
var data = map[string]bool{"source": true, "json": true, "yaml": true, "toml": true, "csv": true, "tsv": true, "log": true}

// tries is how many questions are tried for each that is wanted.
const tries = 6

// least is the least probability that the documents answer a question for it to be suggested.
const least = 0.6

// Questions returns up to n questions that the documents answer, made of their own headings: those
// that are questions already, otherwise long sections, no two of one document if that is possible.
// Each was searched for, by its words alone, and its section was found first. Nothing is asked of a
// model.
func Questions(ctx context.Context, x *index.Index, n int) (questions []string) {
	r := retrieve.New(x, nil)
	var later []string
	used := map[string]bool{}
	for i, s := range sections(x.View()) {
		if i == tries*n || len(questions) == n {
			break
		}
		hits, err := r.Keyword(ctx, retrieve.Query{Text: s.question, K: 8})
		if err == nil {
			hits, err = r.Rerank(ctx, s.question, hits, 1)
		}
		switch {
		case err != nil:
			return questions
		case len(hits) == 0 || hits[0].Path != s.path || hits[0].Score < least || !slices.Contains(hits[0].Heading, s.heading):
		case slices.Contains(questions, s.question) || slices.Contains(later, s.question):
		case used[s.path]:
			later = append(later, s.question)
		default:
			used[s.path] = true
			questions = append(questions, s.question)
		}
	}
	return append(questions, later[:min(len(later), n-len(questions))]...)
}

// sections returns the sections that may make a question, the most promising first: by turns of all
// documents.
func sections(v *index.View) []section {
	byPath := map[string][]*section{}
	var paths []string
	seen := map[string]string{} // the document of each heading; "" if it is in several
	v.Each(func(id index.ID, c *chunk.Chunk) {
		if len(c.Heading) == 0 || data[v.Kind(id)] {
			return
		}
		heading := c.Heading[len(c.Heading)-1]
		if path, known := seen[heading]; known && path != c.Path {
			seen[heading] = "" // such as Usage or Introduction
		} else if !known {
			seen[heading] = c.Path
		}
		of := byPath[c.Path]
		if len(of) == 0 {
			paths = append(paths, c.Path)
		}
		if n := len(of); n > 0 && of[n-1].heading == heading {
			of[n-1].bytes += len(c.Text)
			return
		}
		if q := question(heading, c.Text); q != "" {
			byPath[c.Path] = append(of, &section{c.Path, heading, q, len(c.Text), len(c.Heading)})
		}
	})
	var all []section
	for turn := 0; ; turn++ {
		found := false
		for _, path := range paths {
			own := slices.DeleteFunc(byPath[path], func(s *section) bool { return seen[s.heading] == "" || s.bytes < leastText })
			slices.SortStableFunc(own, func(a, b *section) int {
				return cmp.Or(cmp.Compare(promise(b), promise(a)), cmp.Compare(min(b.bytes, mostText), min(a.bytes, mostText)))
			})
			byPath[path] = own
			if turn < len(own) {
				all, found = append(all, *own[turn]), true
			}
		}
		if !found {
			break
		}
	}
	slices.SortStableFunc(all, func(a, b section) int { return cmp.Compare(promise(&b), promise(&a)) })
	return all
}

// A section shorter than leastText says little; from mostText on, more text makes it no better.
const leastText, mostText = 160, 2000

// promise ranks headings: questions before others, and titles last.
func promise(s *section) int {
	switch {
	case s.question == s.heading:
		return 2
	case s.depth > 1:
		return 1
	}
	return 0
}

var numbering = lazyregexp.New(`^(?:[0-9]+[.)]?)+\s+|^[A-Za-z][.)]\s+`)

// question makes a question of a heading, in the language of the text below it; "" if the heading is
// not made for that.
func question(heading, text string) string {
	words := len(strings.Fields(heading))
	if utf8.RuneCountInString(heading) > 60 || strings.ContainsAny(heading, "`<>{}[]()|=_\\") {
		return ""
	}
	switch {
	case strings.HasSuffix(heading, "？"), strings.HasSuffix(heading, "?") && words > 2:
		return heading
	case strings.HasSuffix(heading, "?") || strings.ToUpper(heading) == heading: // What next? TERMS AND CONDITIONS
		return ""
	}
	topic := strings.Trim(numbering.ReplaceAllString(heading, ""), " .:-–—")
	if topic == "" || strings.IndexFunc(topic, unicode.IsLetter) != 0 || strings.ContainsFunc(topic, unicode.IsDigit) {
		return ""
	}
	form := about[analysis.Detect(text)]
	if form == "" || words < 2 || words > 8 {
		return ""
	}
	return form + topic
}

// about begins a question about a topic, in the languages in which that needs no inflection of it.
var about = map[analysis.Language]string{
	analysis.English: "Tell me about: ", analysis.German: "Was steht dort zum Thema: ", analysis.French: "Que dit-on au sujet de : ",
	analysis.Spanish: "Qué se dice sobre: ", analysis.Italian: "Che cosa si dice di: ", analysis.Dutch: "Wat staat er over: ",
}
