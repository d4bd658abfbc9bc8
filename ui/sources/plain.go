package sources

import (
	"path"
	"strings"

	"weft/flow/show"
	"weft/ui/markdown"
)

// markedUp are the extensions of documents whose passages are Markdown: they are written in it, or
// are turned into it when they are read. The passages of other files are their text.
const markedUp = " md markdown mdown mkd mkdn mdx qmd rmd html htm xhtml shtml pdf docx docm odt rtf doc pptx ppt odp " +
	"xlsx xlsm xlsb xls ods csv tsv epub eml msg mbox ipynb rst org adoc wiki mediawiki "

// Plain returns the text of a passage without the markup of Markdown. Source code and other files
// that are not written in it are unchanged.
func Plain(p show.Passage) string {
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(p.Path), "."))
	if ext == "" || !strings.Contains(markedUp, " "+ext+" ") {
		return p.Text
	}
	return markdown.Plain(p.Text)
}
