package load

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
)

// officeKinds are the kinds of documents that programs save under each other's names: a web system
// exports a page as .doc or .xls, a Word file keeps the name .doc.
var officeKinds = []string{"docx", "pptx", "xlsx", "odt", "ods", "odp", "rtf", "xls", "doc", "ppt"}

// htmlHead tells a page by its first tag, in any encoding.
func htmlHead(head []byte) bool {
	text, _, ok := decode(head, len(head))
	if !ok {
		return false
	}
	text = strings.ToLower(strings.TrimSpace(text))
	for strings.HasPrefix(text, "<!--") || strings.HasPrefix(text, "<?xml") {
		_, rest, found := strings.Cut(text, ">")
		if !found {
			return false
		}
		text = strings.TrimSpace(rest)
	}
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<style", "<div", "<p>", "<h1"} {
		if strings.HasPrefix(text, tag) {
			return true
		}
	}
	return false
}

// packedKind tells what a ZIP file is: by its part "mimetype" (OpenDocument, EPUB), else by the
// content types of Office Open XML; "" when it is neither.
func packedKind(data []byte) string {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(r.File) > maxParts {
		return ""
	}
	read := func(name string) string {
		f, err := r.Open(name)
		if err != nil {
			return ""
		}
		defer f.Close()
		text, _ := io.ReadAll(io.LimitReader(f, 1<<20))
		s, _, _ := decode(text, len(text))
		return s
	}
	mime := strings.TrimSpace(read("mimetype"))
	for prefix, kind := range map[string]string{
		"application/epub": "epub", "application/vnd.oasis.opendocument.text": "odt", "application/vnd.oasis.opendocument.spreadsheet": "ods",
		"application/vnd.oasis.opendocument.presentation": "odp",
	} {
		if strings.HasPrefix(mime, prefix) {
			return kind
		}
	}
	types := read("[Content_Types].xml")
	for _, value := range strings.Split(types, `"`) {
		for kind := range officeTypes {
			if isMainType(value, kind) {
				return kind
			}
		}
	}
	return ""
}

// officeTypes are what the content types of the main parts of Office Open XML have in them, by
// kind.
var officeTypes = map[string][]string{
	"docx": {"wordprocessingml", "ms-word"}, "pptx": {"presentationml", "ms-powerpoint"}, "xlsx": {"spreadsheetml", "ms-excel"},
}

// isMainType reports whether a content type is that of the main part of a kind of document.
func isMainType(value, kind string) bool {
	return strings.HasSuffix(value, "main+xml") && slices.ContainsFunc(officeTypes[kind], func(has string) bool { return strings.Contains(value, has) })
}
