package sources

// Line returns the first visible line: its number in the document (0 if it has none), its text, and
// whether it is cited.
func (p *Preview) Line() (n int, text string, cited bool) {
	if p.top >= len(p.lines) {
		return 0, "", false
	}
	n = p.first + p.top
	s := p.Source
	if s.Line == 0 {
		return 0, p.lines[p.top], true
	}
	return n, p.lines[p.top], n >= s.Line && n <= max(s.EndLine, s.Line)
}

// Note returns why the document cannot be shown, or "".
func (p *Preview) Note() string { return p.note }
