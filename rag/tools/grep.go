package tools

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The limits of the tool grep.
const (
	DefaultMatches = 50
	MostMatches    = 500
	mostPattern    = 1000 // bytes
	mostMatch      = 300  // bytes shown of a line
	beforeMatch    = 100  // bytes shown before the match if the line is longer
)

// GrepInput is the input of the tool grep.
type GrepInput struct {
	Pattern string `json:"pattern" jsonschema:"a regular expression in RE2 syntax, matched line by line; (?i) at its start ignores case"`
	Under   string `json:"under,omitempty" jsonschema:"folder or document to look in, relative to the corpus; all if left out"`
	Limit   int    `json:"limit,omitempty" jsonschema:"most lines to return, 1 to 500; 50 if left out"`
}

// A Match is a line that a pattern matches.
type Match struct {
	Path  string `json:"path"`
	Line  int    `json:"line"`
	Place string `json:"place,omitempty" jsonschema:"page, slide, sheet or cell, if the document has no lines of its own"`
	Text  string `json:"text" jsonschema:"the line, shortened if it is long"`
}

// GrepOutput is the result of the tool grep.
type GrepOutput struct {
	Matches    []Match `json:"matches" jsonschema:"by path and line"`
	More       bool    `json:"more,omitempty" jsonschema:"there are more matches than the limit"`
	Documents  int     `json:"documents" jsonschema:"how many documents were looked at"`
	Incomplete string  `json:"incomplete,omitempty" jsonschema:"which documents could not be searched"`
	Notice     string  `json:"notice"`
}

// Grep finds the lines that match a regular expression.
func (d *Documents) Grep(ctx context.Context, in GrepInput) (GrepOutput, error) {
	out := GrepOutput{Matches: []Match{}, Notice: Notice}
	limit, err := limited("limit", in.Limit, DefaultMatches, MostMatches)
	if err != nil {
		return out, err
	}
	switch {
	case in.Pattern == "":
		return out, &Error{"pattern is empty", "give a regular expression"}
	case len(in.Pattern) > mostPattern:
		return out, &Error{fmt.Sprintf("pattern has %d bytes", len(in.Pattern)), fmt.Sprintf("it may have %d", mostPattern)}
	}
	expr, err := regexp.Compile(in.Pattern)
	if err != nil {
		return out, &Error{err.Error(), "write it in RE2 syntax, which has no look-around and no back-references; escape ( [ { . * + ? with \\ to find them as they are"}
	}
	under, err := d.relative(in.Under)
	if err != nil {
		return out, err
	}
	t, err := d.tree(ctx)
	if err != nil {
		return out, err
	}
	out.Incomplete = d.missing()
	files, err := t.under(under)
	if err != nil {
		return out, err
	}
	for i := range files {
		if err := ctx.Err(); err != nil {
			return out, context.Cause(ctx)
		}
		out.Documents++
		l := t.linesOf(&files[i])
		for at, line := range l.text {
			span := expr.FindStringIndex(line)
			if span == nil {
				continue
			}
			if len(out.Matches) == limit {
				out.More = true
				return out, nil
			}
			out.Matches = append(out.Matches, Match{files[i].path, l.numbers[at], l.place(at), around(line, span[0])})
		}
	}
	return out, nil
}

// around returns the part of a line around a match.
func around(line string, at int) string {
	if len(line) <= mostMatch {
		return line
	}
	from := max(0, at-beforeMatch)
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	text, _ := clip(line[from:], mostMatch)
	if from > 0 {
		text = "…" + text
	}
	return text
}

// Summary describes the result in one line.
func (o GrepOutput) Summary() string {
	s := count(len(o.Matches), "matching line")
	if o.More {
		s = fmt.Sprintf("the first %d matching lines", len(o.Matches))
	}
	var paths []string
	for _, m := range o.Matches {
		if n := len(paths); n == 0 || paths[n-1] != m.Path {
			paths = append(paths, m.Path)
		}
	}
	if len(paths) > 0 {
		s += " in " + strings.Join(paths[:min(len(paths), 3)], ", ")
		if n := len(paths) - 3; n > 0 {
			s += " and " + count(n, "other document")
		}
	}
	return incomplete(s, o.Incomplete)
}
