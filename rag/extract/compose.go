package extract

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/analysis"
)

// compose joins the chosen units passage by passage, in the order of the passages.
func compose(passages []Passage, chosen []unit) []Piece {
	var pieces []Piece
	var prose []string
	var n int
	flush := func() {
		if len(prose) > 0 {
			pieces = append(pieces, Piece{Text: cite(strings.Join(prose, " "), n), N: n})
			prose = nil
		}
	}
	for i, u := range chosen {
		if i > 0 && u.passage != chosen[i-1].passage {
			flush()
		}
		n = passages[u.passage].N
		switch u.block {
		case analysis.Item:
			flush()
			if i > 0 && u.goesOn && chosen[i-1].at == u.at-1 {
				last := &pieces[len(pieces)-1]
				last.Text = cite(strings.TrimSuffix(last.Text, cite("", n))+" "+oneLine(u.text), n)
				continue
			}
			pieces = append(pieces, Piece{Text: "- " + cite(oneLine(u.text), n), N: n})
		case analysis.Row:
			flush()
			pieces = append(pieces, Piece{Text: "- " + cite(row(u.text), n), N: n})
		case analysis.Code:
			flush()
			if u.code != nil {
				pieces = append(pieces, Piece{Text: quoted(passages[u.passage], u.text, i == 0 || chosen[i-1].passage != u.passage), N: n})
				continue
			}
			pieces = append(pieces, Piece{Text: fenced(u.text), N: n})
		default:
			prose = append(prose, oneLine(u.text))
		}
	}
	flush()
	return pieces
}

// quoted is a declaration as it is shown: where it stands, unless that was said before, and the code.
func quoted(p Passage, code string, placed bool) string {
	mark := fence(code)
	code = mark + p.Code + "\n" + code + "\n" + mark
	switch {
	case !placed:
		return code
	case len(p.Heading) == 0:
		return strings.TrimSpace(cite("", p.N)) + "\n\n" + code
	}
	return cite("`"+strings.ReplaceAll(p.Heading[0], "`", "")+"`", p.N) + "\n\n" + code
}

func cite(text string, n int) string {
	return fmt.Sprintf("%s [%d]", text, n)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// row turns a table row into a line of prose.
func row(s string) string {
	var cells []string
	for _, c := range strings.Split(strings.Trim(oneLine(s), "|"), "|") {
		if c = strings.TrimSpace(c); c != "" {
			cells = append(cells, c)
		}
	}
	return strings.Join(cells, ": ")
}

var (
	image = regexp.MustCompile(`!\[([^\]]*)\]\([^)]*\)`)
	link  = regexp.MustCompile(`\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])`)
	cited = regexp.MustCompile(`\[(\d+(?:\s*,\s*\d+)*)\]`)
)

// unbalanced takes emphasis away of which the other end stands in another sentence. Code spans are left alone.
func unbalanced(s string) string {
	parts := strings.Split(s, "`")
	n := 0
	for i := 0; i < len(parts); i += 2 {
		n += strings.Count(parts[i], "**")
	}
	for i := 0; i < len(parts) && n%2 != 0; i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], "**", "")
	}
	return strings.TrimSpace(strings.Join(parts, "`"))
}

// plain takes links off their text, and brackets off numbers, which a reader would take for citations of this answer.
func plain(s string) string {
	s = image.ReplaceAllString(s, "$1")
	s = link.ReplaceAllString(s, "$1")
	return cited.ReplaceAllString(unbalanced(s), "($1)")
}

var (
	// anaphor begins a sentence that leans on the one before.
	anaphor = regexp.MustCompile(`^(?:It|This|That|They|These|Those|Both|Such|So|Then|Otherwise|Either|Neither|Without (?:it|one|them)|With (?:it|one|them)|But|And|Its|Their)\b`)
	// reference is where a link leads, which stands apart from it.
	reference = regexp.MustCompile(`^\[[^\]]+\]:\s`)
	// definition is a question for what something is.
	definition = regexp.MustCompile(`(?i)^\W*(?:what|who)(?:'s|\s+is|\s+are)\b`)
	is         = regexp.MustCompile(`(?i)^(.{1,60}?)\s+(?:is|are|means)\s`)
)

// subject returns what stands before the verb of a sentence that says what something is, or "".
func subject(text string) string {
	if m := is.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func startsLow(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}
