package load

import (
	"bufio"
	"encoding/xml"
	"io"
	"strings"
)

// maxTree is how many elements and texts one tree may have. More of them are dropped: no paragraph
// and no chart needs as many, and each one takes a hundred bytes of memory.
const maxTree = 200_000

// A node is an element of XML with all that is in it, or a text between elements.
type node struct {
	name  string // without its name space; "" for a text
	text  string // of a text
	attrs []xml.Attr
	kids  []*node
}

// attrOf gives an attribute's value, "" when there is none. The name is without its name space, but
// for "r:id", which is an attribute in any name space.
func attrOf(attrs []xml.Attr, name string) string {
	local, qualified := strings.CutPrefix(name, "r:")
	for _, a := range attrs {
		if a.Name.Local == local && (!qualified || a.Name.Space != "") {
			return a.Value
		}
	}
	return ""
}

// attr gives an attribute's value; see [attrOf]. A node that is nil has none.
func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	return attrOf(n.attrs, name)
}

// child follows the names from element to element, each time to the first one of that name. It is
// nil when there is none.
func (n *node) child(names ...string) *node {
	for _, name := range names {
		if n == nil {
			return nil
		}
		var found *node
		for _, k := range n.kids {
			if k.name == name {
				found = k
				break
			}
		}
		n = found
	}
	return n
}

// orEmpty gives an element without anything in it in place of none.
func (n *node) orEmpty() *node {
	if n == nil {
		return &node{}
	}
	return n
}

// each calls f for the elements directly inside that have the name.
func (n *node) each(name string, f func(*node)) {
	if n == nil {
		return
	}
	for _, k := range n.kids {
		if k.name == name {
			f(k)
		}
	}
}

// find gives the first element of a name anywhere inside, in the document's order; nil when there
// is none.
func (n *node) find(name string) *node {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
		if found := k.find(name); found != nil {
			return found
		}
	}
	return nil
}

// all calls f for each element of a name anywhere inside, in the document's order.
func (n *node) all(name string, f func(*node)) {
	if n == nil {
		return
	}
	for _, k := range n.kids {
		if k.name == name {
			f(k)
		}
		k.all(name, f)
	}
}

// content gives all text inside.
func (n *node) content() string {
	if n == nil {
		return ""
	}
	if len(n.kids) == 1 && n.kids[0].name == "" {
		return n.kids[0].text
	}
	var b strings.Builder
	n.contentTo(&b)
	return b.String()
}

func (n *node) contentTo(b *strings.Builder) {
	b.WriteString(n.text)
	for _, k := range n.kids {
		k.contentTo(b)
	}
}

// on reports whether a switch of Office files is set: <w:vanish/> and <w:vanish w:val="1"/> are on.
func (n *node) on() bool {
	if n == nil {
		return false
	}
	switch n.attr("val") {
	case "0", "false", "off", "none":
		return false
	}
	return true
}

// A treeBuilder makes nodes of the elements that pass.
type treeBuilder struct {
	stack []*node
	nodes int
}

func (t *treeBuilder) open() bool { return len(t.stack) > 0 }

func (t *treeBuilder) start(name string, attrs []xml.Attr) {
	n := &node{name: name, attrs: attrs}
	t.add(n)
	t.stack = append(t.stack, n)
}

func (t *treeBuilder) add(n *node) {
	if len(t.stack) == 0 {
		t.nodes = 0
	} else if t.nodes < maxTree {
		parent := t.stack[len(t.stack)-1]
		parent.kids = append(parent.kids, n)
	}
	t.nodes++
}

// end closes the innermost element and gives the tree that is complete with it, if one is.
func (t *treeBuilder) end() *node {
	n := t.stack[len(t.stack)-1]
	if t.stack = t.stack[:len(t.stack)-1]; len(t.stack) > 0 {
		return nil
	}
	return n
}

func (t *treeBuilder) chars(s string) { t.add(&node{text: s}) }

// utf8Reader decodes XML in UTF-16 or UTF-32, which is told by its first bytes.
func utf8Reader(r *bufio.Reader) io.Reader {
	head, _ := r.Peek(64)
	if enc := wideEncoding(head); enc != nil {
		return enc.NewDecoder().Reader(r)
	}
	return r
}

// xmlCharset decodes XML as its declaration says. UTF-16 and UTF-32 are decoded by then; where the
// bytes are neither although the declaration says so, they are read as UTF-8.
func xmlCharset(label string, r io.Reader) (io.Reader, error) {
	l := strings.ToLower(label)
	if strings.HasPrefix(l, "utf-16") || strings.HasPrefix(l, "utf-32") || strings.HasPrefix(l, "utf16") || strings.HasPrefix(l, "ucs") {
		return r, nil
	}
	return charsetReader(label, r)
}
