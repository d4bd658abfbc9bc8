package inspect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"weft/ui/canvas"
	"weft/ui/markdown"
	"weft/ui/theme"
	"weft/ui/units"
)

// A node is a value of a payload. Objects keep the order of their fields.
type node struct {
	key      string
	text     string // the value, if it is a scalar
	kind     byte   // { [ " 0 (number, bool, null)
	children []*node
}

// Limits that keep a huge payload from slowing down the program.
const (
	deepest = 40
	largest = 20_000
)

// tree reads the payload at a position.
func (b *builder) tree(at int) *node {
	if n := b.m.trees[at]; n != nil {
		return n
	}
	n := treeOf(b.v.Run().JSON(at))
	b.m.trees[at] = n
	return n
}

func treeOf(j json.RawMessage) *node {
	d := json.NewDecoder(bytes.NewReader(j))
	d.UseNumber()
	left := largest
	return parse(d, 0, &left)
}

func parse(d *json.Decoder, depth int, left *int) *node {
	t, err := d.Token()
	if err != nil {
		return &node{text: "…"}
	}
	*left--
	switch t := t.(type) {
	case json.Delim:
		n := &node{kind: byte(t)}
		for d.More() {
			if depth >= deepest || *left <= 0 {
				var skipped json.RawMessage
				if n.kind == '{' {
					if _, err := d.Token(); err != nil {
						return n
					}
				}
				if d.Decode(&skipped) != nil {
					return n
				}
				if len(n.children) == 0 || n.children[len(n.children)-1].text != "…" {
					n.children = append(n.children, &node{text: "…"})
				}
				continue
			}
			key := ""
			if n.kind == '{' {
				k, err := d.Token()
				if err != nil {
					return n
				}
				key = fmt.Sprint(k)
			}
			c := parse(d, depth+1, left)
			c.key = key
			n.children = append(n.children, c)
		}
		if _, err := d.Token(); err != nil {
			return n
		}
		return n
	case string:
		return &node{kind: '"', text: t}
	case nil:
		return &node{text: "null"}
	default:
		return &node{text: fmt.Sprint(t)}
	}
}

func (n *node) container() bool { return n.kind == '{' || n.kind == '[' }

// title returns the name of a field as words. took_ms becomes "took", because its value is written
// with its unit.
func (n *node) title() string {
	if strings.ContainsFunc(n.key, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		return n.key // the key is data, such as a path, and not the name of a field
	}
	key := n.key
	if _, ok := n.duration(); ok {
		key = strings.TrimSuffix(key, "_ms")
	}
	return strings.ReplaceAll(key, "_", " ")
}

// duration returns the value of a field that counts milliseconds.
func (n *node) duration() (time.Duration, bool) {
	if n.kind != 0 || !strings.HasSuffix(n.key, "_ms") {
		return 0, false
	}
	ms, err := strconv.ParseFloat(n.text, 64)
	return time.Duration(ms * float64(time.Millisecond)), err == nil && math.Abs(ms) < 1e12
}

// inline formats a value in one line; false if that needs more than w cells.
func (n *node) inline(w int) (string, bool) { return n.within(w, false) }

// within is inline; if inner is set, brackets mark a value that is nested in another one.
func (n *node) within(w int, inner bool) (string, bool) {
	switch n.kind {
	case '{', '[':
		if len(n.children) == 0 {
			return "none", w >= 4
		}
		var parts []string
		for _, c := range n.children {
			s, ok := c.within(w, true)
			if !ok {
				return "", false
			}
			if n.kind == '{' {
				s = c.title() + " " + s
			}
			if w -= len(s) + 3; w < 0 {
				return "", false
			}
			parts = append(parts, s)
		}
		switch {
		case !inner && n.kind == '{':
			return strings.Join(parts, " · "), true
		case n.kind == '{':
			return "{" + strings.Join(parts, ", ") + "}", true
		case !inner:
			return strings.Join(parts, ", "), true
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	}
	if d, ok := n.duration(); ok {
		return units.Duration(d), true
	}
	if len(n.text) > w*4 || strings.Contains(n.text, "\n") {
		return "", false
	}
	s := canvas.Line(n.plain(n.text))
	return s, canvas.Width(s) <= w
}

// plain returns a text of the node's value without markup, if the field holds Markdown by the
// protocol between workflows and screens.
func (n *node) plain(text string) string {
	if n.kind == '"' && (n.key == "text" || n.key == "answer") {
		return markdown.Plain(text)
	}
	return text
}

func (n *node) child(key string) *node {
	for _, c := range n.children {
		if c.key == key {
			return c
		}
	}
	return nil
}

// payload writes the payload at a position.
func (b *builder) payload(at int) { b.content(fmt.Sprint(at), b.tree(at)) }

// content writes a value without a key of its own.
func (b *builder) content(path string, n *node) {
	start := len(b.lines)
	if !n.container() {
		if n.text != "null" {
			b.text(n.text, b.th.Text, 40)
		}
		return
	}
	for i, c := range n.children {
		b.node(fmt.Sprintf("%s/%d", path, i), c, 1, start)
	}
}

// node writes one value with its key.
func (b *builder) node(path string, n *node, depth, start int) {
	if len(b.lines)-start > most {
		if b.lines[len(b.lines)-1].parts[0].text != "…" {
			b.add(p("…", b.th.Faint))
		}
		return
	}
	key := []part{}
	if n.key != "" {
		key = append(key, p(n.title()+"  ", b.th.Code))
	}
	room := b.w - b.indent - canvas.Width(n.title()) - 4
	value := b.th.Text
	if n.kind == 0 {
		value = b.th.Event
	}
	if s, ok := n.inline(room); ok {
		b.add(append([]part{p("  ", value)}, append(key, p(s, value))...)...)
		return
	}
	if !n.container() {
		b.long(path, n, key, value)
		return
	}
	size := plural(len(n.children), "entry", "entries")
	if n.kind == '[' {
		size = plural(len(n.children), "item", "items")
	}
	if !b.fold(path, depth <= 1 && len(n.children) <= 12, append(key, p(size, b.th.Faint))...) {
		return
	}
	b.indent += 2
	for i, c := range n.children {
		if n.kind == '[' {
			c.key = fmt.Sprint(i)
		}
		b.node(fmt.Sprintf("%s/%d", path, i), c, depth+1, start)
	}
	b.indent -= 2
}

// long writes a text of several rows: aligned beside the key or, if that leaves too little room,
// below it.
func (b *builder) long(path string, n *node, key []part, value theme.Style) {
	at, beside := b.indent+2, b.indent+2+canvas.Width(n.title())+2
	below := len(key) > 0 && beside > b.w/2
	if len(key) > 0 && !below {
		at = beside
	}
	room := max(8, b.w-at)
	head := canvas.Head(n.text, 200*room)
	cut := len(n.text) > len(head)
	head = n.plain(head)
	rows := canvas.Wrap(head, room)
	if cut {
		rows = append(rows, fmt.Sprintf("… of %d bytes", len(n.text)))
	}
	if !b.fold(path, len(rows) <= 6, append(key, p(canvas.Line(canvas.Head(head, b.w)), value))...) {
		return
	}
	parts := b.lines[len(b.lines)-1].parts
	parts[len(parts)-1].text = ""
	if !below {
		parts[len(parts)-1], rows = part{text: rows[0], style: value, at: at}, rows[1:]
	}
	for _, r := range rows[:min(len(rows), most)] {
		b.add(part{text: r, style: value, at: at})
	}
}
