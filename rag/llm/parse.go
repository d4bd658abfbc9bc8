package llm

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// A model's decision is parsed only from the position that the prompt asks for, because a reply
// that merely repeats a document must not decide anything. If a reply cannot be parsed, ok is false
// and the caller keeps its previous state.

var verdict = lazyregexp.New(`(?i)^[*_"'\s]*(supported|unsupported|not supported)\b[*_"']*\s*[:.,;–—-]*\s*(.*)$`)

// ParseVerdict parses the first line of the reply to [PromptJudge].
func ParseVerdict(reply string) (supported bool, reason string, ok bool) {
	m := verdict.FindStringSubmatch(firstLine(reply))
	if m == nil {
		return false, "", false
	}
	return strings.EqualFold(m[1], "supported"), strings.Trim(oneLine(m[2]), `*_"' `), true
}

var class = lazyregexp.New(`(?i)^[*_"'\s]*(simple|complex)\b`)

// ParseClass parses the first word of the reply to [PromptClassify].
func ParseClass(reply string) (complex, ok bool) {
	m := class.FindStringSubmatch(firstLine(reply))
	if m == nil {
		return false, false
	}
	return strings.EqualFold(m[1], "complex"), true
}

// maxQuestion limits a question written by a model, in bytes.
const maxQuestion = 500

var label = lazyregexp.New(`(?i)^[*_]*(?:(?:rewritten |standalone |last |search |new )?(?:question|query)|q)[*_]*\s*\d*\s*:\s*[*_]*\s*`)

// ParseQuery parses a reply that is one question or query: the first line, without quotes and
// labels. ok is false if it is empty or too long.
func ParseQuery(reply string) (query string, ok bool) {
	q := strings.Trim(oneLine(label.ReplaceAllString(firstLine(reply), "")), "\"'`“”«»* ")
	return q, q != "" && len(q) <= maxQuestion
}

var bullet = lazyregexp.New(`^\s*(?:[-*•+]|\(?\d{1,2}[.):])\s+`)

// ParseQuestions parses a reply with one question per line. It returns at most max distinct
// questions, or nil if there are none.
func ParseQuestions(reply string, max int) (questions []string) {
	for line := range strings.Lines(reply) {
		if strings.HasSuffix(strings.TrimSpace(line), ":") {
			continue // "Here are the questions:"
		}
		q, ok := ParseQuery(bullet.ReplaceAllString(line, ""))
		if ok && len(questions) < max && !slices.Contains(questions, q) && strings.ContainsFunc(q, isLetter) {
			questions = append(questions, q)
		}
	}
	return questions
}

var (
	orderLine   = lazyregexp.New(`(?i)^\s*(?:(?:order|ranking|ranked|result|answer)[^:\d]*:)?([\s\d\[\]【】(),;.>=|"#-]+)$`)
	orderNumber = lazyregexp.New(`\d+`)
)

// ParseOrder parses the reply to [PromptRerank]: a line of numbers at its start, or at its end if
// the model reasons first. It returns all of 1 to n, the missing ones last in their old order. ok
// is false if there is no such line.
func ParseOrder(reply string, n int) (order []int, ok bool) {
	for _, line := range []string{firstLine(reply), lastLine(reply)} {
		m := orderLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, s := range orderNumber.FindAllString(m[1], -1) {
			if k, err := strconv.Atoi(s); err == nil && k >= 1 && k <= n && !slices.Contains(order, k) {
				order = append(order, k)
			}
		}
		if ok = len(order) > 0; ok {
			break
		}
	}
	for k := 1; k <= n; k++ {
		if !slices.Contains(order, k) {
			order = append(order, k)
		}
	}
	return order, ok
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return strings.TrimSpace(s[strings.LastIndexByte(s, '\n')+1:])
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}

func isLetter(r rune) bool { return r >= utf8.RuneSelf || r|0x20 >= 'a' && r|0x20 <= 'z' }
