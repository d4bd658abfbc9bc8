package load

import "strings"

// maxMatchSteps bounds the work of one match, against patterns written to take exponential time.
const maxMatchSteps = 20_000

// A wildmatch matches a pattern of an ignore file against a path with git's rules (gitignore(5),
// "Pattern format"). Matching is by byte; * and ? do not match a slash, ** between slashes matches
// any number of directories, and classes support ranges, negation by ! and ^, escapes and POSIX
// names.
//
// go-git's matcher and filepath.Match differ from git in classes, in a/**/b and in negated parents,
// as the differential test against git shows.
type wildmatch struct {
	fold  bool // ignore the case of ASCII letters
	steps int
}

// The results of a partial match. The abort codes end the search in the callers too; without them a
// pattern with several stars would take exponential time.
const (
	wmNo       = iota // no match here
	wmYes             // match
	wmAbort           // the text is used up, so no later start can match
	wmAbortStr        // a slash blocks this star; only an earlier ** can match across it
)

// matchPath reports whether the whole pattern matches the whole path.
func matchPath(pattern, path string, fold bool) bool {
	m := wildmatch{fold: fold, steps: maxMatchSteps}
	if fold {
		pattern, path = lowerASCII(pattern), lowerASCII(path)
	}
	return m.match(pattern, 0, path) == wmYes
}

func (m *wildmatch) match(p string, i int, t string) int {
	for ; i < len(p); i++ {
		if m.steps--; m.steps < 0 {
			return wmAbort
		}
		c := p[i]
		if t == "" && c != '*' {
			return wmAbort
		}
		switch c {
		case '*':
			return m.star(p, i, t)
		case '?':
			if t[0] == '/' {
				return wmNo
			}
		case '[':
			end, ok := m.class(p, i+1, t[0])
			if end < 0 {
				return wmAbort
			}
			if !ok || t[0] == '/' {
				return wmNo
			}
			i = end
		default:
			if c == '\\' {
				if i++; i == len(p) {
					return wmNo
				}
				c = p[i]
			}
			if t[0] != c {
				return wmNo
			}
		}
		t = t[1:]
	}
	if t == "" {
		return wmYes
	}
	return wmNo
}

// star matches t against the pattern from p[i], the first of a run of stars.
func (m *wildmatch) star(p string, i int, t string) int {
	start := i
	for i < len(p) && p[i] == '*' {
		i++
	}
	crosses := i-start > 1 && (start == 0 || p[start-1] == '/') &&
		(i == len(p) || p[i] == '/' || strings.HasPrefix(p[i:], `\/`))
	if crosses && i < len(p) && p[i] == '/' && m.match(p, i+1, t) == wmYes {
		return wmYes // a/**/b matches a/b
	}
	if i == len(p) {
		if !crosses && strings.IndexByte(t, '/') >= 0 {
			return wmAbortStr
		}
		return wmYes
	}
	if !crosses && p[i] == '/' {
		slash := strings.IndexByte(t, '/')
		if slash < 0 {
			return wmAbort
		}
		return m.match(p, i, t[slash:])
	}
	for ; t != ""; t = t[1:] {
		if r := m.match(p, i, t); r != wmNo {
			if !crosses || r != wmAbortStr {
				return r
			}
		} else if !crosses && t[0] == '/' {
			return wmAbortStr
		}
	}
	return wmAbort
}

// class matches c against the class whose first byte after the bracket is p[i]. end is the index of
// the closing bracket, or -1 when there is none.
func (m *wildmatch) class(p string, i int, c byte) (end int, ok bool) {
	negated := false
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		negated = true
		i++
	}
	var prev byte
	for first := true; ; first = false {
		if i >= len(p) {
			return -1, false
		}
		ch := p[i]
		switch {
		case ch == ']' && !first:
			return i, ok != negated
		case ch == '\\':
			if i++; i >= len(p) {
				return -1, false
			}
			ch = p[i]
			ok = ok || ch == c
		case ch == '-' && prev != 0 && i+1 < len(p) && p[i+1] != ']':
			i++
			if ch = p[i]; ch == '\\' {
				if i++; i >= len(p) {
					return -1, false
				}
				ch = p[i]
			}
			ok = ok || prev <= c && c <= ch
			ch = 0 // a range cannot begin where one ended
		case ch == '[' && i+1 < len(p) && p[i+1] == ':':
			close := strings.IndexByte(p[i+2:], ']')
			if close < 0 {
				return -1, false
			}
			name := p[i+2 : i+2+close]
			if !strings.HasSuffix(name, ":") {
				ok = ok || c == '['
				break // an ordinary bracket in the class
			}
			is, known := posixClass(strings.TrimSuffix(name, ":"), c)
			if !known {
				return -1, false
			}
			ok = ok || is || m.fold && is
			i += 2 + close
			ch = 0
		default:
			ok = ok || ch == c
		}
		prev = ch
		i++
	}
}

func posixClass(name string, c byte) (is, known bool) {
	lower, upper, digit := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9'
	graph := c > ' ' && c < 0x7f
	switch name {
	case "alnum":
		return lower || upper || digit, true
	case "alpha":
		return lower || upper, true
	case "blank":
		return c == ' ' || c == '\t', true
	case "cntrl":
		return c < ' ' || c == 0x7f, true
	case "digit":
		return digit, true
	case "graph":
		return graph, true
	case "lower":
		return lower, true
	case "print":
		return graph || c == ' ', true
	case "punct":
		return graph && !lower && !upper && !digit, true
	case "space":
		return c == ' ' || c >= '\t' && c <= '\r', true
	case "upper":
		return upper, true
	case "xdigit":
		return digit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F', true
	}
	return false, false
}

func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
