package load

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"weft/rag/lazyregexp"
)

// secretMark replaces a secret in the text of a document.
const secretMark = "[secret left out]"

// privateKey matches a file that begins with a private key. A page that shows a key among other
// text is a document.
var privateKey = lazyregexp.New(`\A\s*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----`)

// A found is a secret in a text.
type found struct {
	from, to int    // bytes of the text
	kind     string // such as "GitHub token"
}

// withoutSecrets replaces the secrets in a document by secretMark, so that they reach neither
// passages nor vectors, prompts and journals. Lines stay lines of the file. A note says how many
// there were, and where. A document that consists mostly of secrets fails with the reason [Secret].
//
// Leaving out only the secret keeps a manual or a set of notes searchable in which one line holds a
// password. A file of keys has nothing else to offer, and its name alone may say too much.
func (d *Document) withoutSecrets() error {
	if at := privateKey.FindString(d.Text[:min(len(d.Text), 4096)]); at != "" {
		return &Error{Reason: Secret, Detail: "holds a private key"}
	}
	for i := range d.Fields {
		f := &d.Fields[i]
		// The name is part of the evidence: "password" with the value "hunter2".
		head := f.Name + ": "
		if list := findSecrets(d.Path, "text", head+f.Value); len(list) > 0 {
			clean, _ := replaceSecrets(head+f.Value, list, nil)
			f.Value = strings.TrimPrefix(clean, head)
			d.Notes = append(d.Notes, "its setting "+f.Name+" looks like a "+list[0].kind+" and is left out: --secrets reads it")
		}
	}
	d.Title, _ = replaceSecrets(d.Title, findSecrets(d.Path, "text", d.Title), nil)
	list := findSecrets(d.Path, d.Kind, d.Text)
	if len(list) == 0 {
		return nil
	}
	hidden, rest := 0, len(strings.Join(strings.Fields(d.Text), ""))
	for _, s := range list {
		hidden += s.to - s.from
	}
	if hidden*2 > rest {
		return &Error{Reason: Secret, Detail: "consists mostly of what looks like secrets: " + secretList(d, list)}
	}
	what := "what looks like a secret is"
	if len(list) > 1 {
		what = fmt.Sprintf("%d parts that look like secrets are", len(list))
	}
	d.Notes = append(d.Notes, fmt.Sprintf("%s left out (%s): --secrets reads the file whole", what, secretList(d, list)))
	d.Text, d.Marks = replaceSecrets(d.Text, list, d.Marks)
	return nil
}

// secretList names the kinds and the places of secrets, without the secrets.
func secretList(d *Document, list []found) string {
	const most = 5
	var parts []string
	line, at := 1, 0
	for i, s := range list {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d more", len(list)-most))
			break
		}
		place := ""
		if len(d.Marks) == 0 {
			line += strings.Count(d.Text[at:s.from], "\n")
			at = s.from
			place = fmt.Sprintf("line %d", line)
		}
		for _, m := range d.Marks {
			if m.Offset <= s.from {
				place = m.Place
			}
		}
		parts = append(parts, strings.TrimSpace(place+" "+s.kind))
	}
	return strings.Join(parts, ", ")
}

// replaceSecrets replaces stretches of a text, which are in order and do not overlap. Line ends
// inside them are kept. It returns the text, and its marks at their new offsets.
func replaceSecrets(text string, list []found, marks []Mark) (string, []Mark) {
	if len(list) == 0 {
		return text, marks
	}
	var b strings.Builder
	moved, next, at := slices.Clone(marks), 0, 0
	for _, s := range list {
		for ; next < len(moved) && moved[next].Offset <= s.from; next++ {
			moved[next].Offset += b.Len() - at
		}
		b.WriteString(text[at:s.from])
		begin := b.Len()
		b.WriteString(secretMark)
		b.WriteString(strings.Repeat("\n", strings.Count(text[s.from:s.to], "\n")))
		for ; next < len(moved) && moved[next].Offset < s.to; next++ {
			moved[next].Offset = begin
		}
		at = s.to
	}
	for ; next < len(moved); next++ {
		moved[next].Offset += b.Len() - at
	}
	b.WriteString(text[at:])
	return b.String(), moved
}

// findSecrets returns the secrets in a text, in order, without overlaps. Kind is the kind of the
// document, and name its path: source code assigns variables, where settings assign values.
func findSecrets(name, kind, text string) []found {
	list := slices.Concat(findTokens(text), findShapes(text), findAssigned(name, kind, text))
	slices.SortStableFunc(list, func(a, b found) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && s.from < out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// entropy returns the entropy of the bytes of a text, in bits a byte. Text that was drawn at random
// has more than words have: a token of 20 letters and digits about 4, "aaaa" none.
func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}

// placeholders are parts of values, in lower case, that documentation writes in place of a secret.
var placeholders = []string{"example", "sample", "placeholder", "changeme", "change-me", "change_me", "change-this", "change_this",
	"your-", "your_", "your ", "yourpass", "yoursecret", "yourtoken", "yourkey", "yourapi", "mypass", "my-secret", "my_secret",
	"mysecret", "my-token", "my_token", "mytoken", "my-api", "my_api", "xxxx", "****", "....", "…", "----", "____", "redacted",
	"dummy", "insert", "replace", "0000000", "1111111", "12345678901", "0123456789", "abcdefgh", "foobar", "left out",
	"password", "passwort", "kennwort", "passphrase", "mot de passe", "contraseña", "senha", "wachtwoord", "hasło"}

// isPlaceholder reports whether a value refers to a secret, or only shows where one would be.
func isPlaceholder(v string) bool {
	lower := strings.ToLower(v)
	if slices.ContainsFunc(placeholders, func(p string) bool { return strings.Contains(lower, p) }) {
		return true
	}
	if strings.HasPrefix(v, "<") || strings.HasPrefix(v, "[") || strings.HasPrefix(v, "%(") || strings.HasPrefix(v, "#{") ||
		strings.Contains(v, "${") || strings.Contains(v, "$(") || strings.Contains(v, "{{") || strings.Contains(v, "<%") {
		return true
	}
	if len(v) > 1 && (v[0] == '$' || v[0] == '%' || v[0] == '@') && isVariable(v[1:]) {
		return true // $TOKEN, %TOKEN%, @token
	}
	return v != "" && strings.Count(v, v[:1]) == len(v)
}

// isVariable reports whether s could be the name of a variable.
func isVariable(s string) bool {
	s = strings.TrimSuffix(s, "%")
	for i := range len(s) {
		if !isWordByte(s[i]) || i == 0 && s[0] >= '0' && s[0] <= '9' {
			return false
		}
	}
	return s != ""
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}
