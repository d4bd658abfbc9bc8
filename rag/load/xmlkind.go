package load

import (
	"bytes"
	"encoding/xml"
	"html"

	"weft/rag/lazyregexp"
)

var entityDeclaration = lazyregexp.New(`<!ENTITY\s+([\w.-]+)\s+(?:"([^"]{0,1000})"|'([^']{0,1000})')\s*>`)

// entitiesOf returns HTML's named characters and the entities that the document type declares.
// Their values are inserted without expansion, so that nested entities cannot grow without bound.
func entitiesOf(text string) map[string]string {
	all := map[string]string{}
	for name, value := range xml.HTMLEntity {
		all[name] = value
	}
	for _, m := range entityDeclaration.FindAllStringSubmatch(text[:min(len(text), 64<<10)], 500) {
		all[m[1]] = html.UnescapeString(m[2] + m[3])
	}
	return all
}

var xmlRoot = lazyregexp.New(`^(?:<\?[^>]*\?>|<!--(?s:.*?)-->|<!DOCTYPE[^\[>]*(?:\[(?s:.*?)\]\s*)?>|\s)*<(?:[\w.-]+:)?([\w.-]+)`)

// kindOfXML returns the kind of an XML document by its root element. It is "" for XML that is not a
// document, or that is read as plain text.
func kindOfXML(head []byte) string {
	m := xmlRoot.FindSubmatch(head)
	if m == nil {
		return ""
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if bytes.Contains(head, []byte(w)) {
				return true
			}
		}
		return false
	}
	root := string(m[1])
	switch {
	case root == "FictionBook":
		return "fb2"
	case root == "article" && has("JATS", "NLM//DTD", "<article-meta", "<front>", "article-type="),
		root == "pmc-articleset":
		return "jats"
	case xmlRoles[root] == sectionRole && (has("docbook.org/ns/docbook", "DocBook") ||
		has("<title>", "<title ") && has("<para>", "<para ", "<simpara>")):
		return "docbook"
	case root == "Workbook" && has("urn:schemas-microsoft-com:office:spreadsheet"):
		return "xls"
	case root == "wordDocument" && has("schemas.microsoft.com/office/word/2003"),
		root == "package" && has("schemas.microsoft.com/office/2006/xmlPackage") && has("/word/"):
		return "doc"
	}
	return ""
}
