package load

import (
	"bytes"
	"encoding/xml"
	"html"

	"weft/rag/lazyregexp"
)

var entityDeclaration = lazyregexp.New(`<!ENTITY\s+([\w.-]+)\s+(?:"([^"]{0,1000})"|'([^']{0,1000})')\s*>`)

// entitiesOf gives the names of characters, and those texts that the document type declares. They are
// put in as they stand, so that they cannot multiply.
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

// kindOfXML gives the kind of a document by its root; "" for XML that is no document, or of a kind
// that is read as it stands.
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
	case root == "article" && has("JATS", "NLM//DTD", "<article-meta", "<front>", "article-type="), root == "pmc-articleset":
		return "jats"
	case xmlRoles[root] == sectionRole && (has("docbook.org/ns/docbook", "DocBook") || has("<title>", "<title ") && has("<para>", "<para ", "<simpara>")):
		return "docbook"
	}
	return ""
}
