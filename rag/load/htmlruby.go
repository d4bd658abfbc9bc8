package load

// A ruby follows the annotations of pronunciation (<ruby>) in the text of a page. The readings that
// stand above the characters, one by one in the markup, are written behind the whole word in
// parentheses: "漢字(かんじ)". So the word and its reading are both found, and never glued together.
type ruby struct {
	open    bool
	aside   string // "rt" or "rp", the element that is open within; its end tag may be missing
	from    int    // where its text begins in the block
	reading []byte
}

// start begins an element and gives the text of the block so far.
func (r *ruby) start(name string, text []byte) []byte {
	if name == "ruby" {
		text = r.end("ruby", text)
		r.open = true
		return text
	}
	if r.open {
		text = r.closeAside(text)
		r.aside, r.from = name, len(text)
	}
	return text
}

// end ends an element and gives the text of the block so far.
func (r *ruby) end(name string, text []byte) []byte {
	if !r.open {
		return text
	}
	if text = r.closeAside(text); name != "ruby" {
		return text
	}
	if len(r.reading) > 0 {
		text = append(append(append(text, '('), r.reading...), ')')
	}
	*r = ruby{reading: r.reading[:0]}
	return text
}

// closeAside takes a reading out of the text, or what browsers without ruby would show around it.
func (r *ruby) closeAside(text []byte) []byte {
	if r.aside == "" {
		return text
	}
	if r.aside == "rt" {
		r.reading = append(r.reading, text[r.from:]...)
	}
	r.aside = ""
	return text[:r.from]
}
