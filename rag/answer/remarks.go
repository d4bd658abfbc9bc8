package answer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"weft/flow/show"
	"weft/rag/extract"
	"weft/rag/lazyregexp"
	"weft/rag/llm"
)

// uncited is the note on an answer of a model that names no source.
const uncited = "the answer cites none of its sources: check it"

// notes returns remarks for the user on the citations of an answer.
func notes(c llm.Citations) (out []string) {
	if len(c.Cited) == 0 {
		out = append(out, uncited)
	}
	switch n := len(c.Removed); {
	case n == 1:
		out = append(out, fmt.Sprintf("a citation of a passage that does not exist was removed: %s", c.Removed[0]))
	case n > 1:
		out = append(out, fmt.Sprintf("citations of passages that do not exist were removed: %s",
			strings.Join(c.Removed[:min(n, 5)], " ")))
	}
	return out
}

// mostDoubts is the maximum number of doubtful sentences that are named.
const mostDoubts = 3

// citation is one citation of a normalised text, with the space before it.
var citation = lazyregexp.New(`[ \t]*\[\d{1,3}\]`)

// doubts returns a note for each cited sentence that its sources do not support, at most
// mostDoubts. text is the text of the answer in which every number in brackets is a citation (see
// [llm.OnlyCitations]); a note quotes the sentence as the model wrote it, without its citations.
func doubts(a show.Answer, text string) (out []string) {
	all := extract.Check(a.Question, text, extracts(a.Sources))
	for _, d := range all[:min(len(all), mostDoubts)] {
		numbers := make([]string, len(d.Cited))
		for i, n := range d.Cited {
			numbers[i] = strconv.Itoa(n)
		}
		from := "source " + strings.Join(numbers, ", ")
		sentence := a.Text[d.Start:d.End]
		for _, at := range slices.Backward(citation.FindAllStringIndex(text[d.Start:d.End], -1)) {
			sentence = sentence[:at[0]] + sentence[at[1]:]
		}
		sentence = strings.TrimSpace(sentence)
		if d.What == extract.Negated {
			out = append(out, fmt.Sprintf("%s may say the opposite of: %s", from, sentence))
			continue
		}
		out = append(out, fmt.Sprintf("“%s” was not found in %s: %s", d.What, from, sentence))
	}
	if n := len(all) - mostDoubts; n > 0 {
		out = append(out, fmt.Sprintf("%d more sentences differ from their sources: check them", n))
	}
	return out
}

// mostDecline is the length in characters of the longest text that counts as declining to answer. A
// longer text contains an answer.
const mostDecline = 400

// refusal matches a sentence in which a model says that the passages do not have the answer.
var refusal = lazyregexp.New(`(?i)(?:passages?|documents?|sources?|context|excerpts?|texts?)\b[^.\n]{0,60}\b(?:do(?:es)?(?:n['’]t| not)|cannot|never)\b[^.\n]{0,40}` +
	`\b(?:contain|mention|say|state|provide|include|specify|describe|answer|cover|give|explain|address|discuss|tell|have)` +
	`|\b(?:no|not enough|insufficient)\s+(?:relevant\s+)?(?:information|details?|mention)\b` +
	`|\b(?:cannot|can['’]t|could not|couldn['’]t|unable to)\s+(?:find|answer|determine)\b` +
	`|\bnot\s+(?:\w+\s+)?(?:mentioned|stated|specified|contained|found|answered|covered|provided|described)\s+(?:in|by)\s+(?:the\s+|any\s+|these\s+)?(?:\w+\s+)?(?:passages?|documents?|sources?|context|excerpts?|texts?)` +
	`|(?:passagen|dokumente?|quellen|texte?|abschnitte)[^.\n]{0,60}(?:enth|nenn|erwähn|beantwort|sagen|geben)[^.\n]{0,60}(?:nicht|kein)|kein(?:e|en|er)?\s+(?:angaben?|informationen?|antwort)` +
	`|\bne\s+(?:contien|mentionn|précis|répond|fourni|indiqu)|\bno\s+(?:contien|mencion|respond|proporcion|indica)|\bnon\s+(?:conten|contien|menzion|rispond|specific)` +
	`|não\s+(?:cont|mencion|respond)|δεν\s+(?:περιέχ|αναφέρ|απαντ)|\bei(?:vät)?\s+(?:sisäl|mainit|vasta|kerro)|(?:innehåller|nämner|anger)\s+(?:inte|ing)` +
	`|(?:bevatten|vermelden|geven)\s+(?:geen|niet)|не\s+(?:содерж|упомина|указ|отвеча)|(?:含まれて|記載されて|見つかり|書かれて)(?:い)?ませ|(?:没有|并未|未)(?:包含|提及|提到|提供|说明)`)

// declines reports whether an answer has no citations and only says that the passages do not have
// the answer.
func declines(text string, c llm.Citations) bool {
	return len(c.Cited) == 0 && utf8.RuneCountInString(text) <= mostDecline && refusal.MatchString(text)
}
