package load

import (
	"strconv"
	"strings"
)

// formatNumber formats the number of a list item or heading in one of the formats of Office files
// (ST_NumberFormat). Unknown formats, and numbers that a format cannot express, become decimal.
func formatNumber(n int, format string) string {
	decimal := strconv.Itoa(n)
	switch format {
	case "none", "bullet":
		return ""
	case "decimalZero":
		if n >= 0 && n < 10 {
			return "0" + decimal
		}
	case "upperRoman":
		return roman(n)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "upperLetter":
		return letters(n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	case "lowerLetter":
		return letters(n, "abcdefghijklmnopqrstuvwxyz")
	case "russianUpper":
		return letters(n, "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ")
	case "russianLower":
		return letters(n, "абвгдежзиклмнопрстуфхцчшщыэюя")
	case "ordinal":
		return ordinal(n)
	case "cardinalText", "ordinalText":
		if n > 0 && n < 20 {
			list := cardinals
			if format == "ordinalText" {
				list = ordinals
			}
			return strings.Fields(list)[n-1]
		}
	case "hex":
		return strings.ToUpper(strconv.FormatInt(int64(n), 16))
	case "numberInDash":
		return "- " + decimal + " -"
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese", "ideographEnclosedCircle":
		if n >= 1 && n <= 20 {
			return string(rune('①' + n - 1))
		}
	case "decimalEnclosedParen":
		return "(" + decimal + ")"
	case "decimalFullWidth", "decimalFullWidth2":
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, decimal)
	case "chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
		"japaneseCounting", "ideographDigital", "japaneseDigitalTenThousand":
		return ideographs(n)
	case "aiueo", "aiueoFullWidth":
		return letters(n, "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン")
	case "iroha", "irohaFullWidth":
		return letters(n, "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス")
	case "ganada":
		return letters(n, "가나다라마바사아자차카타파하")
	case "hebrew2":
		return letters(n, "אבגדהוזחטיכלמנסעפצקרשת")
	}
	return decimal
}

const (
	cardinals = "One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen Eighteen Nineteen"
	ordinals  = "First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth Fourteenth Fifteenth " +
		"Sixteenth Seventeenth Eighteenth Nineteenth"
)

// roman formats a number from 1 to 3999 as an upper-case Roman numeral, and any other as decimal.
func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, step := range [...]struct {
		value int
		sign  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
		{40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= step.value; n -= step.value {
			b.WriteString(step.sign)
		}
	}
	return b.String()
}

// letters formats a number with the letters of an alphabet. After the last letter they are doubled:
// z, aa, bb.
func letters(n int, alphabet string) string {
	signs := []rune(alphabet)
	if n < 1 || n > 10*len(signs) {
		return strconv.Itoa(n)
	}
	return strings.Repeat(string(signs[(n-1)%len(signs)]), (n-1)/len(signs)+1)
}

// ordinal formats 1st, 2nd, 3rd, 4th.
func ordinal(n int) string {
	end := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return strconv.Itoa(n) + end
}

// ideographs formats a number from 1 to 9999 with Chinese characters, and any other as decimal.
func ideographs(n int) string {
	if n < 1 || n > 9999 {
		return strconv.Itoa(n)
	}
	digits, units := []rune("〇一二三四五六七八九"), []string{"", "十", "百", "千"}
	var b strings.Builder
	zero := false
	for place := 3; place >= 0; place-- {
		power := [...]int{1, 10, 100, 1000}[place]
		digit := n / power % 10
		switch {
		case digit == 0:
			zero = zero || b.Len() > 0
			continue
		case zero:
			b.WriteRune(digits[0])
			zero = false
		}
		if !(digit == 1 && place == 1 && b.Len() == 0) {
			b.WriteRune(digits[digit])
		}
		b.WriteString(units[place])
	}
	return b.String()
}
