package load

import (
	"context"
	"fmt"
	"strings"
)

// An office is the common state of the readers of Office Open XML: the package, the relationships
// of the current part, and counts of unread content.
type office struct {
	p    *packed
	ctx  context.Context
	out  *builder
	rels relationList // relationships of the current part

	noteCount int
	omitted   tally
	embedded  embedder
}

// relate loads the relationships of a part, which becomes the current one.
func (o *office) relate(part string) (err error) {
	o.rels, err = o.p.related(o.ctx, part)
	return err
}

// leftOut counts content that is omitted on purpose, such as hidden text. what names it in the
// singular.
func (o *office) leftOut(what string) { o.omitted.add(what, "left out") }

// unread counts content that cannot be read. what names it in the singular.
func (o *office) unread(what string) { o.omitted.add(what, "not read") }

func (o *office) notes() []string { return append(o.omitted.notes(), o.embedded.notes.list()...) }

// nothingRead returns the error for a document without text. Its detail lists the content that is
// not read.
func nothingRead(notes []string) *Error {
	return &Error{Reason: NoText, Detail: "has no text that is read: " + strings.Join(notes, "; ")}
}

// A tally counts the unread content of a document by kind.
type tally struct {
	order  []string
	counts map[string]int
}

func (t *tally) add(what, why string) {
	key := what + "\x00" + why
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	if t.counts[key]++; t.counts[key] == 1 {
		t.order = append(t.order, key)
	}
}

// notes returns a sentence for each kind: "3 embedded objects are not read".
func (t *tally) notes() []string {
	var notes []string
	for _, key := range t.order {
		what, why, _ := strings.Cut(key, "\x00")
		n := t.counts[key]
		switch {
		case why == "left out":
			notes = append(notes, what+" is left out: "+count(n, "place"))
		case n == 1:
			notes = append(notes, "1 "+what+" is "+why)
		default:
			notes = append(notes, plural(n, what)+" are "+why)
		}
	}
	return notes
}

// count formats a number with its noun: "1 place", "3 places".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return plural(n, noun)
}

// plural formats a number with a noun phrase in the plural: "picture without a description" becomes
// "pictures without a description".
func plural(n int, noun string) string {
	head, rest, found := strings.Cut(noun, " without ")
	if found {
		rest = " without " + rest
	}
	if stem, ok := strings.CutSuffix(head, "y"); ok && !strings.HasSuffix(stem, "a") && !strings.HasSuffix(stem, "e") {
		return fmt.Sprintf("%d %sies%s", n, stem, rest)
	}
	return fmt.Sprintf("%d %ss%s", n, head, rest)
}

// description returns the description of a picture or shape; "" when it has none, or only the name
// of a file.
func description(n *node) string {
	for _, name := range []string{"descr", "alt", "title"} {
		if s := tidy(n.attr(name)); s != "" && !fileLike(s) {
			for _, end := range []string{"Description automatically generated",
				"AI-generated content may be incorrect."} {
				s = strings.TrimSpace(strings.TrimSuffix(s, end))
			}
			return s
		}
	}
	return ""
}

// fileLike reports whether s is the name of a picture's file, which programs store as its
// description.
func fileLike(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 || strings.ContainsAny(s[dot:], " ") {
		return false
	}
	switch strings.ToLower(s[dot+1:]) {
	case "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "svg", "webp":
		return !strings.Contains(strings.TrimSpace(s), " ") || strings.Contains(s, `\`)
	}
	return false
}
