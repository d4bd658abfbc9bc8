package analysis

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// A Language is a two-letter code (ISO 639-1), or empty if the language is unknown.
type Language string

// The languages that Detect distinguishes. Those of the Latin script and Russian are stemmed.
const (
	English    Language = "en"
	German     Language = "de"
	French     Language = "fr"
	Spanish    Language = "es"
	Italian    Language = "it"
	Portuguese Language = "pt"
	Dutch      Language = "nl"
	Swedish    Language = "sv"
	Norwegian  Language = "no"
	Danish     Language = "da"
	Finnish    Language = "fi"
	Hungarian  Language = "hu"
	Romanian   Language = "ro"
	Russian    Language = "ru"
	Turkish    Language = "tr"
	Chinese    Language = "zh"
	Japanese   Language = "ja"
	Korean     Language = "ko"
	Greek      Language = "el"
	Arabic     Language = "ar"
	Hebrew     Language = "he"
	Thai       Language = "th"
	Hindi      Language = "hi"
)

// Latin reports whether a language is detected by its function words instead of its script.
func Latin(l Language) bool {
	switch l {
	case English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Norwegian, Danish,
		Finnish, Hungarian, Romanian, Turkish:
		return true
	}
	return false
}

// sample is the number of bytes of a text that Detect examines.
const sample = 1 << 10

// Detect returns the language of a text, judged by its script and, for the Latin script, by its
// function words. It returns an empty language if there is too little evidence, as in a short
// question or a table of numbers.
func Detect(text string) Language {
	if len(text) > sample {
		text = text[:sample]
	}
	scripts, letters := countScripts(text)
	if letters == 0 {
		return ""
	}
	if scripts[scriptKana]*10 > letters || (scripts[scriptKana] > 0 &&
		(scripts[scriptKana]+scripts[scriptHan])*2 > letters) {
		return Japanese
	}
	best := scriptLatin
	for s, n := range scripts {
		if n > scripts[best] {
			best = s
		}
	}
	switch best {
	case scriptHan:
		return Chinese
	case scriptHangul:
		return Korean
	case scriptCyrillic:
		return Russian
	case scriptGreek:
		return Greek
	case scriptArabic:
		return Arabic
	case scriptHebrew:
		return Hebrew
	case scriptThai:
		return Thai
	case scriptDevanagari:
		return Hindi
	case scriptLatin:
		return detectLatin(text)
	}
	return ""
}

const (
	scriptLatin = iota
	scriptHan
	scriptKana
	scriptHangul
	scriptCyrillic
	scriptGreek
	scriptArabic
	scriptHebrew
	scriptThai
	scriptDevanagari
	scriptCount
)

func countScripts(text string) (n [scriptCount]int, letters int) {
	for _, r := range text {
		switch {
		case r < 'A':
			continue
		case r < 0x250:
			if unicode.IsLetter(r) {
				n[scriptLatin]++
			} else {
				continue
			}
		case unicode.Is(unicode.Han, r):
			n[scriptHan]++
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			n[scriptKana]++
		case unicode.Is(unicode.Hangul, r):
			n[scriptHangul]++
		case unicode.Is(unicode.Cyrillic, r):
			n[scriptCyrillic]++
		case unicode.Is(unicode.Greek, r):
			n[scriptGreek]++
		case unicode.Is(unicode.Arabic, r):
			n[scriptArabic]++
		case unicode.Is(unicode.Hebrew, r):
			n[scriptHebrew]++
		case unicode.Is(unicode.Thai, r):
			n[scriptThai]++
		case unicode.Is(unicode.Devanagari, r):
			n[scriptDevanagari]++
		case !unicode.IsLetter(r):
			continue
		}
		letters++
	}
	return n, letters
}

// detectLatin counts function words. A word that several languages share counts as a fraction for
// each.
func detectLatin(text string) Language {
	votes := make(map[Language]float64)
	for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		if len(w) < 2 || len(w) > 16 || initials(w) {
			// Single letters and words in capitals are names and abbreviations in any language.
			continue
		}
		langs := functionWords()[lowercase(w)]
		for _, l := range langs {
			votes[l] += 1 / float64(len(langs))
		}
	}
	var best, second Language
	for l, v := range votes {
		switch {
		case best == "" || v > votes[best] || (v == votes[best] && l < best):
			best, second = l, best
		case second == "" || v > votes[second] || (v == votes[second] && l < second):
			second = l
		}
	}
	if best == "" || votes[best] < 1 || votes[best] < votes[second]*1.15 {
		return ""
	}
	return best
}

// initials reports whether a word consists of capitals.
func initials(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return !unicode.IsUpper(r) }) < 0
}

//go:embed stopwords.txt
var stopFile string

// stopLists parses the embedded lists: a line "[code]" starts a language, its words follow.
var stopLists = sync.OnceValue(func() map[Language]map[string]bool {
	lists := make(map[Language]map[string]bool)
	var lang Language
	for line := range strings.Lines(stopFile) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			lang = Language(strings.Trim(line, "[]"))
			lists[lang] = make(map[string]bool)
		default:
			for w := range strings.FieldsSeq(line) {
				lists[lang][w] = true
			}
		}
	}
	return lists
})

// functionWords maps each stop word to the languages of the Latin script that have it.
var functionWords = sync.OnceValue(func() map[string][]Language {
	words := make(map[string][]Language)
	for lang, list := range stopLists() {
		if !Latin(lang) {
			continue
		}
		for w := range list {
			words[w] = append(words[w], lang)
		}
	}
	return words
})

func stopWords(lang Language) map[string]bool { return stopLists()[lang] }

// isStop reports whether a lower-case word is a stop word. English contractions are judged by their
// first part.
func (a *Analyzer) isStop(w string) bool {
	if a.stop[w] {
		return true
	}
	if a.lang != English {
		return false
	}
	if base, ok := strings.CutSuffix(w, "n't"); ok {
		return a.stop[base] || base == "ca" || base == "wo"
	}
	if base, end, ok := strings.Cut(w, "'"); ok && a.stop[base] {
		switch end {
		case "s", "re", "ve", "ll", "d", "m":
			return true
		}
	}
	return false
}
