package load

import (
	"bufio"
	"encoding/xml"
	"io"
	"strings"
)

// maxTree is how many nodes a tree may have; further ones are dropped. No paragraph or chart needs
// as many, and each takes about a hundred bytes of memory.
const maxTree = 200_000

// A node is an XML element with its content, or a text between elements.
type node struct {
	name  string // element name without namespace; "" for a text
	text  string // content of a text node
	attrs []xml.Attr
	kids  []*node
}

// attrOf returns the value of an attribute; "" when there is none. The name comes without its
// namespace, except that a name with the prefix "r:" matches only attributes that have a namespace.
func attrOf(attrs []xml.Attr, name string) string {
	local, qualified := strings.CutPrefix(name, "r:")
	for _, a := range attrs {
		if a.Name.Local == local && (!qualified || a.Name.Space != "") {
			return a.Value
		}
	}
	return ""
}

// attr returns the value of an attribute; see [attrOf]. A nil node has none.
func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	return attrOf(n.attrs, name)
}

// child descends along a path of names, always to the first child of that name. It returns nil when
// there is none.
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

// orEmpty returns n, or an empty node when n is nil.
func (n *node) orEmpty() *node {
	if n == nil {
		return &node{}
	}
	return n
}

// each calls f for each child element with the name.
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

// find returns the first descendant with the name, in document order; nil when there is none.
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

// all calls f for each descendant with the name, in document order.
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

// content returns the concatenated text of the node and its descendants.
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

// on reports whether a boolean property of Office files is set: <w:vanish/> and <w:vanish
// w:val="1"/> are.
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

// A treeBuilder builds a tree of nodes from parsing events.
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

// end closes the innermost element. It returns the tree when that was the root, else nil.
func (t *treeBuilder) end() *node {
	n := t.stack[len(t.stack)-1]
	if t.stack = t.stack[:len(t.stack)-1]; len(t.stack) > 0 {
		return nil
	}
	return n
}

func (t *treeBuilder) chars(s string) { t.add(&node{text: s}) }

// utf8Reader decodes XML in UTF-16 or UTF-32, which it detects by the first bytes.
func utf8Reader(r *bufio.Reader) io.Reader {
	head, _ := r.Peek(64)
	if enc := wideEncoding(head); enc != nil {
		return enc.NewDecoder().Reader(r)
	}
	return r
}

// xmlCharset decodes XML in the encoding of its declaration. UTF-16 and UTF-32 have been decoded
// before; a document that declares one of them and is neither is read as UTF-8.
func xmlCharset(label string, r io.Reader) (io.Reader, error) {
	l := strings.ToLower(label)
	if strings.HasPrefix(l, "utf-16") || strings.HasPrefix(l, "utf-32") ||
		strings.HasPrefix(l, "utf16") || strings.HasPrefix(l, "ucs") {
		return r, nil
	}
	return charsetReader(label, r)
}
