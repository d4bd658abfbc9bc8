package load

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"
)

// The limits of packed documents, which guard against decompression bombs.
const (
	maxParts    = 20_000    // files in one document
	maxPart     = 128 << 20 // bytes of one unpacked part, and of all parts that are read
	maxToken    = 4 << 20   // bytes of one element's tag or of one run of text
	maxRatio    = 200       // highest factor by which a large part may grow
	maxXMLDepth = 512
	maxElements = 1_500_000 // in one part
)

// A packed document is a ZIP file with XML in it: Office Open XML, OpenDocument, EPUB.
type packed struct {
	files  map[string]*zip.File
	folded map[string]*zip.File // by name in lower case; built on first use
	spent  uint64               // bytes unpacked so far, including the part being opened
}

// openPacked opens a packed document. No part is unpacked yet; open refuses a part whose declared
// size exceeds the limits, and archive/zip holds each part to its declared size.
func openPacked(data []byte) (*packed, error) {
	if bytes.HasPrefix(data, []byte{0xd0, 0xcf, 0x11, 0xe0}) {
		if c, err := openCompound(data); err == nil && c.has("EncryptedPackage") {
			return nil, &Error{Reason: Encrypted, Detail: "is encrypted: save it without a password"}
		}
		return nil, &Error{Reason: Damaged, Detail: "is not of the format of its name, and of none that is read"}
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &Error{Reason: Damaged, Detail: "is damaged or cut short: it cannot be unpacked", Err: err}
	}
	if len(r.File) > maxParts {
		return nil, &Error{Reason: TooLarge, Detail: fmt.Sprintf("consists of %d parts, which no document needs", len(r.File))}
	}
	p := &packed{files: make(map[string]*zip.File, len(r.File))}
	for _, f := range r.File {
		p.files[partName(f.Name)] = f
	}
	return p, nil
}

// partName normalises the name of a part: relative to the package's root, with forward slashes.
func partName(name string) string {
	return strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/")
}

// part returns the part of a name, or nil. As the packaging standard demands, names that differ
// only in case are equal.
func (p *packed) part(name string) *zip.File {
	name = partName(name)
	if f, ok := p.files[name]; ok {
		return f
	}
	if p.folded == nil {
		p.folded = make(map[string]*zip.File, len(p.files))
		for other, f := range p.files {
			p.folded[strings.ToLower(other)] = f
		}
	}
	return p.folded[strings.ToLower(name)]
}

// open opens a part for reading; nil when it does not exist. The error is an [*Error] when the part
// is encrypted or unpacks to more than the limits.
func (p *packed) open(name string) (io.ReadCloser, error) {
	f := p.part(name)
	if f == nil {
		return nil, nil
	}
	if f.Flags&1 != 0 {
		return nil, &Error{Reason: Encrypted, Detail: "is encrypted: save it without a password"}
	}
	if err := checkPart(f); err != nil {
		return nil, err
	}
	if p.spent += f.UncompressedSize64; p.spent > maxPart {
		return nil, &Error{Reason: TooLarge, Detail: "unpacks to more than " + bytesText(maxPart) + ", as no document does"}
	}
	return f.Open()
}

func checkPart(f *zip.File) error {
	size := f.UncompressedSize64
	if size > maxPart || size > 4<<20 && size/maxRatio > f.CompressedSize64 {
		return &Error{Reason: TooLarge, Detail: fmt.Sprintf("unpacks from %s to %s, as no document does", bytesText(int64(f.CompressedSize64)), bytesText(int64(min(size, 1<<62))))}
	}
	return nil
}

// read returns the content of a whole part; nil when it does not exist.
func (p *packed) read(name string) ([]byte, error) {
	r, err := p.open(name)
	if r == nil || err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// An xmlHandler receives the elements of a part in document order. Element and attribute names come
// without their namespace prefix, except for the attribute "r:id".
type xmlHandler struct {
	start func(name string, attr func(name string) string)
	end   func(name string)
	text  func(s string)

	// An element for which whole returns true is passed to tree when it ends, with everything
	// inside it. start, end and text are not called for it or for its content.
	whole func(name string) bool
	tree  func(n *node)
}

// walk parses an XML part and calls the handler. A part that does not exist has no elements. stop
// is polled and ends the walk early when it returns true; it may be nil.
func (p *packed) walk(ctx context.Context, name string, h xmlHandler, stop func() bool) error {
	r, err := p.open(name)
	if r == nil || err != nil {
		return err
	}
	defer r.Close()
	if err := walkXML(ctx, r, h, stop); err != nil {
		return fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return nil
}

func walkXML(ctx context.Context, r io.Reader, h xmlHandler, stop func() bool) error {
	limited := &boundedReader{r: r, most: maxToken, what: "an element"}
	d := xml.NewDecoder(utf8Reader(bufio.NewReader(limited)))
	d.CharsetReader = xmlCharset
	elements := 0
	var open []xml.Name // raw names: resolving their namespaces would be slow
	var trees treeBuilder
	for n := 0; ; n++ {
		if n%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if stop != nil && stop() {
				return nil
			}
		}
		limited.read = 0
		token, err := d.RawToken()
		if err == io.EOF && len(open) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if elements++; elements > maxElements {
				return &Error{Reason: TooLarge, Detail: fmt.Sprintf("consists of more than %d elements", maxElements)}
			}
			if open = append(open, t.Name); len(open) > maxXMLDepth {
				return &Error{Reason: TooDeep,
					Detail: fmt.Sprintf("has elements nested more than %d deep", maxXMLDepth)}
			}
			if trees.open() || h.whole != nil && h.whole(t.Name.Local) {
				trees.start(t.Name.Local, t.Attr)
			} else if h.start != nil {
				h.start(t.Name.Local, func(name string) string {
					return attrOf(t.Attr, name)
				})
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name {
				return fmt.Errorf("</%s> ends no element", t.Name.Local)
			}
			open = open[:len(open)-1]
			if trees.open() {
				if whole := trees.end(); whole != nil {
					h.tree(whole)
				}
			} else if h.end != nil {
				h.end(t.Name.Local)
			}
		case xml.CharData:
			if trees.open() {
				trees.chars(string(t))
			} else if h.text != nil {
				h.text(string(t))
			}
		}
	}
}

// A boundedReader fails when one element takes more than most bytes. Parsers keep a whole element
// in memory, at several times its size.
type boundedReader struct {
	r    io.Reader
	most int
	what string
	read int // bytes since the last element; the parser's caller resets it
}

// Read returns an [*Error] with the reason [TooLarge] once the element exceeds the limit.
func (t *boundedReader) Read(b []byte) (int, error) {
	if t.read > t.most {
		return 0, &Error{Reason: TooLarge, Detail: fmt.Sprintf("has %s that is larger than %s",
			t.what, bytesText(int64(t.most)))}
	}
	n, err := t.r.Read(b[:min(len(b), t.most+1-t.read)])
	t.read += n
	return n, err
}

// propertiesIn returns the title and the date in a part with Dublin Core metadata; "" for what it
// lacks.
func (p *packed) propertiesIn(ctx context.Context, part string) (title, date string) {
	var c dublinCore
	_ = p.walk(ctx, part, c.handler(), nil) // the properties are optional, so errors are ignored
	return c.title.String(), c.date()
}

// A dublinCore collects the properties of a document from XML with Dublin Core metadata.
type dublinCore struct {
	title                    strings.Builder
	modified, dated, created strings.Builder
	in                       *strings.Builder // what the text belongs to; nil: nothing
}

// date returns the date of the last change, or else of publication, or else of creation.
func (c *dublinCore) date() string {
	return cmp.Or(c.modified.String(), c.dated.String(), c.created.String())
}

func (c *dublinCore) handler() xmlHandler {
	return xmlHandler{start: func(name string, _ func(string) string) { c.begin(name) },
		end: func(string) { c.in = nil }, text: c.text}
}

// begin handles the start of an element. Only the first element of a name counts.
func (c *dublinCore) begin(name string) {
	c.in = map[string]*strings.Builder{"title": &c.title, "modified": &c.modified, "date": &c.dated,
		"created": &c.created, "creation-date": &c.created}[name]
	if c.in != nil && c.in.Len() > 0 {
		c.in = nil
	}
}

func (c *dublinCore) text(s string) {
	if c.in != nil {
		c.in.WriteString(s)
	}
}

// relations returns the targets and types of the relationships of a part, keyed by identifier.
func (p *packed) relations(ctx context.Context, part string) (targets, types map[string]string, err error) {
	targets, types = map[string]string{}, map[string]string{}
	dir, base := path.Split(part)
	err = p.walk(ctx, dir+"_rels/"+base+".rels", xmlHandler{start: func(name string, attr func(string) string) {
		if name != "Relationship" || attr("TargetMode") == "External" {
			return
		}
		target := attr("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		targets[attr("Id")], types[attr("Id")] = strings.TrimPrefix(target, "/"), path.Base(attr("Type"))
	}}, nil)
	return targets, types, err
}

// lacks returns the error for a packed document without its main part.
func lacks(part string) error {
	return &Error{Reason: Damaged, Detail: "is damaged: it has no " + part}
}
