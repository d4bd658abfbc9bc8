package extract

import (
	"math"
	"strconv"
	"strings"

	"weft/rag/lazyregexp"
)

// A measure is a number in a text, with its unit if one follows.
type measure struct {
	text  string  // as written: "40 hours"
	value float64 // in the base unit of its dimension
	bare  float64 // as written
	size  float64 // of the unit, in the base unit
	unit  string  // dimension: "time", "length"; "" without a known unit
}

var (
	// figure matches a number that is not part of a word, and the word or sign before and after it.
	figure = lazyregexp.New(`(?i)([$€£¥]\s?)?(?:^|[^\w.,-]|\b)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)` +
		`([\s-]?(?:°\s?[CF]\b|%|[€£¥]|µs\b|[a-zA-Zäöü]+\b))?`)
	versionOrDate = lazyregexp.New(`\bv?\d+(?:\.\d+){2,}\b|\b\d{4}-\d{2}-\d{2}\b`)
)

// A dimension is what a unit measures, and the unit's size in the base unit.
type dimension struct {
	name string
	size float64
}

// dimensions maps units to their dimension and their size in its base unit.
var dimensions = func() map[string]dimension {
	all := map[string]dimension{}
	for name, list := range map[string]string{
		"time": "ms millisecond milliseconds millisekunden=0.001 µs=0.000001 s sec second seconds " +
			"sekunde sekunden=1 min minute minutes minuten=60 h hour hours stunde stunden=3600 " +
			"day days tag tage tagen=86400 week weeks woche wochen=604800 " +
			"month months monat monate monaten=2592000 year years jahr jahre jahren=31536000",
		"length": "mm millimetre millimetres millimeter millimeters=0.001 cm centimetre centimetres centimeter " +
			"centimeters zentimeter=0.01 m metre metres meter meters=1 km kilometre kilometres kilometer kilometers=1000 " +
			"inch inches=0.0254 feet foot=0.3048 mile miles=1609",
		"mass": "mg=0.000001 g gram grams gramm=0.001 kg kilogram kilograms kilogramm=1 t ton tons tonne tonnes " +
			"tonnen=1000 oz ounce ounces=0.02835 lb pound pounds pfund=0.4536",
		"volume": "ml millilitre millilitres milliliter milliliters=0.001 cl=0.01 l litre litres liter liters=1 " +
			"cup cups=0.24 gallon gallons=3.785",
		"bytes": "bit bits=0.125 byte bytes=1 kb kib kilobyte kilobytes=1000 mb mib megabyte megabytes=1000000 " +
			"gb gib gigabyte gigabytes=1000000000 tb tib terabyte terabytes=1000000000000",
		"celsius":    "°c celsius=1",
		"fahrenheit": "°f fahrenheit=1",
		"share":      "% percent prozent=1",
		"euro":       "€ eur euro euros=1",
		"dollar":     "$ usd dollar dollars=1",
		"pound":      "£ gbp=1",
		"power":      "w watt watts=1 kw kilowatt kilowatts=1000",
		"voltage":    "v volt volts=1",
		"pressure":   "bar=1 psi=0.0689",
		"speed":      "knot knots knoten=1 kmh=1 mph=1",
	} {
		var names []string
		for _, word := range strings.Fields(list) {
			word, size, last := strings.Cut(word, "=")
			names = append(names, word)
			if !last {
				continue
			}
			v, _ := strconv.ParseFloat(size, 64)
			for _, n := range names {
				all[n] = dimension{name, v}
			}
			names = nil
		}
	}
	return all
}()

// spelled maps number words to digits.
var spelled = map[string]string{
	"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
	"eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "twice": "2", "once": "1",
	"fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60",
	"zwei": "2", "drei": "3", "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8",
	"neun": "9", "zehn": "10", "elf": "11", "zwölf": "12",
}

var numberWord = lazyregexp.New(`(?i)\b[a-zäöü]{3,7}\b`)

// pronouns are the number words that often are pronouns or adverbs, such as "one". They count as
// numbers in sources only, not in claims.
var pronouns = map[string]bool{"one": true, "once": true, "acht": true}

// measures returns the numbers in a text, without versions and dates. claimed says that the text is
// a claim and not a source (see pronouns).
func measures(text string, claimed bool) (list []measure) {
	text = versionOrDate.ReplaceAllString(text, " ")
	text = numberWord.ReplaceAllStringFunc(text, func(w string) string {
		if digits, ok := spelled[strings.ToLower(w)]; ok && !(claimed && pronouns[strings.ToLower(w)]) {
			return digits
		}
		return w
	})
	for _, m := range figure.FindAllStringSubmatch(text, -1) {
		digits := m[2]
		if i := strings.LastIndexByte(digits, ','); i >= 0 {
			if len(digits)-i == 4 {
				digits = strings.ReplaceAll(digits, ",", "")
			} else {
				digits = strings.ReplaceAll(digits, ",", ".")
			}
		}
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			continue
		}
		x := measure{text: strings.Trim(m[0], " \t\n(,;:-"), value: v, bare: v}
		unit := strings.ToLower(strings.ReplaceAll(strings.Trim(m[3], " \t\n-"), " ", ""))
		if unit == "" {
			unit = strings.TrimSpace(m[1])
		}
		if d, ok := dimensions[unit]; ok {
			x.unit, x.size, x.value = d.name, d.size, v*d.size
		} else {
			x.text = strings.TrimSpace(m[1]) + m[2]
		}
		list = append(list, x)
	}
	return list
}

// same reports whether two measures agree. A number without a unit agrees with one that has a unit.
// After a conversion, the last digit may be rounded.
func (m measure) same(o measure) bool {
	if m.unit == "" || o.unit == "" || m.size == o.size && m.unit == o.unit {
		return m.bare == o.bare
	}
	return m.unit == o.unit && math.Abs(m.value-o.value) <= 0.006*m.value
}
