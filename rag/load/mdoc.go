package load

import (
	"strings"
)

// mdocQuotes maps macros to the marks around their arguments, which extend to the end of the line.
var mdocQuotes = map[string][2]string{
	"Op": {"[", "]"}, "Dq": {`"`, `"`}, "Qq": {`"`, `"`}, "Sq": {"'", "'"}, "Ql": {"`", "`"},
	"Pq": {"(", ")"}, "Bq": {"[", "]"}, "Brq": {"{", "}"}, "Aq": {"<", ">"},
}

// mdocOpen maps macros to the marks around a block and to the macro that ends the block.
var mdocOpen = map[string][3]string{
	"Oo": {"[", "]", "Oc"}, "Do": {`"`, `"`, "Dc"}, "Qo": {`"`, `"`, "Qc"}, "So": {"'", "'", "Sc"},
	"Po": {"(", ")", "Pc"}, "Bo": {"[", "]", "Bc"}, "Ao": {"<", ">", "Ac"},
	"Bro": {"{", "}", "Brc"},
}

var mdocClosers = map[string]string{"Oc": "]", "Dc": `"`, "Qc": `"`, "Sc": "'", "Pc": ")", "Bc": "]",
	"Ac": ">", "Brc": "}"}

// mdocPlain are macros whose arguments are plain text.
var mdocPlain = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq("Ar Cm Ic Em Sy Li Pa Ev Va Vt Fa Ft Er Dv Ad An Lk Mt Sx Tn " +
		"Ms No Cd Lb St Ux Bx Fx Nx Ox At In Nm Fl Xr Fn Ns Pf Ap Bk Ek Eo Ec Dl D1 " +
		"%A %T %J %B %D %R %N %V %P %U %O %I %Q %C") {
		all[name] = true
	}
	return all
}()

// mdoc executes a macro of mdoc(7). An unknown macro yields its arguments.
func (m *manReader) mdoc(request, arguments string) {
	args := m.arguments(arguments)
	switch request {
	case "Dt":
		if len(args) > 0 {
			if m.title = args[0]; len(args) > 1 {
				m.title += "(" + args[1] + ")"
			}
		}
	case "Dd", "Os", "Sm", "Bk", "Ek", "Es", "Rs", "Re", "Nr", "PD", "ad", "hy", "nh", "na", "ne", "in",
		"ti", "ta", "tr", "nr", "rm", "rr", "ft", "fam", "ll", "pl", "po",
		"ps", "vs", "ss", "ce", "mk", "rt", "bp", "DT", "UC", "AT", "IX", "ns", "rs", "cc", "c2", "ec",
		"eo", "ev", "wh", "ch", "it", "lt", "pc", "tl", "ie", "LO", "UE", "ME", "P!",
		"\\}", "..":
		if request == "UE" || request == "ME" {
			m.addText(strings.Join(args, " "))
		}
	case "Sh", "Ss":
		m.heading(map[string]int{"Sh": 1, "Ss": 2}[request], m.phrase(args))
	case "Pp", "Lp":
		m.flush()
	case "In":
		m.addText("#include <" + m.phrase(args) + ">")
	case "Nd":
		m.addText("- " + m.phrase(args))
	case "Bl", "El":
		m.flush()
	case "It":
		s := m.phrase(args)
		if s == "" {
			s = "•"
		}
		m.term(s)
	case "Bd":
		m.flush()
		for _, a := range args {
			if a == "-literal" || a == "-unfilled" {
				m.beginCode()
			}
		}
	case "Ed":
		m.endCode()
		m.flush()
	case "Dl", "D1":
		m.flush()
		m.out.code("", m.phrase(args))
	case "Ex":
		m.addText("The utility exits 0 on success, and >0 if an error occurs.")
	case "Rv":
		m.addText("It returns 0 if successful; otherwise -1 is returned and errno is set to indicate the error.")
	default:
		list := append([]string{request}, args...)
		if len(request) > 3 || !mdocPlain[request] && mdocQuotes[request][0] == "" &&
			mdocOpen[request][0] == "" && mdocClosers[request] == "" {
			list = args
		}
		m.addText(m.phrase(list))
	}
}

// phrase returns the text of a line of mdoc. It executes the macros among the arguments.
func (m *manReader) phrase(args []string) string {
	var out strings.Builder
	var closers []string // marks that close at the end of the line
	joined := true       // no space before the next word
	put := func(s string) {
		if s == "" {
			return
		}
		if !joined && !isClosing(s) {
			out.WriteByte(' ')
		}
		out.WriteString(s)
		joined = s == "(" || s == "[" || s == "{" || s == "<"
	}
	flag, function := false, 0
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch open, opens := mdocOpen[a]; {
		case mdocQuotes[a][0] != "":
			put(mdocQuotes[a][0])
			joined = true
			closers = append(closers, mdocQuotes[a][1])
		case opens:
			put(open[0])
			joined = true
		case mdocClosers[a] != "":
			joined = true
			put(mdocClosers[a])
			joined = false
		case a == "Ns":
			joined, flag = true, false
		case a == "Pf" && i+1 < len(args):
			i++
			put(args[i])
			joined = true
		case a == "Ap":
			out.WriteByte('\'')
			joined = true
		case a == "Fl":
			flag = true
			if i+1 == len(args) || mdocPlain[args[i+1]] {
				put("-")
				joined = i+1 < len(args)
				flag = false
			}
		case a == "Nm":
			if i+1 < len(args) && !mdocPlain[args[i+1]] && mdocQuotes[args[i+1]][0] == "" && !isClosing(args[i+1]) {
				i++
				put(args[i])
				if m.name == "" {
					m.name = args[i]
				}
			} else {
				put(m.name)
			}
		case a == "Xr" && i+2 < len(args):
			put(args[i+1] + "(" + args[i+2] + ")")
			i += 2
		case a == "Fn" && i+1 < len(args):
			put(args[i+1] + "(")
			joined = true
			i++
			function++
			closers = append(closers, ")")
		case mdocPlain[a]:
			flag = false
		case flag && !isClosing(a) && a != "|":
			put("-" + a)
		default:
			if isClosing(a) && i == len(args)-1 { // final punctuation comes after the marks that close here
				for len(closers) > 0 {
					out.WriteString(closers[len(closers)-1])
					closers = closers[:len(closers)-1]
				}
			}
			put(a)
			if function > 0 && i+1 < len(args) && !isClosing(args[i+1]) {
				out.WriteByte(',')
			}
		}
	}
	for i := len(closers) - 1; i >= 0; i-- {
		out.WriteString(closers[i])
	}
	return out.String()
}

// isClosing reports whether s is punctuation that follows a word without a space.
func isClosing(s string) bool {
	return len(s) == 1 && strings.Contains(".,:;)]}>?!", s)
}
