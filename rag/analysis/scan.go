package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWhole is the maximum length in bytes for a compound to be kept whole in addition to its parts.
const maxWhole = 96

// maxWord is the maximum length of an indexed word in bytes. Longer ones (encoded data, minified
// code) are truncated, because questions do not contain them.
const maxWord = 128

// A scanner tokenises a text in one pass.
type scanner struct {
	a    *Analyzer
	text string
	pos  int // number of the next word
	out  []Token
	// shouted is 1 if the text has lower-case letters, 2 if it has none, 0 if this has not been
	// determined.
	shouted int
}

func (s *scanner) run() {
	for i := 0; i < len(s.text); {
		r, n := decode(s.text[i:])
		switch {
		case dense(r):
			i = s.denseRun(i)
		case wordRune(r):
			i = s.compound(i, i)
		case r == '-' && s.flagAt(i):
			j := i
			for s.text[j] == '-' {
				j++
			}
			i = s.compound(i, j)
		default:
			i += n
		}
	}
}

// decode is utf8.DecodeRuneInString with a fast path for ASCII.
func decode(s string) (rune, int) {
	if s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	return utf8.DecodeRuneInString(s)
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	switch {
	case r >= 0xC0 && r <= 0x2C1: // Latin
		return r != '×' && r != '÷'
	// Combining marks, Greek and Cyrillic.
	case r >= 0x300 && r <= 0x373, r >= 0x3A3 && r <= 0x3F5, r >= 0x3F7 && r <= 0x481, r >= 0x48A && r <= 0x52F:
		return true
	case r >= 0x2000 && r <= 0x206F: // punctuation
		return false
	}
	return (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)) && !dense(r)
}

// dense reports whether the rune's script is written without spaces, or, as in Korean, with endings
// that only pairs can separate.
func dense(r rune) bool {
	switch {
	case r < 0x0E00:
		return false
	case r <= 0x0EFF, r >= 0x1000 && r <= 0x109F, r >= 0x1780 && r <= 0x17FF:
		// Thai, Lao, Burmese, Khmer
		return true
	case r >= 0x1100 && r <= 0x11FF, r >= 0xAC00 && r <= 0xD7AF: // Hangul
		return true
	// Kana, without the middle dot.
	case r >= 0x3041 && r <= 0x30FF && r != 0x30FB, r >= 0x31F0 && r <= 0x31FF, r >= 0xFF66 && r <= 0xFF9F:
		return true
	case r == 0x3005 || r == 0x3007:
		return true
	case r >= 0x3400 && r <= 0x9FFF, r >= 0xF900 && r <= 0xFAFF, r >= 0x20000 && r <= 0x323AF:
		// Han
		return true
	}
	return false
}

// flagAt reports whether the dashes at i start a command-line flag: they follow a space or opening
// punctuation and precede a letter.
func (s *scanner) flagAt(i int) bool {
	if i > 0 {
		if c := s.text[i-1]; c > ' ' && !strings.ContainsRune("`'\"([{|/,", rune(c)) {
			return false
		}
	}
	j := i
	for j < len(s.text) && s.text[j] == '-' {
		j++
	}
	if j-i > 2 || j == len(s.text) {
		return false
	}
	r, _ := decode(s.text[j:])
	return unicode.IsLetter(r) && !dense(r)
}

// compound scans a word with everything joined to it. start is where the compound begins, including
// the dashes of a flag; i is its first letter.
func (s *scanner) compound(start, i int) int {
	pieces := s.piecesArray()
	flag := start < i
	if end, term := s.grouped(i); term != "" {
		at := len(s.out)
		for _, part := range strings.Split(s.text[i:end], ",") {
			s.word(i, i+len(part), part, Word)
			i += len(part) + 1
		}
		s.value(at, end, term)
		return end
	}
	joined := flag
	acronym := !flag
	begin := i
	for {
		end := s.wordEnd(i)
		pieces = append(pieces, [2]int{i, end})
		acronym = acronym && end-i == 1 && s.text[i] >= 'A'
		j := s.joiner(end, flag)
		if j == end {
			i = end
			break
		}
		joined = true
		acronym = acronym && s.text[end] == '.'
		i = j
	}
	if e := s.suffix(i); e > i { // C++, C#
		joined, acronym, i = true, false, e
	}
	if acronym && len(pieces) > 1 { // U.S.A.
		s.word(begin, i, strings.ReplaceAll(s.text[begin:i], ".", ""), Word)
		return i
	}
	if !joined {
		at := len(s.out)
		s.simple(pieces[0][0], pieces[0][1], false)
		if numeric(s.text[begin:i]) {
			s.values(at, begin, i)
		}
		return i
	}
	if version(s.text[begin:i]) { // index v3.5 as 3.5
		begin++
		start = begin
	}
	at := len(s.out)
	if i-start <= maxWhole {
		s.folded(start, i, s.pos, Whole)
	}
	if numeric(s.text[begin:i]) { // 3.5, 1.000: the parts have no meaning
		if i-start <= maxWhole {
			s.out[at].Kind = Word
			s.values(at, begin, i)
		}
		s.pos++
		return i
	}
	for _, p := range pieces {
		s.simple(p[0], p[1], true)
	}
	return i
}

// piecesArray preallocates space for the parts of most compounds.
func (s *scanner) piecesArray() [][2]int { return make([][2]int, 0, 8) }

// wordEnd returns the end of the word that begins at i. An apostrophe between letters is part of
// the word, except in languages with elision, such as French.
func (s *scanner) wordEnd(i int) int {
	for i < len(s.text) {
		r, n := decode(s.text[i:])
		if !wordRune(r) {
			if (r == '\'' || r == '’') && !s.a.elide && i+n < len(s.text) {
				if next, _ := decode(s.text[i+n:]); unicode.IsLetter(next) && !dense(next) {
					i += n
					continue
				}
			}
			return i
		}
		i += n
	}
	return i
}

// joiner returns the start of the next part if the text at i joins two parts, or else i.
func (s *scanner) joiner(i int, flag bool) int {
	if i >= len(s.text) {
		return i
	}
	j := i
	switch c := s.text[i]; c {
	case '.', '/', '+', '&', '@':
		j = i + 1
	case '_':
		for j < len(s.text) && s.text[j] == '_' {
			j++
		}
	case ':':
		if strings.HasPrefix(s.text[i:], "::") {
			j = i + 2
		}
	case '-':
		if strings.HasPrefix(s.text[i:], "->") {
			j = i + 2
		} else if flag {
			j = i + 1
		}
	}
	if j == i || j >= len(s.text) {
		return i
	}
	if r, _ := decode(s.text[j:]); wordRune(r) {
		return j
	}
	return i
}

// suffix returns the end of "++" or "#" after a single letter, as in names of programming
// languages.
func (s *scanner) suffix(i int) int {
	e := i
	switch {
	case strings.HasPrefix(s.text[i:], "++"):
		e = i + 2
	case strings.HasPrefix(s.text[i:], "#"):
		e = i + 1
	default:
		return i
	}
	if i >= 2 {
		if r, _ := utf8.DecodeLastRuneInString(s.text[:i-1]); wordRune(r) {
			return i
		}
	}
	if e < len(s.text) {
		if r, _ := decode(s.text[e:]); wordRune(r) {
			return i
		}
	}
	return e
}

func numeric(w string) bool {
	for i := 0; i < len(w); i++ {
		if c := w[i]; (c < '0' || c > '9') && c != '.' {
			return false
		}
	}
	return true
}

// version reports whether a word is a number with dots after a v.
func version(w string) bool {
	return len(w) > 3 && (w[0] == 'v' || w[0] == 'V') && w[1] >= '0' && w[1] <= '9' && numeric(w[1:])
}

// simple adds a word without joiners. A word whose case changes inside (camelCase) is added as a
// compound.
func (s *scanner) simple(start, end int, part bool) {
	kind := Word
	if part {
		kind = Part
	}
	w := s.text[start:end]
	var cuts [8]int
	n := camel(w, &cuts)
	if n == 0 {
		s.word(start, end, w, kind)
		return
	}
	s.folded(start, end, s.pos, Whole)
	from := 0
	for _, c := range cuts[:n] {
		s.word(start+from, start+c, w[from:c], Part)
		from = c
	}
	s.word(start+from, end, w[from:], Part)
}

// camel finds the positions at which case changes inside a word: before a capital that follows a
// lower-case letter, and before the last of several capitals that lower-case letters follow
// ("HTTPServer"). A plural of capitals ("URLs") is one word.
func camel(w string, cuts *[8]int) int {
	n := 0
	for i := 1; i < len(w) && n < len(cuts); i++ {
		c, p := w[i], w[i-1]
		if c < 'A' || c > 'Z' {
			continue
		}
		lowerBefore := p >= 'a' && p <= 'z' || p >= '0' && p <= '9' && i > 1
		startsWord := p >= 'A' && p <= 'Z' && i+2 < len(w) && isLower(w[i+1]) && isLower(w[i+2])
		if lowerBefore || startsWord {
			cuts[n] = i
			n++
		}
	}
	return n
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

func (s *scanner) word(start, end int, w string, kind Kind) {
	if len(w) > maxWord {
		w = strings.ToValidUTF8(w[:maxWord], "")
	}
	n := s.a.normal(w)
	if n.term != "" {
		s.out = append(s.out, Token{Term: n.term, Start: start, End: end, Pos: s.pos, Kind: kind,
			Stop: n.stop && !s.named(start, end), Hash: n.hash})
	}
	s.pos++
}

// named reports whether a stop word is used as a name: in a code span, as an abbreviation in
// capitals (IT), or as the name of a command (the up command).
func (s *scanner) named(start, end int) bool {
	if start > 0 && end < len(s.text) && s.text[start-1] == '`' && s.text[end] == '`' {
		return true
	}
	w := s.text[start:end]
	switch w {
	case "up", "down", "who":
		return strings.HasPrefix(s.text[end:], " command")
	}
	if len(w) < 2 || w[0] < 'A' || w[0] > 'Z' || w[1] < 'A' || w[1] > 'Z' || !initials(w) {
		return false
	}
	if s.shouted == 0 { // text all in capitals has no abbreviations
		s.shouted = 1
		if strings.IndexFunc(s.text, unicode.IsLower) < 0 {
			s.shouted = 2
		}
	}
	return s.shouted == 1
}

// folded adds a token that is folded but not stemmed.
func (s *scanner) folded(start, end, pos int, kind Kind) {
	term, hash := s.a.folded(s.text[start:end])
	s.out = append(s.out, Token{Term: term, Start: start, End: end, Pos: pos, Kind: kind, Hash: hash})
}

// denseRun scans characters of a script without spaces. It adds each character, and each pair of
// neighbours that no function word separates.
func (s *scanner) denseRun(i int) int {
	prev := -1
	for i < len(s.text) {
		r, n := decode(s.text[i:])
		if !dense(r) {
			break
		}
		if skip := s.denseStop(i); skip > 0 {
			i, prev = i+skip, -1
			s.pos++
			continue
		}
		if prev >= 0 && s.a.lang == Korean && particle(r) && s.wordEndsAt(i+n) {
			i += n
			continue
		}
		s.folded(i, i+n, s.pos, Character)
		if prev >= 0 {
			s.folded(prev, i+n, s.pos-1, Pair)
		}
		s.pos++
		prev = i
		i += n
	}
	return i
}

// particle reports whether a Korean syllable at the end of a word is a grammatical particle.
func particle(r rune) bool { return strings.ContainsRune("은는이가을를의에로와과도", r) }

func (s *scanner) wordEndsAt(i int) bool {
	if i == len(s.text) {
		return true
	}
	r, _ := decode(s.text[i:])
	return !dense(r)
}

// denseStop returns the length of the longest function word at i, or 0.
func (s *scanner) denseStop(i int) int {
	if !s.a.dense {
		return 0
	}
	const longest = 18 // bytes
	for n := min(longest, len(s.text)-i); n > 0; n -= 3 {
		if n%3 != 0 {
			n -= n % 3
		}
		if n > 0 && s.a.stop[s.text[i:i+n]] {
			return n
		}
	}
	return 0
}
