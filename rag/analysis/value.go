package analysis

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// values adds a token of kind Value if the text scanned last is a number, a version or a date that
// has other spellings: 2,400,000 and 2400000; 2.18.0 and 2.18; 3 March 2025, 3.3.2025 and
// 2025-03-03. from is the index of the first token of the number that begins at byte i and ends at
// end.
func (s *scanner) values(from, i, end int) {
	text := s.text[i:end]
	switch {
	case strings.IndexByte(text, '.') >= 0:
		if term := dotted(text, s.a.lang); term != "" {
			s.value(from, end, term)
		}
	case len(text) == 4 && (text[0] == '1' || text[0] == '2'):
		s.year(from, end, text)
	}
}

// value inserts a Value token before token number at. The value ends at byte end.
func (s *scanner) value(at, end int, term string) {
	t := Token{Term: term, Start: s.out[at].Start, End: end, Pos: s.out[at].Pos, Kind: Value, Hash: Hash(term)}
	s.out = append(s.out, Token{})
	copy(s.out[at+1:], s.out[at:])
	s.out[at] = t
}

// dotted returns the usual form of digits with dots: a date with the day first, a version without a
// final zero, or a number with dots between thousands. It returns "" if the text already has the
// usual form, or is none of these.
func dotted(text string, lang Language) string {
	parts := strings.Split(text, ".")
	if len(parts) == 3 && len(parts[2]) == 4 && len(parts[0]) <= 2 && len(parts[1]) <= 2 {
		if term := date(parts[2], parts[1], parts[0]); term != "" {
			return term
		}
	}
	thousands := len(parts[0]) <= 3 && (len(parts) > 2 || dotsThousands(lang))
	for _, p := range parts[1:] {
		thousands = thousands && len(p) == 3
	}
	switch {
	case thousands:
		return strings.Join(parts, "")
	case len(parts) == 3 && parts[2] == "0":
		return parts[0] + "." + parts[1]
	}
	return ""
}

// dotsThousands reports whether 1.000 is a thousand in a language.
func dotsThousands(lang Language) bool {
	switch lang {
	case German, Spanish, Italian, Portuguese, Dutch, Danish, Norwegian, Romanian, Turkish:
		return true
	}
	return false
}

// grouped returns the end of digits with a comma between thousands that begin at byte i, and their
// usual form, or "".
func (s *scanner) grouped(i int) (end int, term string) {
	digits := func(at int) (n int) {
		for at+n < len(s.text) && s.text[at+n] >= '0' && s.text[at+n] <= '9' {
			n++
		}
		return n
	}
	first := digits(i)
	end = i + first
	if first == 0 || first > 3 {
		return i, ""
	}
	term = s.text[i:end]
	for end < len(s.text) && s.text[end] == ',' && digits(end+1) == 3 {
		term += s.text[end+1 : end+4]
		end += 4
	}
	if len(term) == first || end < len(s.text) && s.text[end] == ',' && digits(end+1) > 0 {
		return i, ""
	}
	return end, term
}

// year adds the date that ends in the year scanned last, "3 March 2025", or that begins with it,
// "2025-03-03". from is the index of the year's token.
func (s *scanner) year(from, end int, year string) {
	rest := s.text[end:]
	if len(rest) >= 6 && rest[0] == '-' && rest[3] == '-' && (len(rest) == 6 || rest[6] < '0' || rest[6] > '9') {
		if term := date(year, rest[1:3], rest[4:6]); term != "" {
			s.value(from, end+6, term)
		}
		return
	}
	if from < 2 {
		return
	}
	word := func(t Token) string { return s.text[t.Start:t.End] }
	a, b := s.out[from-2], s.out[from-1]
	month, day := word(a), word(b)
	if months()[lowercase(month)] == 0 {
		month, day = day, month
	}
	number := months()[lowercase(month)]
	if number == 0 || end-a.Start > mostInDate {
		return
	}
	day = strings.TrimRight(day, "stndrhe")
	if term := date(year, strconv.Itoa(number), day); term != "" {
		s.value(from-2, end, term)
	}
}

// mostInDate is the maximum length of a date in bytes.
const mostInDate = 24

// date returns a date as in "2025-03-03", or "" if there is no such date.
func date(year, month, day string) string {
	m, err1 := strconv.Atoi(month)
	d, err2 := strconv.Atoi(day)
	if err1 != nil || err2 != nil || m < 1 || m > 12 || d < 1 || d > 31 {
		return ""
	}
	return fmt.Sprintf("%s-%02d-%02d", year, m, d)
}

// months maps the names of months in several languages to their numbers.
var months = sync.OnceValue(func() map[string]int {
	all := map[string]int{}
	for names := range strings.SplitSeq(`
		january february march april may june july august september october november december,
		jan feb mar apr may jun jul aug sep oct nov dec,
		januar februar märz april mai juni juli august september oktober november dezember,
		janvier février mars avril mai juin juillet août septembre octobre novembre décembre,
		enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre,
		gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre,
		janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro,
		januari februari maart april mei juni juli augustus september oktober november december`, ",") {
		for i, name := range strings.Fields(names) {
			all[name] = i + 1
		}
	}
	return all
})
