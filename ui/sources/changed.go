package sources

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"weft/flow/show"
)

// verbatim lists the extensions of documents whose passages have the words of their lines. Passages
// of other documents, such as tables and web pages, have words that are not in the file.
var verbatim = strings.Fields(".md .markdown .mdown .mkd .mkdn .mdx .qmd .rmd .txt .text .rst .rest .org .adoc " +
	".asciidoc .asc .log .yaml .yml .toml .ini .cfg .conf .go .py .rb .rs .js .ts .jsx .tsx .java .kt .scala .c .h " +
	".cc .cpp .hh .hpp .cs .swift .php .pl .lua .sh .sql .tex")

// rewritten matches markup from which a passage gets words that are not in the document's lines.
var rewritten = regexp.MustCompile(`<|&\w+;|\[!|` + // elements, entities and alerts of Markdown
	`\{[\w-]+\}|` + // attributes of AsciiDoc
	`[\d.][+*][<^>.a-z]*\||` + // its cells that span columns or rows
	"[`\\w]_(?:\\W|$)|" + // references of reStructuredText
	`\|\w[^|\n]*\w\||` + // its substitutions
	`(?:seealso|versionadded|versionchanged|deprecated)::`) // and some directives

// changed reports whether a document now has other words than a passage of it, at the passage's
// lines. whole says that lines are all lines of the document. It returns false if this cannot be
// known. The order of the words is not compared: a link is read with its address behind its text,
// wherever the document has it.
func changed(s show.Passage, lines []string, whole bool) bool {
	end := max(s.EndLine, s.Line)
	if s.Line <= 0 || lines == nil || !slices.Contains(verbatim, strings.ToLower(path.Ext(s.Path))) {
		return false
	}
	if end > len(lines) && !whole {
		return false
	}
	// A passage encloses indented code in fences, so it may end one line below the document.
	text := strings.Join(lines[min(s.Line-1, len(lines)):min(end, len(lines))], "\n")
	if rewritten.MatchString(text) {
		return false
	}
	now := words(text)
	then := words(s.Text)
	for at, w := range then {
		i := slices.IndexFunc(now, func(word string) bool {
			return word == w || at == 0 && strings.HasSuffix(word, w) || at == len(then)-1 && strings.HasPrefix(word, w) // of a cut line
		})
		if i < 0 {
			return true
		}
		now = slices.Delete(now, i, i+1)
	}
	return false
}

// itemNumber matches the number of a list item. Numbers that are counted are not in the document.
var itemNumber = regexp.MustCompile(`(?m)^[ \t]*\d{1,9}[.)][ \t]`)

// words returns the words of a text in lower case, without the characters between them and the
// numbers of list items.
func words(text string) []string {
	text = itemNumber.ReplaceAllString(text, "")
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
