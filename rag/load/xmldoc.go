package load

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readXMLDocument reads documents in DocBook, JATS (journal articles) and FictionBook, which share
// enough element names for one table. The place of a block is the line on which it begins.
func readXMLDocument(ctx context.Context, _ *Loader, in input) (Document, error) {
	// The limit is that of the file and not of its text, because most of the file may be markup.
	text, cut, encoding, ok := decodeXML(in.data, int(in.opts.MaxFile))
	if !ok {
		return Document{}, &Error{Reason: Binary, Detail: "is no document in XML: it holds zero bytes"}
	}
	x := &xmlDocument{out: &builder{max: in.opts.MaxText}, line: 1}
	if err := x.read(ctx, text); err != nil {
		if len(x.open) == 0 || x.out.b.Len() == 0 || errors.Is(err, context.DeadlineExceeded) ||
			errors.Is(err, context.Canceled) {
			return Document{}, err
		}
		x.notes = append(x.notes, "the file is damaged: what comes after line "+fmt.Sprint(x.line)+" is not read")
	}
	x.flush()
	doc := x.out.document()
	doc.Title, doc.Fields, doc.Notes = x.title, x.fields, x.notes
	doc.decoded(encoding)
	if x.pictures > 0 {
		doc.Notes = append(doc.Notes, fmt.Sprintf("pictures that are not read: %d", x.pictures))
	}
	if cut {
		doc.Notes = append(doc.Notes, "only the beginning of its markup is read")
	}
	return doc, nil
}

// maxXMLTokens is how many tags and texts of an XML document are read.
const maxXMLTokens = 600_000

// A role is the function of an element in these formats.
type role int

const (
	inlineRole  role = iota
	blockRole        // a paragraph
	sectionRole      // a section: headings in it are one level deeper
	titleRole
	listRole
	itemRole
	codeRole
	tableRole
	rowRole
	cellRole
	adviceRole // a note, tip or warning: its name precedes its text
	infoRole   // metadata: becomes fields
	skipRole
	pictureRole
	breakRole
)

var xmlRoles = func() map[string]role {
	all := map[string]role{}
	for r, names := range map[role]string{
		blockRole: `para simpara p formalpara subtitle v text-author epigraph cite poem stanza abstract annotation refnamediv refpurposes
			bibliomixed mixed-citation term question answer cmdsynopsis funcsynopsis disp-quote blockquote attribution caption ref ack
			caption fn footnote-group disp-formula equation informalequation def def-item glossterm glossdef body back front`,
		sectionRole: `section sect1 sect2 sect3 sect4 sect5 simplesect chapter part appendix preface glossary bibliography refentry
			refsect1 refsect2 refsect3 refsection colophon dedication acknowledgements article book set sec app reference topic`,
		titleRole:   "title article-title book-title",
		listRole:    "itemizedlist orderedlist simplelist variablelist procedure substeps calloutlist list def-list qandaset",
		itemRole:    "listitem list-item member step callout qandaentry",
		codeRole:    "programlisting screen literallayout synopsis preformat address",
		tableRole:   "table informaltable table-wrap",
		rowRole:     "row tr",
		cellRole:    "entry td th",
		adviceRole:  "note tip warning important caution",
		infoRole:    "info articleinfo bookinfo chapterinfo sectioninfo refentryinfo article-meta journal-meta title-info publish-info document-info src-title-info",
		skipRole:    "indexterm binary remark refmeta manvolnum style script annotation-xml custom-meta object-id article-id issn publisher permissions toc index custom-info",
		pictureRole: "imagedata graphic inline-graphic image videodata audiodata media",
		breakRole:   "sbr break empty-line br",
	} {
		for name := range strings.FieldsSeq(names) {
			all[name] = r
		}
	}
	return all
}()

// An xmlDocument writes the blocks of a document as its elements are parsed.
type xmlDocument struct {
	out      *builder
	open     []string // names of the open elements
	line     int
	began    int // line on which the open block began; 0: none yet
	text     strings.Builder
	depth    int       // open sections
	lists    []xmlList // open lists, outermost first
	number   string    // of the open item: "3."; "": a bullet
	code     int
	skip     int // open elements inside a skipped one, including it
	tables   int
	titles   int
	notesIn  int // open footnotes
	item     bool
	advice   string // label to be written before the next paragraph
	info     int    // open metadata elements
	title    string
	fields   fieldList
	name     string // parts of an author's name read so far
	pictures int
	notes    []string
}

func (x *xmlDocument) read(ctx context.Context, text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	// The text is already UTF-8.
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	d.Strict = false
	d.Entity = entitiesOf(text)
	for n := 0; !x.out.full(); n++ {
		if n == maxXMLTokens {
			x.notes = append(x.notes, fmt.Sprintf("what comes after line %d is not read: the file has more than %d tags and texts", x.line, n))
			return nil
		}
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		x.line, _ = d.InputPos()
		token, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &Error{Reason: Damaged, Detail: "is damaged: " + causeOf(err), Err: err}
		}
		switch t := token.(type) {
		case xml.StartElement:
			if x.open = append(x.open, t.Name.Local); len(x.open) > maxXMLDepth {
				return &Error{Reason: TooDeep,
					Detail: fmt.Sprintf("has elements nested more than %d deep", maxXMLDepth)}
			}
			x.start(t)
		case xml.EndElement:
			if len(x.open) > 0 {
				x.open = x.open[:len(x.open)-1]
				x.end(t.Name.Local)
			}
		case xml.CharData:
			x.chars(string(t))
		}
	}
	return nil
}

func (x *xmlDocument) chars(s string) {
	if x.skip > 0 || x.text.Len() > x.out.max {
		return
	}
	if x.began == 0 && strings.TrimSpace(s) != "" {
		x.began = x.line + strings.Count(s[:len(s)-len(strings.TrimLeft(s, " \t\r\n"))], "\n")
	}
	if x.code == 0 {
		s = strings.ReplaceAll(s, "\n", " ")
	}
	x.text.WriteString(s)
}

func (x *xmlDocument) start(t xml.StartElement) {
	name := t.Name.Local
	role := xmlRoles[name]
	if x.skip > 0 || role == skipRole {
		x.skip++
		return
	}
	if x.info > 0 && role != infoRole {
		if role == titleRole || role == blockRole || infoLeaf[name] != "" {
			x.text.Reset()
		}
		return
	}
	switch role {
	case inlineRole:
		x.inline(name, true)
	case blockRole, breakRole:
		switch {
		case x.titles == 0 && x.notesIn == 0:
			x.flush()
		case x.notesIn > 0 && !strings.HasSuffix(x.text.String(), "("):
			x.text.WriteByte(' ')
		}
	case sectionRole:
		x.flush()
		x.depth++
	case titleRole:
		if x.titles++; x.titles == 1 {
			x.flush()
		}
	case listRole:
		x.flush()
		x.beginList(t)
	case itemRole:
		x.flush()
		x.beginItem()
	case codeRole:
		if x.code == 0 {
			x.flush()
		}
		x.code++
	case tableRole:
		x.flush()
		if x.tables++; x.tables == 1 {
			x.place()
		}
	case rowRole:
		x.flush()
		if x.tables > 0 {
			x.row()
		}
	case cellRole:
		x.flush()
		if len(x.out.tables) > 0 {
			x.out.beginCell()
		}
	case adviceRole:
		x.flush()
		x.advice = strings.ToUpper(name[:1]) + name[1:] + ": "
	case infoRole:
		x.flush()
		x.info++
	case pictureRole:
		x.pictures++
	}
}

// row begins a row. The first row also begins the table, after its title.
func (x *xmlDocument) row() {
	if len(x.out.tables) == 0 {
		x.place()
		x.out.beginTable()
	}
	x.out.beginRow()
}

func (x *xmlDocument) end(name string) {
	role := xmlRoles[name]
	switch {
	case x.skip > 0:
		x.skip--
		return
	case x.info > 0 && role != infoRole:
		x.infoEnd(name)
		return
	}
	switch role {
	case inlineRole:
		x.inline(name, false)
	case titleRole:
		if x.titles--; x.titles == 0 {
			x.heading()
		}
	case sectionRole:
		x.flush()
		x.depth = max(x.depth-1, 0)
	case listRole:
		x.flush()
		x.lists = x.lists[:max(len(x.lists)-1, 0)]
	case itemRole:
		x.flush()
		x.item = false
	case codeRole:
		if x.code = max(x.code-1, 0); x.code == 0 {
			x.place()
			x.out.code("", x.text.String())
			x.text.Reset()
			x.began = 0
		}
	case tableRole:
		x.flush()
		if x.tables = max(x.tables-1, 0); x.tables == 0 && len(x.out.tables) > 0 {
			x.out.endTable()
		}
	case infoRole:
		x.info--
		x.text.Reset()
		x.began = 0
	case blockRole, cellRole, rowRole, adviceRole:
		switch {
		case x.titles == 0 && x.notesIn == 0:
			x.flush()
		case x.notesIn == 0:
			x.text.WriteByte(' ')
		}
	}
}

// inline writes the marks that an inline element adds around its text.
func (x *xmlDocument) inline(name string, begins bool) {
	if x.code > 0 {
		return
	}
	switch name {
	case "quote":
		x.text.WriteByte('"')
	case "footnote": // in parentheses, at its place in the text
		if begins {
			x.notesIn++
			x.text.WriteString(" (")
			return
		}
		x.notesIn = max(x.notesIn-1, 0)
		x.text.WriteByte(')')
	case "refname", "refpurpose", "arg", "group", "funcdef", "paramdef", "guimenu", "guisubmenu",
		"guimenuitem", "label", "name", "surname",
		"given-names", "firstname", "lastname", "first-name", "last-name", "middle-name", "phrase",
		"alt", "alt-text", "date", "email":
		if name == "refpurpose" && begins {
			x.text.WriteString(" - ")
			return
		}
		x.text.WriteByte(' ')
	}
}

// heading writes a title: of a section as a heading, of a figure or table as a paragraph.
func (x *xmlDocument) heading() {
	s := tidy(x.text.String())
	x.place()
	x.text.Reset()
	x.began = 0
	parent := ""
	if len(x.open) > 0 {
		parent = x.open[len(x.open)-1]
	}
	if role := xmlRoles[parent]; role == tableRole || role == blockRole && parent != "body" && parent != "front" || role == inlineRole && parent != "title-group" || role == listRole || role == adviceRole {
		x.out.paragraph(s)
		return
	}
	if x.title == "" && x.depth <= 1 {
		x.title = s
	}
	x.out.heading(max(x.depth, 1), s)
}

// infoLeaf maps metadata elements to names of fields. An element mapped to "" does not become a
// field of its own.
var infoLeaf = map[string]string{
	"title": "title", "article-title": "title", "book-title": "title", "author": "author",
	"contrib": "author", "date": "date", "pubdate": "date",
	"pub-date": "date", "year": "date", "keyword": "keywords", "kwd": "keywords",
	"keywords": "keywords", "genre": "keywords", "lang": "language",
	"journal-title": "journal", "publisher-name": "publisher", "subtitle": "subtitle",
	"edition": "edition", "releaseinfo": "release",
	"surname": "", "lastname": "", "last-name": "", "abstract": "description",
}

// infoEnd adds the text of a metadata element as a field.
func (x *xmlDocument) infoEnd(name string) {
	s := tidy(x.text.String())
	field := infoLeaf[name]
	switch name {
	case "firstname", "surname", "lastname", "first-name", "last-name", "middle-name", "given-names", "othername":
		x.name = tidy(x.name + " " + s)
		x.text.Reset()
		return
	case "author", "contrib":
		if x.name != "" {
			s, x.name = x.name, ""
		}
	case "p", "para", "simpara":
		if s != "" { // part of an abstract, which is text of the document
			x.place()
			x.out.paragraph(s)
		}
		x.text.Reset()
		x.began = 0
		return
	}
	if field == "" {
		return
	}
	x.text.Reset()
	if s == "" || field == "date" && x.fields.value("date") != "" {
		return
	}
	x.fields.add(field, s)
	if field == "title" && x.title == "" {
		x.title = s
		x.place()
		x.out.heading(1, s)
	}
	x.began = 0
}

func (x *xmlDocument) place() {
	if x.began == 0 {
		x.began = x.line
	}
	if len(x.out.tables) == 0 {
		x.out.placeLines(x.began, x.began)
	}
}

// flush writes the open block.
func (x *xmlDocument) flush() {
	s := x.text.String()
	if x.code > 0 && strings.TrimSpace(s) == "" || x.titles > 0 {
		return
	}
	x.text.Reset()
	if strings.TrimSpace(s) == "" {
		x.began = 0
		return
	}
	x.place()
	x.began = 0
	s = x.advice + s
	x.advice = ""
	if x.item {
		x.out.orderedItem(len(x.lists)-1, x.number, s)
		x.item = false
		return
	}
	x.out.paragraph(s)
}
