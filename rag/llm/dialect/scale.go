package dialect

import (
	"math"
	"unicode"
	"unicode/utf8"
)

// A class is a kind of text for which tokenizers differ. The number of tokens of a text is
// estimated as the sum of its units of each class, each times the factor of the class.
type class int

const (
	latinWord   class = iota // words of Latin letters
	latinLetter              // their letters from the fifth on: few in English, many in Finnish
	accented                 // Latin letters beyond ASCII
	digit
	punctuation // ASCII signs
	space       // line ends, and spaces in a row
	greek
	cyrillic
	han // and kana
	hangul
	semitic // Arabic and Hebrew
	other   // letters and marks of all other scripts
	symbol  // signs beyond ASCII, and control characters
	dense   // characters of long runs without words: base64, hashes
	messages
	classes // the number of classes
)

// priors holds the factors of the usual tokenizers, in tokens per unit, and how much they differ
// between tokenizers, as a standard deviation.
var priors = [classes]struct{ factor, deviation float64 }{
	latinWord: {1.1, 0.1}, latinLetter: {0.15, 0.1}, accented: {0.6, 0.4},
	digit: {0.7, 0.3}, punctuation: {0.8, 0.25}, space: {0.7, 0.3},
	greek: {0.6, 0.3}, cyrillic: {0.4, 0.25}, han: {0.9, 0.4}, hangul: {0.8, 0.4},
	semitic: {0.6, 0.35}, other: {0.8, 0.6}, symbol: {2, 1.2}, dense: {0.7, 0.25}, messages: {5, 3},
}

// Units holds the number of units of each class in a text or a prompt.
type Units [classes]float64

// runLength is the length from which an ASCII word with digits or mixed case counts as dense.
const runLength = 24

// Add counts the units of a text.
func (u *Units) Add(text string) {
	spaces := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == ' ' {
			// Tokenizers join one space to the next word.
			if spaces++; spaces == 2 {
				u[space]++
			}
			i++
			continue
		}
		spaces = 0
		if end := denseRun(text, i); end > i {
			u[dense] += float64(end - i)
			i = end
			continue
		}
		if isLatin(r) {
			i += u.addWord(text[i:])
			continue
		}
		u[classOf(r)]++
		i += n
	}
}

// AddMessage counts the units of a message, including the chat template around it.
func (u *Units) AddMessage(text string) {
	u.Add(text)
	u[messages]++
}

// addWord counts the word at the beginning of a text, and returns its length in bytes.
func (u *Units) addWord(text string) (size int) {
	letters := 0
	for _, r := range text {
		if !isLatin(r) {
			break
		}
		if letters++; letters > 4 {
			u[latinLetter]++
		}
		if r >= utf8.RuneSelf {
			u[accented]++
		}
		size += utf8.RuneLen(r)
	}
	u[latinWord]++
	return size
}

// denseRun returns the end of the dense run that begins at i, or i.
func denseRun(text string, i int) int {
	end, mixed := i, false
	lower, upper := false, false
	for ; end < len(text); end++ {
		b := text[end]
		switch {
		case b >= 'a' && b <= 'z':
			lower = true
		case b >= 'A' && b <= 'Z':
			upper = upper || end > i
		case b >= '0' && b <= '9', b == '+', b == '=':
			mixed = true
		case b == '/', b == '_', b == '-':
		default:
			if end-i >= runLength && (mixed || lower && upper) {
				return end
			}
			return i
		}
	}
	if end-i >= runLength && (mixed || lower && upper) {
		return end
	}
	return i
}

func isLatin(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return unicode.Is(unicode.Latin, r)
}

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case r >= '0' && r <= '9':
			return digit
		case unicode.IsSpace(r):
			return space
		case r < ' ':
			return symbol
		}
		return punctuation
	case unicode.Is(unicode.Greek, r):
		return greek
	case unicode.Is(unicode.Cyrillic, r):
		return cyrillic
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return han
	case unicode.Is(unicode.Hangul, r):
		return hangul
	case unicode.In(r, unicode.Arabic, unicode.Hebrew):
		return semitic
	case unicode.IsLetter(r), unicode.IsMark(r):
		return other
	}
	return symbol
}

// A Scale estimates token counts for one model. It begins with the factors of the usual tokenizers
// and follows the counts that the server reports. The zero value has no observations.
type Scale struct {
	Observed int              `json:"observed"` // plausible counts so far
	Factor   [classes]float64 `json:"factor"`
	Variance [classes]float64 `json:"variance"`
}

func (s *Scale) begin() {
	if s.Observed > 0 {
		return
	}
	for c, p := range priors {
		s.Factor[c], s.Variance[c] = p.factor, p.deviation*p.deviation
	}
}

// valid reports whether a scale read from a file has values that observations can lead to: they only
// reduce the variances.
func (s *Scale) valid() bool {
	for c, p := range priors {
		most := max(p.deviation*p.deviation, floor(p.factor))
		if s.Observed > 0 && !(s.Factor[c] >= p.factor/limit && s.Factor[c] <= p.factor*limit &&
			s.Variance[c] > 0 && s.Variance[c] <= most) {
			return false
		}
	}
	return true
}

// Estimate returns the expected number of tokens, and its standard deviation.
func (s Scale) Estimate(u Units) (tokens, deviation float64) {
	s.begin()
	variance := 0.0
	for c, n := range u {
		tokens += s.Factor[c] * n
		variance += s.Variance[c] * n * n
	}
	return tokens, math.Sqrt(variance)
}

// limit bounds the ratio of a factor to its prior, in both directions.
const limit = 6

// least is the smallest standard deviation of a factor, as a share of its prior. It is above zero,
// so that later counts can correct earlier ones.
const least = 0.03

// floor returns the smallest variance of a factor.
func floor(prior float64) float64 { return least * prior * least * prior }

// leastBelieved is the smallest plausible ratio of counted to expected tokens. A gateway that
// counts only the uncached part of a prompt reports less.
const leastBelieved = 0.3

// Observe corrects the factors by the number of tokens that a server counted in a prompt, and
// reports whether the count was plausible and used. Each class is corrected by its share of the
// uncertainty (a Kalman filter with independent factors). A count above the number of bytes is
// implausible, because no tokenizer splits bytes.
func (s *Scale) Observe(u Units, tokens, bytes int) bool {
	s.begin()
	expected, deviation := s.Estimate(u)
	if tokens < 20 || float64(tokens) < leastBelieved*expected || tokens > bytes+int(16*u[messages]) {
		return false
	}
	noise := 0.02*expected + 2
	total := deviation*deviation + noise*noise
	miss := float64(tokens) - expected
	for c, n := range u {
		p := priors[c]
		share := s.Variance[c] * n / total
		s.Factor[c] = min(max(s.Factor[c]+share*miss, p.factor/limit), p.factor*limit)
		s.Variance[c] = max(s.Variance[c]*(1-share*n), floor(p.factor))
	}
	s.Observed++
	return true
}
