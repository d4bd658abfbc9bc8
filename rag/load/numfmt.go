package load

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// builtinFormats are the number formats of spreadsheets that are stored by identifier only
// (ECMA-376 part 1, 18.8.30). The locale-dependent dates (14 and 22) are written in ISO 8601 order.
var builtinFormats = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0", 6: "$#,##0", 7: "$#,##0.00",
	8: "$#,##0.00", 9: "0%", 10: "0.00%",
	11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm",
	17: "mmm-yy", 18: "h:mm AM/PM",
	19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;-#,##0",
	38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00",
	40: "#,##0.00;-#,##0.00", 41: "#,##0;-#,##0", 42: "$#,##0;-$#,##0", 43: "#,##0.00;-#,##0.00",
	44: "$#,##0.00;-$#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss",
	47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}

// formatCell formats a number the way a spreadsheet displays it, with a format such as "#,##0.00"
// or "dd.mm.yyyy". It returns raw unchanged when raw is not a number. from1904 selects the 1904
// date system.
func formatCell(raw, code string, from1904 bool) string {
	v, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || len(code) > 500 {
		return raw
	}
	if code == "" {
		return generalNumber(v)
	}
	section, negative := chooseSection(code, v)
	tokens, ok := formatTokens(section)
	if !ok {
		return generalNumber(v)
	}
	for _, t := range tokens {
		if t.kind == 'd' {
			if s, ok := formatDate(v, tokens, from1904); ok {
				return s
			}
			return generalNumber(v)
		}
	}
	return formatNumeral(v, negative, tokens)
}

// generalNumber formats a number with at most 15 significant digits, the precision of spreadsheets.
func generalNumber(v float64) string {
	s := strconv.FormatFloat(v, 'g', 15, 64)
	if rounded, err := strconv.ParseFloat(s, 64); err == nil &&
		(rounded == 0 || math.Abs(rounded) >= 1e-9 && math.Abs(rounded) < 1e15) {
		return strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	return strings.ToUpper(s)
}

// chooseSection returns the section of a format that applies to v: positive, negative and zero
// numbers may have separate sections. negative reports whether the caller must write a minus sign.
func chooseSection(code string, v float64) (section string, negative bool) {
	sections := cutSections(code)
	for i, s := range sections {
		if holds, ok := condition(s, v); ok && holds {
			return s, v < 0 && i == 0
		}
	}
	switch {
	case v < 0 && len(sections) > 1 && !hasCondition(sections[0]):
		return sections[1], false
	case v == 0 && len(sections) > 2:
		return sections[2], false
	case hasCondition(sections[0]) && len(sections) > 1:
		return sections[len(sections)-1], v < 0
	}
	return sections[0], v < 0
}

func cutSections(code string) []string {
	var sections []string
	start, quoted := 0, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && !quoted:
			i++
		case c == ';' && !quoted:
			sections = append(sections, code[start:i])
			start = i + 1
		}
	}
	return append(sections, code[start:])
}

func hasCondition(section string) bool {
	_, ok := condition(section, 0)
	return ok
}

// condition evaluates a condition such as [<=100] at the start of a section. ok is false when there
// is none.
func condition(section string, v float64) (holds, ok bool) {
	for strings.HasPrefix(section, "[") {
		inside, rest, found := strings.Cut(section[1:], "]")
		if !found {
			return false, false
		}
		sign := strings.TrimRight(inside[:min(2, len(inside))], "0123456789-. ")
		if limit, err := strconv.ParseFloat(strings.TrimSpace(inside[len(sign):]), 64); err == nil {
			switch sign {
			case "<":
				return v < limit, true
			case "<=":
				return v <= limit, true
			case ">":
				return v > limit, true
			case ">=":
				return v >= limit, true
			case "=":
				return v == limit, true
			case "<>":
				return v != limit, true
			}
		}
		section = rest
	}
	return false, false
}

// A formatToken is a piece of a number format.
type formatToken struct {
	kind byte   // 'l': literal; 'n': digit placeholder or one of .,%E/; 'd': part of a date or time
	text string // in lower case for a date
}

// formatTokens splits a section into tokens. ok is false for the format General and for text
// formats.
func formatTokens(section string) (tokens []formatToken, ok bool) {
	add := func(kind byte, text string) { tokens = append(tokens, formatToken{kind, text}) }
	for i := 0; i < len(section); {
		c := section[i]
		switch {
		case c == '"':
			end := strings.IndexByte(section[i+1:], '"')
			if end < 0 {
				end = len(section) - i - 1
			}
			add('l', section[i+1:i+1+end])
			i += end + 2
		case c == '\\' && i+1 < len(section):
			n := runeLen(section[i+1:])
			add('l', section[i+1:i+1+n])
			i += 1 + n
		case c == '_' && i+1 < len(section):
			add('l', " ")
			i += 1 + runeLen(section[i+1:])
		case c == '*' && i+1 < len(section):
			i += 1 + runeLen(section[i+1:])
		case c == '[':
			inside, _, found := strings.Cut(section[i+1:], "]")
			if !found {
				return tokens, true
			}
			lower := strings.ToLower(inside)
			switch {
			case strings.HasPrefix(inside, "$"): // currency and locale
				currency, _, _ := strings.Cut(inside[1:], "-")
				add('l', currency)
			case lower != "" && strings.Trim(lower, lower[:1]) == "" && strings.Contains("hms", lower[:1]):
				add('d', "["+lower[:1])
			}
			i += len(inside) + 2
		case c == '@':
			return nil, false
		case len(section)-i >= 7 && strings.EqualFold(section[i:i+7], "general"):
			return nil, false
		case len(section)-i >= 5 && strings.EqualFold(section[i:i+5], "am/pm"):
			add('d', "am/pm")
			i += 5
		case len(section)-i >= 3 && strings.EqualFold(section[i:i+3], "a/p"):
			add('d', "am/pm")
			i += 3
		case strings.IndexByte("ymdhsYMDHS", c) >= 0:
			n := 1
			for i+n < len(section) && section[i+n]|0x20 == c|0x20 {
				n++
			}
			add('d', strings.ToLower(section[i:i+n]))
			i += n
		case (c == 'E' || c == 'e') && i+1 < len(section) && (section[i+1] == '+' || section[i+1] == '-'):
			add('n', "E")
			i += 2
		case strings.IndexByte("0#?.,%/", c) >= 0:
			add('n', string(c))
			i++
		default:
			n := runeLen(section[i:])
			add('l', section[i:i+n])
			i += n
		}
	}
	return tokens, true
}

// runeLen returns the length of the first character of s in bytes.
func runeLen(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}

// formatNumeral formats a number with the digit placeholders and literals of a format.
func formatNumeral(v float64, negative bool, tokens []formatToken) string {
	var pattern strings.Builder
	first, last := -1, -1
	for i, t := range tokens {
		if t.kind == 'n' {
			if t.text != "%" {
				pattern.WriteString(t.text)
				if first < 0 {
					first = i
				}
				last = i
			} else {
				v *= 100
			}
		}
	}
	number := numeral(math.Abs(v), pattern.String())
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i, t := range tokens {
		switch {
		case t.kind == 'l':
			if i < first || i > last || first < 0 {
				b.WriteString(t.text)
			}
		case t.text == "%":
			b.WriteByte('%')
		}
		if i == first {
			b.WriteString(number)
		}
	}
	return strings.TrimSpace(b.String())
}

// numeral formats a non-negative number with a pattern of the placeholders 0 # ? . , E and /.
func numeral(v float64, pattern string) string {
	if pattern == "" {
		return ""
	}
	if strings.Contains(pattern, "/") {
		return generalNumber(v)
	}
	mantissa, _, scientific := strings.Cut(pattern, "E")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	for strings.HasSuffix(whole, ",") { // each trailing comma divides by a thousand
		whole = whole[:len(whole)-1]
		v /= 1000
	}
	for strings.HasSuffix(fraction, ",") {
		fraction = fraction[:len(fraction)-1]
		v /= 1000
	}
	places := min(len(strings.ReplaceAll(fraction, ",", "")), 30)
	needed := min(strings.Count(fraction, "0"), places)
	if scientific {
		return strings.ToUpper(strconv.FormatFloat(v, 'e', places, 64))
	}
	if v > 1e15 {
		return generalNumber(v)
	}
	s := strconv.FormatFloat(roundHalfUp(v, places), 'f', places, 64)
	digits, decimals, _ := strings.Cut(s, ".")
	for len(decimals) > needed && strings.HasSuffix(decimals, "0") {
		decimals = decimals[:len(decimals)-1]
	}
	zeros := strings.Count(whole, "0")
	if digits == "0" && zeros == 0 && strings.Contains(mantissa, ".") {
		digits = ""
	}
	for len(digits) < min(zeros, 30) {
		digits = "0" + digits
	}
	if strings.Contains(whole, ",") {
		for at := len(digits) - 3; at > 0; at -= 3 {
			digits = digits[:at] + "," + digits[at:]
		}
	}
	if decimals != "" {
		digits += "." + decimals
	}
	return digits
}

// roundHalfUp rounds a non-negative number the way spreadsheets do: 2.675 becomes 2.68 with two
// places, although its binary value is slightly less.
func roundHalfUp(v float64, places int) float64 {
	scale := math.Pow10(places)
	if scaled := v * scale; places < 15 && scaled < 1e15 {
		rounded, err := strconv.ParseFloat(strconv.FormatFloat(scaled, 'g', 15, 64), 64)
		if err == nil {
			return math.Floor(rounded+0.5) / scale
		}
	}
	return v
}

// formatDate formats a serial date: v counts days since the end of 1899, or since 1904. ok is false
// when v is out of range.
func formatDate(v float64, tokens []formatToken, from1904 bool) (string, bool) {
	if v < 0 || v >= 2958466 {
		return "", false
	}
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if v < 60 { // spreadsheets treat 1900 as a leap year
		base = base.AddDate(0, 0, 1)
	}
	hundredths := false
	for i, t := range tokens {
		hundredths = hundredths || t.text == "." && i > 0 && strings.HasSuffix(tokens[i-1].text, "s")
	}
	unit := time.Second
	if hundredths {
		unit = 10 * time.Millisecond
	}
	day := math.Floor(v)
	clock := time.Duration(math.Round((v-day)*86400*float64(time.Second)/float64(unit))) * unit
	at := base.AddDate(0, 0, int(day)).Add(clock)
	if v < 1 && !from1904 {
		at = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).Add(clock)
	}
	noon := false
	for _, t := range tokens {
		noon = noon || t.text == "am/pm"
	}
	var b strings.Builder
	for i, t := range tokens {
		switch t.kind {
		case 'l':
			b.WriteString(t.text)
		case 'n':
			if t.text == "0" && i > 0 && tokens[i-1].text == "." {
				b.WriteString(strconv.Itoa(at.Nanosecond() / 100_000_000))
			} else if t.text == "." || t.text == "/" || t.text == "," {
				b.WriteString(t.text)
			}
		case 'd':
			b.WriteString(datePiece(t.text, at, day*24+clock.Hours(), noon, minutes(tokens, i)))
		}
	}
	return strings.TrimSpace(b.String()), true
}

// minutes reports whether the token m at i means minutes and not months, because it follows hours
// or precedes seconds.
func minutes(tokens []formatToken, i int) bool {
	for at := i - 1; at >= 0; at-- {
		if tokens[at].kind == 'd' {
			if strings.Contains(tokens[at].text, "h") {
				return true
			}
			break
		}
	}
	for at := i + 1; at < len(tokens); at++ {
		if tokens[at].kind == 'd' {
			return strings.Contains(tokens[at].text, "s")
		}
	}
	return false
}

func datePiece(piece string, at time.Time, hours float64, noon, minutes bool) string {
	two := func(n int) string {
		s := strconv.Itoa(n)
		if len(piece) > 1 && len(s) < 2 {
			s = "0" + s
		}
		return s
	}
	hour := at.Hour()
	if noon {
		if hour = hour % 12; hour == 0 {
			hour = 12
		}
	}
	switch {
	case piece == "am/pm":
		return at.Format("PM")
	case piece == "[h":
		return strconv.Itoa(int(hours + 1e-9))
	case piece == "[m":
		return strconv.Itoa(int(hours*60 + 1e-6))
	case piece == "[s":
		return strconv.Itoa(int(hours*3600 + 1e-3))
	case piece[0] == 'y' && len(piece) <= 2:
		return at.Format("06")
	case piece[0] == 'y':
		return at.Format("2006")
	case piece[0] == 'm' && minutes && len(piece) <= 2:
		return two(at.Minute())
	case piece == "mmm":
		return at.Format("Jan")
	case piece == "mmmmm":
		return at.Format("Jan")[:1]
	case strings.HasPrefix(piece, "mmm"):
		return at.Format("January")
	case piece[0] == 'm':
		return two(int(at.Month()))
	case piece == "ddd":
		return at.Format("Mon")
	case strings.HasPrefix(piece, "ddd"):
		return at.Format("Monday")
	case piece[0] == 'd':
		return two(at.Day())
	case piece[0] == 'h':
		return two(hour)
	}
	return two(at.Second())
}
