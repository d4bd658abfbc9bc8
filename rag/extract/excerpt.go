package extract

import (
	"regexp"
	"strings"

	"weft/rag/analysis"
)

// What has more words than any sentence should have is quoted in part: a list without marks, the text of a picture, a table that lost its lines.
const (
	mostInSentence = 90
	excerptWords   = 50
)

// readable makes a sentence one that can be quoted by itself: of what goes on and on the part that has most of the question's terms, and what begins in
// mid-sentence, as the first one of a passage may, says so.
func readable(a *analysis.Analyzer, text string, wanted map[string]bool, first bool) string {
	if words := strings.Fields(text); len(words) > mostInSentence {
		return excerpt(a, words, wanted)
	}
	if first && continues(text) {
		return "… " + text
	}
	return text
}

// continues reports whether a passage begins with the rest of a sentence: in small letters, and with a word that begins none.
func continues(text string) bool { return startsLow(text) && middle.MatchString(text) }

// middle are words that stand within a sentence.
var middle = regexp.MustCompile(`^(?:and|or|but|nor|of|in|on|at|by|to|for|from|with|which|who|whose|whom|that|than|as|is|are|was|were|has|have|had|be|been|the|a|an|its|their|it|they)\b`)

// excerpt returns the run of words in which most terms of the question stand, the first of several.
func excerpt(a *analysis.Analyzer, words []string, wanted map[string]bool) string {
	has := make([][]string, len(words))
	for i, w := range words {
		for _, t := range a.Terms(w) {
			if wanted[t] {
				has[i] = append(has[i], t)
			}
		}
	}
	in := map[string]int{}
	best, most := 0, 0
	for i := range words {
		for _, t := range has[i] {
			in[t]++
		}
		if i >= excerptWords {
			for _, t := range has[i-excerptWords] {
				if in[t]--; in[t] == 0 {
					delete(in, t)
				}
			}
		}
		if len(in) > most {
			best, most = max(0, i-excerptWords/2), len(in)
		}
	}
	end := min(best+excerptWords, len(words))
	text := strings.Join(words[best:end], " ")
	if best > 0 {
		text = "… " + text
	}
	if end < len(words) {
		text += " …"
	}
	return text
}

// record is a row of a table that was written with the names of its columns: "Ship: Kittiwake; Tons: 54".
var record = regexp.MustCompile(`^[^:;|.]{1,40}: [^;]*(?:; [^:;]{1,40}: [^;]*)+$`)

// sentences cuts a passage into what can be quoted. Rows of a table each stand by themselves; what is above them only names the columns.
func sentences(text string) []analysis.Sentence {
	var rows []analysis.Sentence
	records, at := 0, 0
	for line := range strings.Lines(text) {
		start := at
		at += len(line)
		body := strings.TrimSpace(line)
		if body == "" {
			continue
		}
		start += strings.Index(line, body)
		block := analysis.Heading
		if record.MatchString(body) {
			block = analysis.Item
			records++
		}
		rows = append(rows, analysis.Sentence{Start: start, End: start + len(body), Block: block})
	}
	if records < 2 || records*3 < len(rows)*2 {
		return analysis.Sentences(text)
	}
	return rows
}
