package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jhillyerd/enmime/v2"

	"weft/rag/lazyregexp"
)

// maxMessages is how many messages of one file are read. The text of that many real messages
// exceeds the limit of a document's text.
const maxMessages = 20_000

// readMbox reads a file of many messages (mbox, as written by Thunderbird, mutt and exports of web
// mail). It leaves out messages that are marked as deleted.
func readMbox(ctx context.Context, l *Loader, in input) (Document, error) {
	out := &builder{max: in.opts.MaxText}
	var notes noteList
	read, deleted, unread := 0, 0, 0
	for n, data := range messagesOf(in.data) {
		switch {
		case ctx.Err() != nil:
			return Document{}, ctx.Err()
		case out.full() || read == maxMessages || in.exhausted() != "":
			unread++
			continue
		case isDeleted(data):
			deleted++
			continue
		}
		m := &mailReader{ctx: ctx, l: l, in: in, out: out, prefix: fmt.Sprintf("message %d ", n+1)}
		_, err := m.message(unquoted(data))
		var failure *Error
		switch {
		case errors.As(err, &failure):
			notes.add("message %d %s", n+1, failure.Detail)
		case err != nil:
			return Document{}, err
		default:
			read++
		}
		for _, note := range m.notes.list() {
			notes.add("message %d: %s", n+1, note)
		}
	}
	if read == 0 {
		return Document{}, &Error{Reason: Damaged, Detail: "holds no message that can be read"}
	}
	doc := out.document()
	doc.Notes = notes.list()
	if deleted > 0 {
		doc.Notes = append(doc.Notes, fmt.Sprintf("%d deleted messages are not read", deleted))
	}
	if unread > 0 {
		doc.Notes = append(doc.Notes, fmt.Sprintf("only the first %d messages are read, %d are not", read, unread))
	}
	return doc, nil
}

var (
	fromLine     = lazyregexp.New(`^From \S.*\r?\n[!-9;-~]+:`)
	quotedFrom   = lazyregexp.New(`(?m)^>(>*From )`)
	mozillaState = lazyregexp.New(`(?m)\A(?:[!-9;-~]+:.*\r?\n(?:[ \t].*\r?\n)*)*?X-Mozilla-Status:[ \t]*([0-9A-Fa-f]{4})`)
)

// looksLikeMbox reports whether head begins like an mbox file: a "From " line, then a header.
func looksLikeMbox(head []byte) bool { return fromLine.Match(head) }

// messagesOf iterates over the messages of a file by index, each without its "From " line.
func messagesOf(data []byte) func(func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		n, start := 0, -1
		for at := 0; at < len(data); {
			end := len(data)
			if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
				end = at + i + 1
			}
			if bytes.HasPrefix(data[at:end], []byte("From ")) && blankBefore(data, at) &&
				fromLine.Match(data[at:min(len(data), end+200)]) {
				if start >= 0 {
					if !yield(n, data[start:at]) {
						return
					}
					n++
				}
				start = end
			}
			at = end
		}
		if start >= 0 {
			yield(n, data[start:])
		}
	}
}

// blankBefore reports whether the line before an offset is blank or missing.
func blankBefore(data []byte, at int) bool {
	before := bytes.TrimRight(data[max(0, at-3):at], "\r")
	return at == 0 || bytes.HasSuffix(before, []byte("\n\n")) || bytes.HasSuffix(before, []byte("\n\r\n"))
}

// unquoted removes one > from lines that were quoted because they look like the start of a message.
func unquoted(data []byte) []byte {
	if !bytes.Contains(data, []byte("\n>")) {
		return data
	}
	return quotedFrom.ReplaceAll(data, []byte("$1"))
}

// isDeleted reports whether Thunderbird has marked a message as deleted.
func isDeleted(data []byte) bool {
	m := mozillaState.FindSubmatch(data[:min(len(data), 4096)])
	if m == nil {
		return false
	}
	state, _ := strconv.ParseUint(string(m[1]), 16, 16)
	return state&0x0008 != 0
}

// readMHTML reads a web page that a browser saved with its pictures: a message whose main part is
// HTML.
func readMHTML(ctx context.Context, _ *Loader, in input) (Document, error) {
	data, _, err := boundedMessage(in.data)
	if err != nil {
		return Document{}, err
	}
	root, _, err := mailParts(ctx, data, 1)
	if ctx.Err() != nil {
		return Document{}, ctx.Err()
	}
	if err != nil {
		return Document{}, &Error{Reason: Damaged, Detail: "is not a saved page: its head cannot be read", Err: err}
	}
	isPage := func(p *enmime.Part) bool {
		return p.FirstChild == nil && (p.ContentType == "text/html" || p.ContentType == "application/xhtml+xml")
	}
	page := root.BreadthMatchFirst(isPage)
	if page == nil {
		return Document{}, &Error{Reason: Damaged, Detail: "is not a saved page: it has no part in HTML"}
	}
	pictures := len(root.DepthMatchAll(func(p *enmime.Part) bool {
		return len(p.ContentType) > 6 && p.ContentType[:6] == "image/"
	}))
	in.data = page.Content
	doc, err := readPage(ctx, in, false)
	if pictures > 0 {
		doc.Notes = append(doc.Notes, fmt.Sprintf("pictures in the page are not read: %d", pictures))
	}
	return doc, err
}
