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

// textualKinds are the kinds of files that are stored as text.
var textualKinds = strings.Fields("markdown text rst org asciidoc html csv tsv json yaml toml notebook log mail mbox " +
	"calendar mhtml source docbook jats fb2 man texinfo typst mediawiki")

// decideKind returns the kind of a file: that of its name, unless the content proves another one.
// The note explains a choice that differs from the name or, when the kind is "", names the type of
// the content.
func decideKind(name string, data []byte) (kind, note string) {
	head := data[:min(len(data), sniffed)]
	named, proven := kindOf(name), provenKind(data)
	textual := slices.Contains(textualKinds, named)
	if proven == "" && slices.Contains(officeKinds, named) {
		switch {
		case htmlHead(head):
			proven = "html"
		case exportedPage.Match(markupHead(data)): // as wikis export pages for Word
			proven = "mhtml"
		}
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
	case proven == "archive" && bytes.HasPrefix(head, []byte("PK")):
		// An Office file that lacks its main part.
		return named, ""
	case proven != "" && plainExtension(name) == "xml":
		return proven, ""
	case proven != "":
		return proven, "its contents are those of the type " + proven + ", whatever its name says"
	case named == "mail" && looksLikeMessage(head): // a part may be UTF-16
		return named, ""
	case textual && !isText(head):
		return "", what(head)
	}
	return named, ""
}

// refines reports whether the kind proven by the content is more specific than the kind of the
// name.
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

// what describes the type of the content as the end of a sentence; "" when it is unknown.
func what(head []byte) string {
	m := mimetype.Detect(head).String()
	if m == "application/octet-stream" {
		return ""
	}
	return ": its contents are of the type " + m
}

// kindOfText returns the kind of a text whose name does not determine it.
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

// provenKind returns the kind that the content proves, independent of the name. It returns "" for
// most texts, which have no signature.
func provenKind(data []byte) string {
	head := data[:min(len(data), sniffed)]
	text := markupHead(data)
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
	case isPicture(head):
		return "picture"
	case looksLikeMbox(head):
		return "mbox"
	case looksLikeMessage(head) && savedPage.Match(head):
		return "mhtml"
	}
	return kindOfMarkup(text)
}

// markupHead returns the beginning of a file without a byte order mark and blanks.
func markupHead(data []byte) []byte {
	head := data[:min(len(data), sniffed)]
	return bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
}

// savedPage matches the head of a page that a browser saved with its pictures (MHTML).
var savedPage = lazyregexp.New(`(?im)^(?:Snapshot-Content-Location:|Content-Type:\s*multipart/related;(?:[^\n]*\n[ \t]+)*[^\n]*type="?text/html|From:[^\n]*<?Saved by )`)

// exportedPage matches the head of a page with its pictures in a file with the name of an Office
// document.
var exportedPage = lazyregexp.New(`(?is)^(?:[a-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}Content-Type:\s*(?:multipart/related|text/html)`)

// isTar reports whether head begins with the header of a tar file.
func isTar(head []byte) bool { return len(head) > 262 && string(head[257:262]) == "ustar" }

var htmlStart = lazyregexp.New(`(?i)^(?:<\?xml[^>]*\?>|<!--(?s:.*?)-->|\s)*<(?:!doctype\s+html|html[\s>])`)

// kindOfMarkup returns the kind of a text by the root element of its markup.
func kindOfMarkup(text []byte) string {
	if !bytes.HasPrefix(text, []byte("<")) {
		return ""
	}
	if htmlStart.Match(text) {
		return "html"
	}
	return kindOfXML(text)
}

// plainExtension returns the extension of a name in lower case, without the dot.
func plainExtension(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
}
