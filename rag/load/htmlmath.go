package load

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// The limits of an equation in a page. A larger one is read as text.
const (
	maxMathNodes = 10_000
	maxMathDepth = 200
)

// An htmlMath is the open equation (<math>) of a page, as a tree.
type htmlMath struct {
	open  []*node // the open elements, outermost first
	nodes int
}

// mathName returns the name of an element of MathML without its prefix, as in "m:math".
func mathName(name []byte) []byte {
	if _, local, ok := bytes.Cut(name, []byte{':'}); ok {
		return local
	}
	return name
}

// mathToken adds a token to the open equation. It reports whether the token belongs to one.
func (h *htmlReader) mathToken(kind html.TokenType, z *html.Tokenizer, raw []byte) bool {
	if len(h.math.open) == 0 && (kind != html.StartTagToken || !bytes.Contains(bytes.ToLower(raw[:min(len(raw), 12)]), []byte("math"))) {
		return false
	}
	if h.skip != "" || h.quiet || h.pre > 0 || h.inTitle {
		return false
	}
	m := &h.math
	switch kind {
	case html.StartTagToken, html.SelfClosingTagToken:
		name := string(mathName(h.tagName(raw[1:])))
		if len(m.open) == 0 && (name != "math" || kind == html.SelfClosingTagToken) {
			return false
		}
		if m.nodes++; m.nodes > maxMathNodes || len(m.open) > maxMathDepth {
			h.endMath()
			return false
		}
		n := &node{name: name}
		if len(m.open) > 0 {
			m.last().kids = append(m.last().kids, n)
		}
		if kind == html.StartTagToken && name != "none" && name != "mprescripts" && name != "mspace" {
			m.open = append(m.open, n)
		}
	case html.TextToken:
		if len(m.open) == 0 {
			return false
		}
		m.nodes++
		m.last().kids = append(m.last().kids, &node{text: string(z.Text())})
	case html.EndTagToken:
		if len(m.open) == 0 {
			return false
		}
		name := string(mathName(h.tagName(raw[2:])))
		for i := len(m.open) - 1; i >= 0; i-- {
			if m.open[i].name != name {
				continue
			}
			if i == 0 {
				h.endMath()
			} else {
				m.open = m.open[:i]
			}
			return true
		}
		if elementOf(h.name).block { // the end of the paragraph: </math> is missing
			h.endMath()
			return false
		}
	default:
		return len(m.open) > 0
	}
	return true
}

func (m *htmlMath) last() *node { return m.open[len(m.open)-1] }

// endMath writes the open equation on one line.
func (h *htmlReader) endMath() {
	if len(h.math.open) == 0 {
		return
	}
	root := h.math.open[0]
	h.math = htmlMath{}
	s := strings.TrimSpace(mathML(root))
	if s == "" { // only an annotation, such as the equation in TeX
		if a := root.find("annotation"); a != nil {
			s = tidy(a.content())
		}
	}
	if s == "" {
		return
	}
	if h.began == 0 {
		h.began = h.line
	}
	if n := len(h.text); n > 0 && h.text[n-1] != ' ' && h.text[n-1] != '(' {
		h.text = append(h.text, ' ')
	}
	h.text = append(h.text, s...)
	h.apart = true
}
