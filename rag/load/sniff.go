package load

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"weft/rag/lazyregexp"
)

// textualKinds are the kinds of files that are text as they stand.
var textualKinds = strings.Fields("markdown text rst org asciidoc html csv tsv json yaml toml notebook log mail mbox " +
	"calendar mhtml source docbook jats fb2 man texinfo typst mediawiki")

// decideKind gives a file's kind: by its name, unless its bytes prove another one. The note says so
// where a person may wonder, or, where the kind is "", what the bytes are.
func decideKind(name string, data []byte) (kind, note string) {
	head := data[:min(len(data), sniffed)]
	named, proven := kindOf(name), provenKind(data)
	textual := slices.Contains(textualKinds, named)
	if proven == "" && slices.Contains(officeKinds, named) && htmlHead(head) {
		proven = "html"
	}
	switch {
	case proven == named && named != "":
		return named, ""
	case named == "" && proven != "":
		return proven, ""
	case named == "" && isText(head):
		return kindOfText(head), ""
	case named == "":
		return "", what(head)
	case textual && proven == "archive":
		return proven, "its contents are packed, whatever its name says"
	case textual && slices.Contains(textualKinds, proven):
		if refines(name, named, proven) {
			return proven, ""
		}
		return named, ""
	case proven == "archive" && bytes.HasPrefix(head, []byte("PK")): // a packed document that lacks its parts
		return named, ""
	case proven != "":
		return proven, "its contents are those of the type " + proven + ", whatever its name says"
	case textual && !isText(head):
		return "", what(head)
	}
	return named, ""
}

// refines reports whether a name of a general kind leaves room for the kind that the bytes prove.
func refines(name, named, proven string) bool {
	switch named {
	case "text", "log":
		return proven == "mbox"
	case "source":
		return plainExtension(name) == "xml"
	case "mail":
		return proven == "mbox" || proven == "mhtml"
	}
	return false
}

// what names a type of bytes, as the end of a sentence.
func what(head []byte) string {
	m := mimetype.Detect(head).String()
	if m == "application/octet-stream" {
		return ""
	}
	return ": its contents are of the type " + m
}

// kindOfText tells the kind of a text whose name says nothing.
func kindOfText(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		return "source"
	case looksLikeMessage(head):
		return "mail"
	case looksLikeMan(head):
		return "man"
	}
	return "text"
}

// provenKind gives the kind that a file's bytes prove, whatever its name says; "" when they prove
// none, as those of most texts.
func provenKind(data []byte) string {
	head := data[:min(len(data), sniffed)]
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(text, []byte("%PDF-")):
		return "pdf"
	case isCompound(head):
		return compoundKind(data)
	case bytes.HasPrefix(text, []byte(`{\rtf`)):
		return "rtf"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return cmp.Or(packedKind(data), "archive")
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b, 8}), bytes.HasPrefix(head, []byte("BZh")), isTar(head):
		return "archive"
	case bytes.HasPrefix(text, []byte("BEGIN:VCALENDAR")):
		return "calendar"
	case looksLikeMbox(head):
		return "mbox"
	case looksLikeMessage(head) && savedPage.Match(head):
		return "mhtml"
	}
	return kindOfMarkup(text)
}

// savedPage matches the head of a page that a browser saved with its pictures (MHTML).
var savedPage = lazyregexp.New(`(?im)^(?:Snapshot-Content-Location:|Content-Type:\s*multipart/related;(?:[^\n]*\n[ \t]+)*[^\n]*type="?text/html|From:[^\n]*<?Saved by )`)

// isTar tells the header of a tar file.
func isTar(head []byte) bool { return len(head) > 262 && string(head[257:262]) == "ustar" }

var htmlStart = lazyregexp.New(`(?i)^(?:<\?xml[^>]*\?>|<!--(?s:.*?)-->|\s)*<(?:!doctype\s+html|html[\s>])`)

// kindOfMarkup tells a kind by the root of its markup.
func kindOfMarkup(text []byte) string {
	if !bytes.HasPrefix(text, []byte("<")) {
		return ""
	}
	if htmlStart.Match(text) {
		return "html"
	}
	return kindOfXML(text)
}

// plainExtension gives a name's ending in lower case, without the dot.
func plainExtension(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
}
