package chunk

import (
	"strings"

	"weft/rag/lazyregexp"
)

var (
	// rstTarget matches targets, which a reader does not see: ".. _label:", ".. index:: x", "..
	// |name| image:: y".
	rstTarget    = lazyregexp.New(`^\s*\.\.\s+(?:_[^:]*:|\[[^\]]+\]\s*$|\|[^|]+\|\s|$)`)
	rstDirective = lazyregexp.New(`^\s*\.\.\s+([\w:.+-]+)::(?:\s+(.*))?$`)
	rstComment   = lazyregexp.New(`^\s*\.\.(?:\s|$)`)
	rstOption    = lazyregexp.New(`^\s+:[\w -]+:(?:\s|$)`)
	simpleRule   = lazyregexp.New(`^\s*=+(?:\s+=+)+\s*$`)
	gridRule     = lazyregexp.New(`^\s*\+(?:[-=]+\+)+\s*$`)
)

// rstCode are the directives whose content is code.
var rstCode = wordSet(`code code-block sourcecode parsed-literal highlight prompt literalinclude
	doctest testcode testoutput code-include math ipython productionlist`)

// rstSays are the directives whose argument is visible text.
var rstSays = wordSet(`note warning tip hint important attention caution danger error admonition seealso
	versionadded versionchanged versionremoved deprecated deprecated-removed topic rubric sidebar`)

// rstBlock returns the reStructuredText block that starts at line i, unless that is a heading, a
// paragraph or a list. n is the number of lines; 0 means that no such block starts there.
func rstBlock(all []line, i int) (list []block, n int) {
	text := all[i].text
	at := all[i].start
	switch {
	case rstTarget.MatchString(text):
		return []block{{start: at, kind: Markup}}, 1
	case simpleRule.MatchString(text):
		return simpleTable(all, i)
	case gridRule.MatchString(text):
		return gridTable(all, i)
	}
	m := rstDirective.FindStringSubmatch(text)
	if m == nil {
		if rstComment.MatchString(text) { // includes the indented lines below it
			return []block{{start: at, kind: Markup}}, 1 + indented(all, i)
		}
		return nil, 0
	}
	name := m[1]
	options := i + 1
	for options < len(all) && rstOption.MatchString(all[options].text) {
		options++
	}
	switch {
	case rstCode[name]:
		return []block{{start: at, form: fence, kind: Code}}, 1 + indented(all, i)
	case name == "toctree" || name == "image" || name == "figure" || strings.HasPrefix(name, "auto"):
		return []block{{start: at, kind: Markup}}, 1 + indented(all, i)
	case rstSays[name] && m[2] != "" && options == i+1:
		return nil, 0 // a paragraph that starts with the directive's name
	}
	return []block{{start: at, kind: Markup}}, options - i
}

// indented returns the number of lines after line i that are blank or indented further than it,
// without trailing blank lines.
func indented(all []line, i int) (n int) {
	in := indent(all[i].text)
	for j := i + 1; j < len(all) && (all[j].blank() || indent(all[j].text) > in); j++ {
		if !all[j].blank() {
			n = j - i
		}
	}
	return n
}

// tableReach is the maximum number of lines of a reStructuredText table.
const tableReach = 2000

// simpleTable returns the rows of a table between lines of "=====  ====" and its number of lines.
// If there is a third such line, the row above the second one names the columns.
func simpleTable(all []line, i int) ([]block, int) {
	rules := []int{i}
	end := i
	for j := i + 1; j < len(all) && j < i+tableReach; j++ {
		if simpleRule.MatchString(all[j].text) {
			rules = append(rules, j)
			if end = j; len(rules) == 3 || j+1 == len(all) || all[j+1].blank() {
				break
			}
		}
	}
	if len(rules) < 2 {
		return nil, 0
	}
	var list []block
	kind := Row
	if len(rules) > 2 {
		kind = Columns
	}
	in := indent(all[i].text)
	for j := i; j <= end; j++ {
		b := block{start: all[j].start, form: row, kind: kind}
		switch {
		case all[j].blank():
			continue
		case simpleRule.MatchString(all[j].text):
			b.kind = Markup
			if j > i {
				kind = Row
			}
		case indent(all[j].text) > in && len(list) > 0 && list[len(list)-1].kind == kind:
			continue // the first cell is empty: the row continues
		}
		list = append(list, b)
	}
	return list, end - i + 1
}

// gridTable returns the rows of a table drawn with +, - and |, and its number of lines. A rule of =
// ends the row that names the columns.
func gridTable(all []line, i int) ([]block, int) {
	end := i
	head := -1
	for j := i; j < len(all) && j < i+tableReach; j++ {
		text := strings.TrimSpace(all[j].text)
		if !gridRule.MatchString(text) && !strings.HasPrefix(text, "|") && !strings.HasPrefix(text, "+") {
			break
		}
		if end = j; head < 0 && strings.HasPrefix(text, "+=") {
			head = j
		}
	}
	if end < i+2 {
		return nil, 0
	}
	var list []block
	inRow := false
	for j := i; j <= end; j++ {
		if gridRule.MatchString(all[j].text) {
			list = append(list, block{start: all[j].start, form: row, kind: Markup})
			inRow = false
			continue
		}
		if inRow {
			continue
		}
		b := block{start: all[j].start, form: row, kind: Row}
		if j < head {
			b.kind = Columns
		}
		list = append(list, b)
		inRow = true
	}
	return list, end - i + 1
}
