package load

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// maxMailDepth is how deep parts may stand in parts, and messages in messages.
const maxMailDepth = 10

// readMail reads a message (RFC 5322, MIME): who wrote when to whom about what, the text, and the names of what is attached. Where a part comes as text
// and as HTML, the text is read.
func readMail(ctx context.Context, _ *Loader, in input) (Document, error) {
	m := &mailReader{out: &builder{max: in.opts.MaxText}}
	subject, err := m.message(ctx, bytes.NewReader(in.data), 0)
	if err != nil {
		return Document{}, err
	}
	doc := m.out.document()
	doc.Title, doc.Notes = subject, m.notes
	return doc, nil
}

type mailReader struct {
	out   *builder
	parts int
	notes []string
}

func (m *mailReader) message(ctx context.Context, r io.Reader, depth int) (subject string, err error) {
	msg, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return "", &Error{Reason: Damaged, Detail: "is not a message: its head cannot be read", Err: err}
	}
	words := mime.WordDecoder{CharsetReader: charsetReader}
	header := func(name string) string {
		value := msg.Header.Get(name)
		if decoded, err := words.DecodeHeader(value); err == nil {
			value = decoded
		}
		return tidy(value)
	}
	subject = header("Subject")
	m.out.place("head")
	m.out.heading(1, subject)
	var head []string
	for _, name := range []string{"From", "To", "Cc", "Date"} {
		if value := header(name); value != "" {
			head = append(head, name+": "+value)
		}
	}
	if len(head) == 0 && subject == "" {
		return "", &Error{Reason: Damaged, Detail: "is not a message: its head names neither sender nor subject"}
	}
	m.out.paragraph(strings.Join(head, "\n"))
	return subject, m.part(ctx, textproto.MIMEHeader(msg.Header), msg.Body, depth)
}

// part reads a part of a message into the text.
func (m *mailReader) part(ctx context.Context, h textproto.MIMEHeader, body io.Reader, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if depth > maxMailDepth {
		m.notes = append(m.notes, fmt.Sprintf("parts nested more than %d deep are not read", maxMailDepth))
		return nil
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind, params = "text/plain", nil
	}
	disposition, dispParams, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	if name := cmp.Or(dispParams["filename"], params["name"]); disposition == "attachment" || name != "" && !strings.HasPrefix(kind, "multipart/") {
		if name = tidy(name); name != "" {
			m.out.paragraph("Attached: " + name)
			m.notes = append(m.notes, "the attached file "+name+" is not read")
		}
		return nil
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		return m.multi(ctx, kind, multipart.NewReader(body, params["boundary"]), depth)
	case kind == "message/rfc822":
		_, err := m.message(ctx, body, depth+1)
		return err
	case kind == "text/html" || kind == "text/plain":
		m.parts++
		m.out.place(fmt.Sprintf("part %d", m.parts))
		data, err := io.ReadAll(io.LimitReader(body, 2*int64(m.out.max)))
		if err != nil && len(data) == 0 {
			return &Error{Reason: Damaged, Detail: "is damaged: a part of the message cannot be decoded", Err: err}
		}
		text, _, ok := decode(data, m.out.max)
		if enc, err := htmlindex.Get(params["charset"]); err == nil {
			text, ok = decodeWith(enc, data), true
		}
		if !ok {
			return nil
		}
		if kind == "text/html" {
			h := &htmlReader{out: m.out}
			_, err := h.read(ctx, text, false)
			return err
		}
		for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
			if p = strings.Trim(clean(p), "\n"); strings.TrimSpace(p) != "" {
				m.out.write(p, false)
			}
		}
	}
	return nil
}

// multi reads the parts of a part: all of them, or of alternatives the one that is text already.
func (m *mailReader) multi(ctx context.Context, kind string, r *multipart.Reader, depth int) error {
	type held struct {
		header textproto.MIMEHeader
		body   []byte
	}
	var best *held
	for n := 0; n < 1000 && !m.out.full(); n++ {
		p, err := r.NextRawPart()
		if err != nil { // the end, or a message cut short: what came before it counts
			break
		}
		if kind != "multipart/alternative" {
			if err := m.part(ctx, p.Header, p, depth+1); err != nil {
				return err
			}
			continue
		}
		body, _ := io.ReadAll(p)
		this, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if best == nil || this == "text/plain" && len(bytes.TrimSpace(body)) > 0 {
			best = &held{p.Header, body}
		}
		if this == "text/plain" && len(bytes.TrimSpace(body)) > 0 {
			break
		}
	}
	if best == nil {
		return nil
	}
	return m.part(ctx, best.header, bytes.NewReader(best.body), depth+1)
}

func charsetReader(label string, in io.Reader) (io.Reader, error) {
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil, err
	}
	return enc.NewDecoder().Reader(in), nil
}
