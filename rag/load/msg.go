package load

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding"
)

// readMSG reads a message saved by Outlook (MS-OXMSG): sender, recipients, date, subject, text and
// attachments, each attachment by the reader of its type.
func readMSG(ctx context.Context, l *Loader, in input) (Document, error) {
	c, err := openCompound(in.data)
	if err != nil {
		return Document{}, err
	}
	m := &msgReader{ctx: ctx, l: l, in: in, c: c, out: &builder{max: in.opts.MaxText}}
	subject, err := m.message("", 32, 0)
	if err != nil {
		return Document{}, err
	}
	doc := m.out.document()
	doc.Title, doc.Date, doc.Notes = subject, m.sent, m.notes.list()
	return doc, nil
}

// An msgReader writes a message and the messages attached to it.
type msgReader struct {
	ctx    context.Context
	l      *Loader
	in     input
	c      *compoundFile
	out    *builder
	notes  noteList
	prefix string // prefix of places: "attachment message "
	sent   string // date of the outermost message
}

// Numbers of the properties that are read (MS-OXPROPS).
const (
	msgSubject, msgSender, msgAddress = "0037", "0C1A", "5D01"
	msgTo, msgCc, msgHead             = "0E04", "0E03", "007D"
	msgBody, msgPage, msgRTF          = "1000", "1013", "1009"
	msgFileName, msgShortName         = "3707", "3704"
	msgSent, msgReceived, msgCodepage = 0x0039, 0x0e06, 0x3ffd
)

// message writes the message in a folder of the file and returns its subject. head is the number of
// bytes before its list of fixed-size properties.
func (m *msgReader) message(folder string, head, depth int) (subject string, err error) {
	fixed := m.fixed(folder, head)
	enc := encoding.Encoding(windowsPages[1252])
	if page := windowsPages[int(fixed[msgCodepage])]; page != nil {
		enc = page
	}
	text := func(property string) string { return m.text(folder, property, enc) }
	subject = tidy(text(msgSubject))
	m.out.place(m.prefix + "head")
	m.out.heading(1, subject)
	sender := tidy(text(msgSender))
	if address := tidy(text(msgAddress)); address != "" && address != sender {
		sender = strings.TrimSpace(sender + " <" + address + ">")
	}
	date := m.date(fixed, text(msgHead))
	if folder == "" {
		m.sent = date
	}
	var lines []string
	for _, field := range [][2]string{{"From", sender}, {"To", tidy(text(msgTo))},
		{"Cc", tidy(text(msgCc))}, {"Date", date}} {
		if field[1] != "" {
			lines = append(lines, field[0]+": "+field[1])
		}
	}
	m.out.paragraph(strings.Join(lines, "\n"))
	m.out.place(m.prefix + "part 1")
	if err := m.body(folder, text(msgBody)); err != nil {
		return "", err
	}
	return subject, m.attachments(folder, enc, depth)
}

// fixed returns the fixed-size properties, such as numbers and dates, by property number.
func (m *msgReader) fixed(folder string, head int) map[int]uint64 {
	values := map[int]uint64{}
	data := m.c.read(folder + "__properties_version1.0")
	for at := head; at+16 <= len(data); at += 16 {
		values[int(binary.LittleEndian.Uint16(data[at+2:]))] = binary.LittleEndian.Uint64(data[at+8:])
	}
	return values
}

// text returns a text property, which is in UTF-16 or in the message's code page.
func (m *msgReader) text(folder, property string, enc encoding.Encoding) string {
	if data := m.c.read(folder + "__substg1.0_" + property + "001F"); data != nil {
		units := make([]uint16, len(data)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(data[2*i:])
		}
		return strings.TrimRight(string(utf16.Decode(units)), "\x00")
	}
	return strings.TrimRight(decodeWith(enc, m.c.read(folder+"__substg1.0_"+property+"001E")), "\x00")
}

// date returns when the message was sent: the date in its head, or else the one that Outlook
// recorded.
func (m *msgReader) date(fixed map[int]uint64, head string) string {
	for line := range strings.Lines(head) {
		if date, ok := strings.CutPrefix(line, "Date:"); ok {
			return tidy(date)
		}
	}
	at := cmp.Or(fixed[msgSent], fixed[msgReceived])
	if at == 0 {
		return ""
	}
	return fileTime(at).Format("Mon, 2 Jan 2006 15:04 UTC")
}

// fileTime returns a time that is stored in units of 100 ns since 1601.
func fileTime(at uint64) time.Time {
	const unixEpoch = 116444736000000000
	return time.Unix(0, (int64(min(at, 1<<62))-unixEpoch)*100).UTC()
}

// body writes the plain text of a message. It writes the HTML or RTF text instead if the plain text
// is missing or a stub.
func (m *msgReader) body(folder, plain string) error {
	page := m.c.read(folder + "__substg1.0_" + msgPage + "0102")
	kind := "html"
	if packed := m.c.read(folder + "__substg1.0_" + msgRTF + "0102"); len(page) == 0 && len(packed) > 0 {
		page, kind = unpackRTF(packed), "rtf"
	}
	if len(page) > 0 {
		doc, err := readers[kind](m.ctx, m.l, input{path: m.in.path, kind: kind, data: page,
			opts: m.in.opts, nest: m.in.nest})
		if m.ctx.Err() != nil {
			return m.ctx.Err()
		}
		if err == nil && isStub(plain, doc.Text) {
			m.out.markdown(doc.Text)
			return nil
		}
	}
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(plain, "\r\n", "\n"), "\n\n") {
		m.out.paragraph(paragraph)
	}
	return nil
}

// attachments reads the attachments of the message in a folder.
func (m *msgReader) attachments(folder string, enc encoding.Encoding, depth int) error {
	var list []string
	for _, name := range m.c.order {
		if rest, ok := strings.CutPrefix(name, folder+"__attach_version1.0_#"); ok {
			number, _, _ := strings.Cut(rest, "/")
			list = append(list, folder+"__attach_version1.0_#"+number+"/")
		}
	}
	slices.Sort(list)
	for _, attached := range slices.Compact(list) {
		if m.out.full() {
			return nil
		}
		if err := m.attachment(attached, enc, depth); err != nil {
			return err
		}
	}
	return nil
}

func (m *msgReader) attachment(folder string, enc encoding.Encoding, depth int) error {
	name := tidy(cmp.Or(m.text(folder, msgFileName, enc), m.text(folder, msgShortName, enc),
		m.text(folder, "3001", enc)))
	name = cmp.Or(strings.ReplaceAll(name, "/", " "), "attachment")
	if inner := folder + "__substg1.0_3701000D/"; m.c.has(inner + "__properties_version1.0") {
		if depth >= maxNesting {
			m.notes.add("the attached message %s is not read: it lies more than %d messages deep", name, maxNesting)
			return nil
		}
		prefix := m.prefix
		m.prefix += "attachment " + name + " "
		_, err := m.message(inner, 24, depth+1)
		m.prefix = prefix
		return err
	}
	if reason := m.in.exhausted(); reason != "" {
		m.notes.add("the attached file %s is not read: %s", name, reason)
		return nil
	}
	data := m.c.read(folder + "__substg1.0_37010102")
	left, detail := memberLeftOut(name, m.in.opts)
	var notes []string
	var err error
	if left != "" || len(data) == 0 {
		err = &Error{Detail: cmp.Or(detail, "is empty")}
	} else {
		notes, err = m.l.embed(m.ctx, m.in, m.out,
			member{name: name, place: m.prefix + "attachment " + name, data: data}, 2)
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

// rtfDictionary is the initial dictionary of compressed RTF (MS-OXRTFCP).
const rtfDictionary = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript " +
	"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier" +
	"{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

// unpackRTF decompresses the RTF of a message, up to its declared size and at most 32 MB. It
// returns the text before a malformed part.
func unpackRTF(data []byte) []byte {
	if len(data) < 16 {
		return nil
	}
	size := int(min(binary.LittleEndian.Uint32(data[4:]), 32<<20))
	switch string(data[8:12]) {
	case "MELA":
		return data[16:]
	case "LZFu":
	default:
		return nil
	}
	var ring [4096]byte
	at := copy(ring[:], rtfDictionary)
	var out []byte
	put := func(c byte) {
		ring[at] = c
		at = (at + 1) % len(ring)
		out = append(out, c)
	}
	for data = data[16:]; len(data) > 0; {
		control := data[0]
		data = data[1:]
		for bit := range 8 {
			if len(out) >= size {
				return out
			}
			if control&(1<<bit) == 0 {
				if len(data) == 0 {
					return out
				}
				put(data[0])
				data = data[1:]
				continue
			}
			if len(data) < 2 {
				return out
			}
			reference := int(binary.BigEndian.Uint16(data))
			data = data[2:]
			from := reference >> 4
			if from == at {
				return out
			}
			for i := range reference&15 + 2 {
				put(ring[(from+i)%len(ring)])
			}
		}
	}
	return out
}
