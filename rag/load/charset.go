package load

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A codepage is an encoding, other than a Unicode one, that a text may be in.
type codepage struct {
	name   string
	enc    decoding
	width  int     // bytes of most characters beyond ASCII
	prior  float64 // added to the score, in proportion to how common the encoding is
	spoken string  // the only language written in it; "" if there are several
}

// codepages are the candidates. On equal scores the first one wins.
var codepages = []codepage{
	{name: "windows-1252", enc: charmap.Windows1252, width: 1, prior: 0.15},
	{name: "iso-8859-15", enc: charmap.ISO8859_15, width: 1, prior: 0.14},
	{name: "windows-1251", enc: charmap.Windows1251, width: 1, prior: 0.05},
	{name: "windows-1250", enc: charmap.Windows1250, width: 1, prior: 0.05},
	{name: "iso-8859-2", enc: charmap.ISO8859_2, width: 1},
	{name: "gb18030", spoken: "Chinese", enc: simplifiedchinese.GB18030, width: 2},
	{name: "big5", spoken: "traditional Chinese", enc: traditionalchinese.Big5, width: 2},
	{name: "shift_jis", spoken: "Japanese", enc: japanese.ShiftJIS, width: 2},
	{name: "euc-jp", spoken: "Japanese", enc: japanese.EUCJP, width: 2},
	{name: "euc-kr", spoken: "Korean", enc: korean.EUCKR, width: 2},
	{name: "johab", spoken: "Korean", enc: johab, width: 2, prior: -0.1},
	{name: "windows-1253", enc: charmap.Windows1253, width: 1, prior: 0.02},
	{name: "iso-8859-7", enc: charmap.ISO8859_7, width: 1},
	{name: "windows-1255", enc: charmap.Windows1255, width: 1},
	{name: "windows-1256", enc: charmap.Windows1256, width: 1},
	{name: "iso-8859-6", enc: charmap.ISO8859_6, width: 1},
	{name: "windows-1254", enc: charmap.Windows1254, width: 1, prior: -0.02},
	{name: "windows-1257", enc: charmap.Windows1257, width: 1, prior: -0.02},
	{name: "windows-874", enc: charmap.Windows874, width: 1},
	{name: "koi8-u", enc: charmap.KOI8U, width: 1},
	{name: "cp866", enc: charmap.CodePage866, width: 1},
	{name: "iso-8859-5", enc: charmap.ISO8859_5, width: 1, prior: -0.1},
	{name: "macintosh", enc: charmap.Macintosh, width: 1, prior: -0.1},
	{name: "x-mac-cyrillic", enc: charmap.MacintoshCyrillic, width: 1, prior: 0.02},
	{name: "cp855", enc: charmap.CodePage855, width: 1, prior: -0.12},
	{name: "cp862", enc: charmap.CodePage862, width: 1, prior: -0.05},
	{name: "cp850", enc: charmap.CodePage850, width: 1, prior: -0.12},
	{name: "cp852", enc: charmap.CodePage852, width: 1, prior: -0.12},
	{name: "cp737", enc: cp737, width: 1, prior: -0.05},
	{name: "cp775", enc: cp775, width: 1, prior: -0.14},
	{name: "cp857", enc: cp857, width: 1, prior: -0.14},
	{name: "iso-8859-13", enc: charmap.ISO8859_13, width: 1, prior: -0.04},
	{name: "iso-8859-4", enc: charmap.ISO8859_4, width: 1, prior: -0.05},
	{name: "iso-8859-10", enc: charmap.ISO8859_10, width: 1, prior: -0.16},
	{name: "iso-8859-3", enc: charmap.ISO8859_3, width: 1, prior: -0.16},
}

// charsetSample is how many bytes of a text each candidate decodes.
const charsetSample = 4 << 10

// guessCharset returns the most plausible encoding and language of a text. sample holds the lines
// with bytes beyond ASCII. Each candidate decodes them, and the result is scored by its letters:
// how frequent they are in a language, their case, and their neighbours.
func guessCharset(sample []byte) (codepage, string) {
	if len(sample) > charsetSample {
		sample = sample[:charsetSample]
		for len(sample) > charsetSample/2 && sample[len(sample)-1] >= utf8.RuneSelf { // do not cut a character in two
			sample = sample[:len(sample)-1]
		}
	}
	best, spoken, most := codepages[0], "", -1e9
	for _, c := range codepages {
		text, _ := c.enc.NewDecoder().Bytes(sample)
		name, score := readsAs(string(text), c)
		if score += c.prior; score > most {
			best, spoken, most = c, name, score
		}
	}
	return best, spoken
}

// A letterTable holds the weight of each letter of a language. Frequent letters weigh most.
type letterTable struct {
	language
	weight map[rune]float64
}

var letterTables = sync.OnceValue(func() []letterTable {
	var tables []letterTable
	for _, l := range languages {
		t := letterTable{l, map[rune]float64{}}
		all := []rune(l.letters)
		for i, r := range all {
			if _, known := t.weight[r]; known {
				continue
			}
			w := 2 - float64(i)/float64(len(all))
			switch l.script {
			case eastern:
				w = 2.2 - 0.4*float64(i)/float64(len(all))
			case latin:
			default: // the list is the whole alphabet: rare letters count little
				w = 2.2 - 2.2*float64(i)/float64(len(all))
			}
			t.weight[r] = w
		}
		tables = append(tables, t)
	}
	return tables
})

// readsAs scores a decoded text. It returns the most likely language, and the score per byte beyond
// ASCII.
func readsAs(text string, c codepage) (name string, score float64) {
	runes := []rune(text)
	faults, count := faultsIn(runes, c.width)
	if count == 0 {
		return "", -1e9
	}
	best := -1e9
	for _, t := range letterTables() {
		if (c.width == 2) != (t.script == eastern) || c.spoken != "" && c.spoken != t.name {
			continue
		}
		sum := 0.0
		for i, r := range runes {
			if r < utf8.RuneSelf {
				continue
			}
			sum += t.of(runes, i, r) * float64(c.width)
		}
		if sum > best {
			best, name = sum, t.name
		}
	}
	return name, (best + faults) / float64(count)
}

// of returns the weight of the character r at runes[i], which is beyond ASCII.
func (t *letterTable) of(runes []rune, i int, r rune) float64 {
	small := unicode.ToLower(r)
	if w, ok := t.weight[small]; ok {
		if small != r && t.script != eastern {
			w *= 0.9
		}
		return w + t.finalForm(runes, i, r)
	}
	switch {
	case t.script == eastern:
		return easternRune(r)
	case !unicode.IsLetter(r) && !unicode.IsMark(r):
		return 0
	case t.script == thai && unicode.Is(unicode.Thai, r):
		return 1.3
	case t.script == arabic && unicode.Is(unicode.Arabic, r), t.script == hebrew && unicode.Is(unicode.Hebrew, r):
		return 0.3
	}
	return -1.5
}

// finalForm returns a correction for letters whose form depends on whether they end a word, and for
// accented Greek vowels.
func (t *letterTable) finalForm(runes []rune, i int, r rune) float64 {
	end := i+1 == len(runes) || !unicode.IsLetter(runes[i+1]) && !unicode.IsMark(runes[i+1])
	switch t.script {
	case greek:
		switch {
		case r == 'ς' && !end, r == 'σ' && end:
			return -3
		case strings.ContainsRune("άέήίόύώ", r):
			return 0.6
		}
	case hebrew:
		final := strings.ContainsRune("םןךףץ", r)
		switch {
		case final && end:
			return 1.2
		case final:
			return -3
		case end && strings.ContainsRune("מנכצ", r):
			return -1
		}
	}
	return 0
}

// easternRune returns the weight of an East Asian character that is not among the frequent ones.
func easternRune(r rune) float64 {
	switch {
	case r >= 0x3001 && r <= 0x3011, r >= 0xff01 && r <= 0xff1f: // punctuation
		return 1
	case unicode.Is(unicode.Hangul, r):
		return 0.7
	case unicode.Is(unicode.Hiragana, r), unicode.Is(unicode.Katakana, r) && r < 0xff00:
		return 1.2
	case unicode.Is(unicode.Han, r):
		if commonHan()[r] {
			return 0.6
		}
		return -0.7
	case r >= 0xff61 && r <= 0xff9f: // halfwidth katakana: almost any byte decodes to one
		return -1.5
	}
	return -1
}

// commonHan returns the characters of the first levels of the Chinese and Japanese standards.
var commonHan = sync.OnceValue(func() map[rune]bool {
	all := map[rune]bool{}
	level := func(enc decoding, first, last byte, trail byte) {
		for lead := first; lead <= last; lead++ {
			for t := int(trail); t <= 0xfe; t++ {
				if text, err := enc.NewDecoder().Bytes([]byte{lead, byte(t)}); err == nil {
					if r, n := utf8.DecodeRune(text); n == len(text) && unicode.Is(unicode.Han, r) {
						all[r] = true
					}
				}
			}
		}
	}
	level(simplifiedchinese.GBK, 0xb0, 0xd7, 0xa1)
	level(traditionalchinese.Big5, 0xa4, 0xc6, 0x40)
	level(japanese.EUCJP, 0xb0, 0xcf, 0xa1)
	return all
})

// faultsIn counts the characters beyond ASCII, in bytes of the encoding, and sums the penalties (at
// most 0) for what real text does not contain: invalid bytes, control characters, symbols and other
// scripts within words, capitals after small letters.
func faultsIn(runes []rune, width int) (faults float64, count int) {
	for i, r := range runes {
		if r < utf8.RuneSelf {
			continue
		}
		count += width
		var before, after rune
		if i > 0 {
			before = runes[i-1]
		}
		if i+1 < len(runes) {
			after = runes[i+1]
		}
		switch {
		case r == utf8.RuneError:
			faults -= 9
		case r < 0xa0, unicode.Is(unicode.Co, r), unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d && r != 0xad:
			faults -= 6
		case unicode.IsLetter(r):
			faults += letterFaults(before, r, after) * float64(width)
			if r > 0xff && unicode.Is(unicode.Latin, r) && !strings.ContainsRune("įĮőŐ", r) &&
				(unicode.IsDigit(before) || !unicode.IsLetter(before) && !unicode.IsLetter(after)) {
				faults -= 4 // a fraction or a mark of Western Europe, "2½" or "¨": no word of one letter
			}
		case unicode.IsMark(r):
			if !unicode.IsLetter(before) && !unicode.IsMark(before) {
				faults -= 3
			}
		case r >= 0x2500 && r <= 0x259f: // box drawing and blocks of DOS
			faults -= 1.5
		case r == 0xa0, strings.ContainsRune("–—…«»‹›", r):
			if unicode.IsLetter(before) && unicode.IsLetter(after) {
				faults -= 1.5
			}
		case strings.ContainsRune("’‘“”„‚°§€©®™•·´½¼¾", r):
			if r != '’' && r != '´' && r != '·' && unicode.IsLetter(before) && unicode.IsLetter(after) {
				faults -= 3
			}
		case width == 1 && (unicode.IsLetter(before) || unicode.IsLetter(after)):
			faults -= 3
		case width == 1:
			faults -= 0.7
		}
	}
	return faults, count
}

// letterFaults returns the penalty for a letter beyond ASCII next to the given characters.
func letterFaults(before, r, after rune) (faults float64) {
	if unicode.IsUpper(r) && unicode.IsLower(before) {
		faults -= 2
	}
	if unicode.IsLower(r) && unicode.IsUpper(before) && unicode.IsUpper(after) {
		faults--
	}
	for _, other := range [2]rune{before, after} {
		if other >= 'a' && other <= 'z' || other >= 'A' && other <= 'Z' {
			if !unicode.Is(unicode.Latin, r) && !unicode.Is(unicode.Han, r) &&
				!unicode.Is(unicode.Hangul, r) && !unicode.Is(unicode.Katakana, r) &&
				!unicode.Is(unicode.Hiragana, r) {
				faults -= 1.5
			}
		}
	}
	return faults
}
