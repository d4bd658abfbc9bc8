package load

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mathText formats an equation of Office files (OMML, ECMA-376 part 1, 22.1) on one line without
// loss of meaning: fractions as (a)/(b), powers as x^2 and 10^(-6), indices as x_i, roots as √(x).
func mathText(n *node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for _, k := range n.kids {
		b.WriteString(mathElement(k))
	}
	return b.String()
}

func mathElement(n *node) string {
	part := func(name string) string { return strings.TrimSpace(mathText(n.child(name))) }
	property := func(name, otherwise string) string {
		p := n.child(n.name+"Pr", name)
		if p == nil {
			return otherwise
		}
		return p.attr("val")
	}
	switch n.name {
	case "r":
		var b strings.Builder
		for _, k := range n.kids {
			switch k.name {
			case "t":
				b.WriteString(k.content())
			case "br":
				b.WriteByte('\n')
			case "tab":
				b.WriteByte(' ')
			}
		}
		return b.String()
	case "f":
		numerator, denominator := part("num"), part("den")
		switch property("type", "bar") {
		case "noBar":
			return "(" + numerator + " choose " + denominator + ")"
		}
		return "(" + numerator + ")/(" + denominator + ")"
	case "sSup":
		return mathBase(part("e")) + "^" + mathOperand(part("sup"))
	case "sSub":
		return mathBase(part("e")) + "_" + mathOperand(part("sub"))
	case "sSubSup":
		return mathBase(part("e")) + "_" + mathOperand(part("sub")) + "^" + mathOperand(part("sup"))
	case "sPre":
		return "_" + mathOperand(part("sub")) + "^" + mathOperand(part("sup")) + " " + part("e")
	case "rad":
		degree := part("deg")
		switch degree {
		case "", "2":
			return "√(" + part("e") + ")"
		case "3":
			return "∛(" + part("e") + ")"
		case "4":
			return "∜(" + part("e") + ")"
		}
		return "root_" + mathOperand(degree) + "(" + part("e") + ")"
	case "nary":
		s := property("chr", "∫")
		if sub := part("sub"); sub != "" {
			s += "_" + mathOperand(sub)
		}
		if sup := part("sup"); sup != "" {
			s += "^" + mathOperand(sup)
		}
		return s + " " + part("e")
	case "d":
		var parts []string
		n.each("e", func(e *node) { parts = append(parts, strings.TrimSpace(mathText(e))) })
		separator := property("sepChr", "|")
		return property("begChr", "(") + strings.Join(parts, separator) + property("endChr", ")")
	case "m":
		var rows []string
		n.each("mr", func(row *node) {
			var cells []string
			row.each("e", func(e *node) { cells = append(cells, strings.TrimSpace(mathText(e))) })
			rows = append(rows, strings.Join(cells, ", "))
		})
		return "[" + strings.Join(rows, "; ") + "]"
	case "eqArr":
		var lines []string
		n.each("e", func(e *node) { lines = append(lines, strings.TrimSpace(strings.ReplaceAll(mathText(e), "&", ""))) })
		return strings.Join(lines, "; ")
	case "func":
		name, argument := part("fName"), part("e")
		if strings.HasPrefix(argument, "(") {
			return name + argument
		}
		return name + " " + argument
	case "limLow":
		return part("e") + "_" + mathOperand(part("lim"))
	case "limUpp":
		return part("e") + "^" + mathOperand(part("lim"))
	case "acc":
		return accented(part("e"), property("chr", "\u0302"))
	case "bar":
		if property("pos", "bot") == "top" {
			return accented(part("e"), "\u0305")
		}
		return accented(part("e"), "\u0332")
	case "phant":
		if show := n.child("phantPr", "show"); show != nil && !show.on() {
			return ""
		}
		return part("e")
	case "t": // a text element of WordprocessingML inside an equation
		return n.content()
	case "", "ctrlPr", "rPr", "del", "moveFrom":
		return ""
	}
	if strings.HasSuffix(n.name, "Pr") {
		return ""
	}
	return mathText(n)
}

// mathOperand puts parentheses around an operand unless it is one word of letters and digits or
// already in parentheses.
func mathOperand(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) < 0 {
		return s
	}
	if utf8.RuneCountInString(s) == 1 || strings.HasPrefix(s, "(") && strings.IndexByte(s, ')') == len(s)-1 {
		return s
	}
	return "(" + s + ")"
}

// mathBase puts parentheses around a base when a power or index would otherwise apply to its last
// part only.
func mathBase(s string) string {
	if strings.ContainsAny(s, " +-−·×/=") && !strings.HasPrefix(s, "(") {
		return "(" + s + ")"
	}
	return s
}

// accented combines a single letter with its accent, and writes a longer text as a function of it:
// hat(ab).
func accented(s, sign string) string {
	if utf8.RuneCountInString(s) == 1 &&
		strings.IndexFunc(sign, func(r rune) bool { return !unicode.Is(unicode.Mn, r) }) < 0 {
		return s + sign
	}
	switch sign {
	case "\u0305", "\u0304", "¯":
		return "overline(" + s + ")"
	case "\u0332":
		return "underline(" + s + ")"
	case "\u20d7", "→":
		return "vec(" + s + ")"
	case "\u0302":
		return "hat(" + s + ")"
	case "\u0303":
		return "tilde(" + s + ")"
	}
	return s
}
