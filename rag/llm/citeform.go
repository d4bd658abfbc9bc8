package llm

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

// A form is the content of a bracket that may be a citation.
type form struct {
	numbers []int // of passages that may not exist, without duplicates
	several bool  // the bracket has more than one number
	span    bool  // the bracket has a range such as 1-3
	named   bool  // a word such as "source", ^, † or a path says that it is a citation
	always  bool  // contains †, so it is certainly a citation
}

// existing returns the numbers from 1 to n. If the form is a range, all its numbers must exist.
func (f form) existing(n int) (out []int) {
	for _, k := range f.numbers {
		if k >= 1 && k <= n {
			out = append(out, k)
		}
	}
	if f.span && len(out) < len(f.numbers) {
		return nil
	}
	return out
}

// keyword matches the words for a source. keywordEnd matches the punctuation, blanks or "no."
// between such a word and its number.
const keyword = `(?:sources?|passages?|documents?|docs?|excerpts?|refs?|references?|citations?|cit[ée]|quellen?|` +
	`belege?|fuentes?|fontes?|fonti|источники?|πηγ(?:ή|ές|η)|lähteet|lähde|källor|källa|kilder|kilde|` +
	`出典|来源|資料|文献|パッセージ)`

const keywordEnd = `(?:[.:：]?\s+|[:：#]|\b)(?:(?:no|nr)\.?\s*|#\s*)?`

const (
	one       = `(?:` + keyword + keywordEnd + `)?[#^]?\d{1,3}(?:\s*[-–—]\s*[#^]?\d{1,3})?`
	separator = `\s*(?:[,;、，；&]|\band\b|\bund\b|\bet\b|\by\b|\be\b|\boch\b|\bog\b|\bja\b)\s*`
)

var (
	numberList = lazyregexp.New(`(?i)^\s*(?:see\s+)?(` + one + `(?:` + separator + one + `)*)\s*(.*)$`)
	keywords   = lazyregexp.New(`(?i)(?:^|[\s,;])` + keyword + `[.:：\s#\d]`)
	keyed      = lazyregexp.New(`(?i)^\s*` + keyword + `[.:：]?[\s:：]+`)
	numbers    = lazyregexp.New(`\d+|[-–—]`)
	// lineTail matches the place within a passage: ", lines 5-11", ":0†file", "†L3-L9", ", p. 3".
	lineTail = lazyregexp.New(`(?i)^(?::?\d*†.*|[:,]?\s*(?:lines?|l\.|pages?|pp?\.|section|zeilen?|seiten?|s\.|z\.)\s*` +
		`L?\d[\dL\s,–-]*)$`)
	pathLines = lazyregexp.New(`(?i)^(.+?)(?:(?::|#|,?\s+|\s*,\s*)(?:lines?\s*|zeilen?\s*)?L?(\d{1,7})` +
		`(?:\s*[-–—]\s*L?(\d{1,7}))?)?$`)
)

// parse parses the content of a bracket that opens with a byte. ok is false if the content does not
// have the form of a citation.
func (c *citer) parse(content string, open byte) (f form, ok bool) {
	if m := numberList.FindStringSubmatch(content); m != nil {
		tail := strings.TrimSpace(m[2])
		switch {
		case tail == "":
			ok = true
		case strings.HasPrefix(strings.TrimLeft(tail, ":0123456789"), "†"):
			ok, f.named, f.always = true, true, true
		case lineTail.MatchString(tail):
			ok, f.named = true, true
		case c.namesSource(strings.TrimLeft(tail, ":, "), nil):
			ok, f.named = true, true
		}
		if ok {
			f.count(m[1])
			f.named = f.named || open != '[' && open != '(' || keywords.MatchString(content) ||
				strings.Contains(content, "^")
			return f, true
		}
	}
	content = strings.TrimSpace(keyed.ReplaceAllString(content, ""))
	f.numbers = c.located(content)
	if f.numbers == nil { // several places
		for part := range strings.FieldsFuncSeq(content, func(r rune) bool { return r == ';' || r == ',' }) {
			found := c.located(strings.TrimSpace(keyed.ReplaceAllString(part, "")))
			if found == nil {
				return form{}, false
			}
			f.numbers = append(f.numbers, found...)
		}
	}
	slices.Sort(f.numbers)
	f.numbers = slices.Compact(f.numbers)
	f.named, f.several = true, len(f.numbers) > 1
	return f, len(f.numbers) > 0
}

// count parses "1, 3-5" as 1, 3, 4, 5.
func (f *form) count(list string) {
	toRange := false
	for _, s := range numbers.FindAllString(list, -1) {
		k, err := strconv.Atoi(s)
		if err != nil { // the hyphen of a range
			toRange = true
			continue
		}
		if toRange && len(f.numbers) > 0 {
			f.span = true
			for i := f.numbers[len(f.numbers)-1] + 1; i < k; i++ {
				f.numbers = append(f.numbers, i)
			}
		}
		toRange = false
		f.several = f.several || len(f.numbers) > 0
		if !slices.Contains(f.numbers, k) {
			f.numbers = append(f.numbers, k)
		}
	}
}

// A location is the source of a passage: a file, and lines or a page in it.
type location struct {
	path        string
	where       string // the path and the lines, page or sheet
	first, last int    // lines; 0: none
}

var locationLines = lazyregexp.New(`^(.*):(\d+)-(\d+)$`)

// locationsOf parses the sources of passages: "docs/install.md:3-9 › Install".
func locationsOf(given []Passage) []location {
	out := make([]location, len(given))
	for i, p := range given {
		where, _, _ := strings.Cut(singleLine(p.Source), " › ")
		out[i] = location{path: where, where: where}
		if m := locationLines.FindStringSubmatch(where); m != nil {
			out[i].path = m[1]
			out[i].first, _ = strconv.Atoi(m[2])
			out[i].last, _ = strconv.Atoi(m[3])
		} else if at := strings.LastIndex(where, ", "); at > 0 {
			out[i].path = where[:at]
		}
	}
	return out
}

// located returns the numbers of the passages at a location such as "install.md:5-11" or
// "report.pdf, page 3". A location without lines is a whole file.
func (c *citer) located(at string) (found []int) {
	at, _, _ = strings.Cut(at, " › ")
	at = strings.Trim(at, "*_\"' ")
	for i, p := range c.places {
		if suffixPath(p.where, at) {
			found = append(found, i+1)
		}
	}
	m := pathLines.FindStringSubmatch(at)
	if len(found) > 0 || m == nil {
		return found
	}
	first, _ := strconv.Atoi(m[2])
	last, _ := strconv.Atoi(m[3])
	last = max(first, last)
	for i, p := range c.places {
		if !suffixPath(p.path, m[1]) || m[2] == "" && !strings.ContainsAny(m[1], "./") {
			continue
		}
		if first == 0 || p.last == 0 || first <= p.last && last >= p.first {
			found = append(found, i+1)
		}
	}
	return found
}

// suffixPath reports whether a path ends with whole elements of another.
func suffixPath(whole, end string) bool {
	end = strings.TrimPrefix(end, "./")
	return end != "" && (strings.EqualFold(whole, end) ||
		len(whole) > len(end) && strings.EqualFold(whole[len(whole)-len(end):], end) && whole[len(whole)-len(end)-1] == '/')
}

// namesSource reports whether a text names the file of one of the numbered passages, or, if numbers
// is empty, of any passage.
func (c *citer) namesSource(text string, numbers []int) bool {
	text = strings.ToLower(text)
	for i, p := range c.places {
		name := strings.ToLower(path.Base(p.path))
		if (numbers == nil || slices.Contains(numbers, i+1)) && len(name) > 2 && strings.Contains(text, name) {
			return true
		}
	}
	return false
}
