package load

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/jhillyerd/enmime/v2"

	"weft/rag/lazyregexp"
)

// Limits of messages.
const (
	maxMailHead  = 1 << 20 // bytes before the first part
	maxMailParts = 1000    // lines that may begin a part
	maxMailDepth = 20      // multipart levels, one inside the other
	maxMailText  = 8 << 20 // bytes of a single-part message
)

// readMail reads a message (RFC 5322, MIME): sender, recipients, date, subject, text and
// attachments. Attached documents, messages and invitations are read by the readers of their types.
func readMail(ctx context.Context, l *Loader, in input) (Document, error) {
	m := &mailReader{ctx: ctx, l: l, in: in, out: &builder{max: in.opts.MaxText}}
	subject, err := m.message(in.data)
	if err != nil {
		return Document{}, err
	}
	doc := m.out.document()
	doc.Title, doc.Date, doc.Notes = subject, m.date, m.notes.list()
	return doc, nil
}

// A mailReader writes one message.
type mailReader struct {
	ctx    context.Context
	l      *Loader
	in     input
	out    *builder
	prefix string // prefix of places: "message 12 "
	parts  int    // parts with text so far
	inline int    // pictures shown in the text
	notes  noteList
	date   string // when the message was sent, as written
}

// message writes one message and returns its subject.
func (m *mailReader) message(data []byte) (subject string, err error) {
	if wideEncoding(data[:min(len(data), sniffed)]) != nil {
		text, _, _ := decode(data, 4*m.in.opts.MaxText)
		data = []byte(text)
	}
	data, cut, err := boundedMessage(data)
	if err != nil {
		return "", err
	}
	root, tooDeep, err := mailParts(m.ctx, data, 1)
	if m.ctx.Err() != nil {
		return "", m.ctx.Err()
	}
	if err != nil {
		return "", &Error{Reason: Damaged, Detail: "is not a message: its head cannot be read", Err: err}
	}
	subject = headerOf(root, "Subject")
	m.date = headerOf(root, "Date")
	m.out.place(m.prefix + "head")
	m.out.heading(1, subject)
	var head []string
	for _, name := range []string{"From", "To", "Cc", "Date"} {
		if value := headerOf(root, name); value != "" {
			head = append(head, name+": "+value)
		}
	}
	if len(head) == 0 && subject == "" {
		return "", &Error{Reason: Damaged, Detail: "is not a message: its head names neither sender nor subject"}
	}
	m.out.paragraph(strings.Join(head, "\n"))
	if err := m.part(root); err != nil {
		return "", err
	}
	if m.inline > 0 {
		m.notes.add("pictures in the text are not read: %d", m.inline)
	}
	if tooDeep > 0 {
		m.notes.add("parts that lie more than %d parts deep are not read", maxMailDepth)
	}
	if cut {
		m.notes.add("only the first %d parts of the message, or %s, are read", maxMailParts, bytesText(maxMailText))
	}
	return subject, nil
}

// boundedMessage cuts a message before the line that begins part maxMailParts+1, because the parser
// keeps each part in memory along with the parts around it. A message without parts is cut at
// maxMailText. cut reports whether something was cut.
func boundedMessage(data []byte) (bounded []byte, cut bool, err error) {
	if first, rest, _ := bytes.Cut(data, []byte("\n")); len(bytes.Trim(first, "0123456789 \r")) == 0 {
		data = rest // Apple Mail's files begin with the length of the message
	}
	if line, _, _ := bytes.Cut(data, []byte("\n")); bytes.HasPrefix(line, []byte("From ")) {
		data = data[min(len(line)+1, len(data)):]
	}
	head := data[:min(len(data), maxMailHead)]
	if len(data) > maxMailHead && !bytes.Contains(head, []byte("\n\n")) && !bytes.Contains(head, []byte("\n\r\n")) {
		return nil, false, &Error{Reason: Damaged,
			Detail: "is not a message: its head has more than " + bytesText(maxMailHead)}
	}
	for at, n := 0, 0; ; n++ {
		i := bytes.Index(data[at:], []byte("\n--"))
		if i < 0 && n == 0 && !bytes.Contains(bytes.ToLower(head[:min(len(head), 64<<10)]), []byte("base64")) {
			return data[:min(len(data), maxMailText)], len(data) > maxMailText, nil // a message without parts
		}
		if i < 0 {
			return data, false, nil
		}
		if at += i + 3; n == maxMailParts {
			return data[:at-2], true, nil
		}
	}
}

// headerOf returns the decoded value of a header.
func headerOf(p *enmime.Part, name string) string {
	value := p.Header.Get(name)
	if decoded, err := (&mime.WordDecoder{CharsetReader: charsetReader}).DecodeHeader(value); err == nil {
		value = decoded
	}
	if !needsCleaning(value) {
		return tidy(value)
	}
	text, _, _ := decode([]byte(value), len(value))
	return tidy(text)
}

// part reads a part of a message and the parts inside it.
func (m *mailReader) part(p *enmime.Part) error {
	if err := m.ctx.Err(); err != nil || m.out.full() {
		return err
	}
	kind := strings.ToLower(p.ContentType)
	switch {
	case kind == "multipart/alternative" && p.FirstChild != nil:
		return m.alternatives(p)
	case p.FirstChild != nil:
		for c := p.FirstChild; c != nil; c = c.NextSibling {
			if err := m.part(c); err != nil {
				return err
			}
		}
		return nil
	case strings.HasPrefix(kind, "multipart/"):
		return nil
	case kind == "application/pgp-signature", kind == "application/pkcs7-signature",
		kind == "application/x-pkcs7-signature", kind == "application/pgp-encrypted":
		return nil
	case kind == "application/pkcs7-mime", kind == "application/x-pkcs7-mime":
		m.notes.add("the message is encrypted or signed as a whole, and not read")
		return nil
	case p.Disposition != "attachment" && p.FileName == "" &&
		(kind == "text/html" || kind == "text/plain" || kind == ""):
		return m.text(p)
	case strings.HasPrefix(kind, "image/") && (p.Disposition != "attachment" || p.ContentID != "" && p.FileName == ""):
		m.inline++
		return nil
	}
	return m.attachment(p)
}

// alternatives reads one of several forms of a text, the plain one unless it is a stub, and then
// any parts that are not text, such as an invitation.
func (m *mailReader) alternatives(p *enmime.Part) error {
	var plain, page *enmime.Part
	var others []*enmime.Part
	for c := p.FirstChild; c != nil; c = c.NextSibling {
		switch body := bodyOf(c); {
		case body == nil:
			others = append(others, c)
		case strings.EqualFold(body.ContentType, "text/html"):
			page = c
		default:
			plain = c
		}
	}
	best := cmp.Or(plain, page)
	if plain != nil && page != nil {
		shown, err := m.pageText(bodyOf(page))
		if err != nil {
			return err
		}
		if isStub(textOf(bodyOf(plain)), shown) {
			best = page
		}
	}
	if best != nil {
		if err := m.part(best); err != nil {
			return err
		}
	}
	for _, c := range others {
		if err := m.part(c); err != nil {
			return err
		}
	}
	return nil
}

// bodyOf returns the text of an alternative: the part itself, or the first part inside it. It
// returns nil if that is not text or is empty.
func bodyOf(p *enmime.Part) *enmime.Part {
	for p != nil && p.FirstChild != nil {
		p = p.FirstChild
	}
	if p != nil && (strings.EqualFold(p.ContentType, "text/html") ||
		strings.EqualFold(p.ContentType, "text/plain")) && len(bytes.TrimSpace(p.Content)) > 0 {
		return p
	}
	return nil
}

// isStub reports whether a plain text is only a placeholder for the HTML page next to it: a notice
// such as "please view this message in a browser", or a text much shorter than the page. A notice
// has few words in common with the page.
func isStub(plain, page string) bool {
	words, shown := strings.Fields(strings.ToLower(plain)), strings.Fields(strings.ToLower(page))
	if n := len(words); n < 60 && len(shown) > n*3/2 && len(shown) > n+5 || len(shown) > n*4 {
		return true
	}
	if len(words) >= 60 || len(shown) < 3 {
		return false
	}
	common := 0 // two forms of one text have nearly all words in common
	for _, w := range words {
		if slices.Contains(shown, w) {
			common++
		}
	}
	return common*3 < len(words)
}

// textOf returns the text of a part as UTF-8. The parser has already converted it if the part
// declares an encoding.
func textOf(p *enmime.Part) string {
	text, _, ok := decode(p.Content, len(p.Content))
	if !ok {
		return ""
	}
	return text
}

// pageText returns the text of an HTML part.
func (m *mailReader) pageText(p *enmime.Part) (string, error) {
	h := &htmlReader{out: &builder{max: m.out.max}}
	_, err := h.read(m.ctx, textOf(p), false)
	return h.out.document().Text, err
}

// text writes a part that is text of the message.
func (m *mailReader) text(p *enmime.Part) error {
	m.parts++
	m.out.place(fmt.Sprintf("%spart %d", m.prefix, m.parts))
	text := textOf(p)
	if len(text) > m.out.max {
		text = text[:m.out.max]
	}
	if strings.EqualFold(p.ContentType, "text/html") {
		h := &htmlReader{out: m.out}
		_, err := h.read(m.ctx, text, false)
		m.out.endTables()
		return err
	}
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if paragraph = strings.Trim(clean(paragraph), "\n"); strings.TrimSpace(paragraph) != "" {
			m.out.write(paragraph, false)
		}
	}
	return nil
}

// extensionOf maps the types of attachments to the extension for those without a usable name.
var extensionOf = map[string]string{
	"text/csv": ".csv", "text/calendar": ".ics", "text/html": ".html", "text/markdown": ".md",
	"text/plain": ".txt", "text/rtf": ".rtf",
	"application/pdf": ".pdf", "application/json": ".json", "application/rtf": ".rtf",
	"message/rfc822": ".eml", "application/zip": ".zip",
	"application/msword": ".doc", "application/vnd.ms-excel": ".xls",
}

// attachment reads an attached file, or notes why it is not read.
func (m *mailReader) attachment(p *enmime.Part) error {
	kind := strings.ToLower(p.ContentType)
	name := tidy(p.FileName)
	if name == "" {
		name = strings.TrimPrefix(kind, "application/") + " " + cmp.Or(p.PartID, "0")
		switch kind {
		case "message/rfc822":
			name = "message"
		case "text/calendar":
			name = "invitation"
		}
		name = strings.ReplaceAll(name, "/", " ") + extensionOf[kind]
	} else if kindOf(name) == "" {
		name += extensionOf[kind]
	}
	if reason := m.in.exhausted(); reason != "" {
		m.notes.add("the attached file %s is not read: %s", name, reason)
		return nil
	}
	left, detail := memberLeftOut(name, m.in.opts)
	var notes []string
	var err error
	if left != "" || len(p.Content) == 0 {
		err = &Error{Detail: cmp.Or(detail, "is empty")}
	} else {
		place := m.prefix + "attachment " + name
		notes, err = m.l.embed(m.ctx, m.in, m.out, member{name: name, place: place, data: p.Content}, 2)
	}
	var failure *Error
	if errors.As(err, &failure) {
		m.out.paragraph("Attached: " + name)
		m.notes.add("the attached file %s is not read: it %s", name, failure.Detail)
		return nil
	}
	for _, note := range notes {
		m.notes.add("%s: %s", name, note)
	}
	return err
}

var headerLine = lazyregexp.New(`^([!-9;-~]+):(?:[ \t]|$)`)

// looksLikeMessage reports whether head begins like a message: header lines up to a blank line,
// with a sender and at least two other headers common in messages.
func looksLikeMessage(head []byte) bool {
	if wideEncoding(head) != nil {
		text, _, _ := decode(head, len(head))
		head = []byte(text)
	}
	sender, others, n := false, 0, 0
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		if n++; len(line) == 0 {
			break
		}
		match := headerLine.FindSubmatch(line)
		switch {
		case match == nil && n == 1 && bytes.HasPrefix(line, []byte("From ")):
		case match == nil && (n == 1 || line[0] != ' ' && line[0] != '\t'):
			return false
		case match == nil:
		default:
			switch strings.ToLower(string(match[1])) {
			case "from", "sender":
				sender = true
			case "subject", "to", "date", "message-id", "received", "mime-version", "return-path",
				"delivered-to", "content-type":
				others++
			}
		}
	}
	return sender && others >= 2
}
