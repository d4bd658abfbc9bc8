package load

// A ruby collects the pronunciation annotations (<ruby>) of a page. In the markup, readings follow
// the characters one by one. They are written after the whole word, in parentheses: "漢字(かんじ)". This
// keeps the word and its reading intact, so that both can be found.
type ruby struct {
	open    bool
	aside   string // "rt" or "rp", the open element inside; its end tag may be missing
	from    int    // where the text of that element begins in the block
	reading []byte
}

// start begins an element. It takes and returns the text of the block so far.
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

// end ends an element. It takes and returns the text of the block so far.
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

// closeAside removes the text of the open element from the block: a reading, which is kept for end,
// or the parentheses for browsers without ruby.
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
