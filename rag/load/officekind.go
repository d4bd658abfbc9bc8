package load

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
)

// officeKinds are the kinds of documents that programs save under each other's extensions, such as
// a web page exported as .doc or .xls.
var officeKinds = []string{"docx", "pptx", "xlsx", "odt", "ods", "odp", "rtf", "xls", "doc", "ppt"}

// htmlHead reports whether head begins like an HTML page, in any encoding.
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
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta",
		"<style", "<div", "<p>", "<h1"} {
		if strings.HasPrefix(text, tag) {
			return true
		}
	}
	return false
}

// packedKind returns the kind of a ZIP file: by its part "mimetype" (OpenDocument, EPUB), else by
// the content types of Office Open XML. It is "" when the file is neither.
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
		"application/epub": "epub", "application/vnd.oasis.opendocument.text": "odt",
		"application/vnd.oasis.opendocument.spreadsheet":  "ods",
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

// officeTypes are substrings of the main part's content type in Office Open XML, by kind.
var officeTypes = map[string][]string{
	"docx": {"wordprocessingml", "ms-word"}, "pptx": {"presentationml", "ms-powerpoint"},
	"xlsx": {"spreadsheetml", "ms-excel"},
}

// isMainType reports whether value is the content type of the main part of a kind of document.
func isMainType(value, kind string) bool {
	return (strings.HasSuffix(value, "main+xml") || strings.HasSuffix(value, "binary.macroEnabled.main")) &&
		slices.ContainsFunc(officeTypes[kind], func(has string) bool { return strings.Contains(value, has) })
}
