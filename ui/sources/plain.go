package sources

import (
	"path"
	"strings"

	"weft/flow/show"
	"weft/ui/markdown"
)

// markedUp lists the extensions of documents whose passages are Markdown: documents that are written
// in it, and those that are turned into it when they are read. A passage of another document is its
// text as it stands. A test of ui/cli compares this list with the kinds of rag/load.
const markedUp = " md markdown mdown mkd mkdn mdx qmd rmd rst rest org adoc asciidoc asc texi texinfo txi typ wiki mediawiki " +
	"html htm xhtml shtml mht mhtml dbk docbook nxml fb2 man mdoc roff pdf epub ipynb " +
	"docx docm dotx dotm doc dot odt ott fodt rtf pptx pptm ppsx ppsm potx potm ppt pps pot odp otp fodp " +
	"xlsx xlsm xltx xltm xlsb xls xlt ods ots fods csv tsv tab " +
	"eml emlx msg oft mbox mbx ics ical ifb zip tar gz tgz bz2 tbz tbz2 "

// Plain returns the text of a passage without the markup of Markdown. Source code and other files
// that are not written in it are unchanged.
func Plain(p show.Passage) string {
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(p.Path), "."))
	if ext == "" || !strings.Contains(markedUp, " "+ext+" ") {
		return p.Text
	}
	return markdown.Plain(p.Text)
}
