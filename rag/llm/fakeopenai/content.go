package fakeopenai

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"

	"weft/rag/lazyregexp"
)

func (c *call) answer(req *request) string {
	last, all := "", ""
	for _, m := range req.Messages {
		t := directive.ReplaceAllString(m.text(), "")
		all += t + "\n"
		if m.Role == "user" {
			last = t
		}
	}
	h := hash("answer", req.Messages)
	if req.Seed != nil {
		h ^= uint64(*req.Seed)
	}
	if say := c.o["say"]; say != "" {
		return say
	}
	mode := c.o["mode"]
	if mode == "auto" {
		mode = "lorem"
		if strings.Contains(all, "[1]") {
			mode = "extract"
		}
	}
	switch mode {
	case "echo":
		return last
	case "extract":
		return extract(all, last)
	case "markdown":
		return "# Answer\n\nSome *emphasis*, **bold**, `code` and a [link](https://example.org).\n\n1. first\n2. second\n   - nested\n\n```go\nfunc main() {\n\tfmt.Println(\"hi\")\n}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quote\n\n" + lorem(h, 20) + "\n"
	case "unicode":
		return "naïve café — 日本語の文章、 한국어, emoji 👩‍👩‍👧‍👦 🇩🇪 👍🏽, combining e\u0301, RTL עברית, zero\u200bwidth, tab\there, ESC \x1b[31mred\x1b[0m, NUL \x00 end"
	case "json":
		return fmt.Sprintf(`{"answer":%q,"hash":"%016x"}`, lorem(h, 8), h)
	case "empty":
		return ""
	}
	return lorem(h, c.o.i("tokens"))
}

// extract answers from the numbered passages ("[1] ...") of a prompt. It returns the sentence with
// the largest word overlap with the question, and the passage's number.
func extract(all, question string) string {
	if i := strings.LastIndex(strings.ToLower(question), "question:"); i >= 0 {
		question = question[i+9:]
	}
	q := map[string]bool{}
	for _, w := range words(question) {
		if len(w) > 3 {
			q[w] = true
		}
	}
	best, bestScore, bestMark, mark := "", 0.0, "", ""
	for _, ln := range strings.Split(all, "\n") {
		if m := regexp.MustCompile(`^\s*(\[\d+\])`).FindStringSubmatch(ln); m != nil {
			mark = m[1]
			ln = strings.TrimSpace(ln)[len(mark):]
		}
		if mark == "" || strings.Contains(question, strings.TrimSpace(ln)) {
			continue
		}
		for _, sent := range strings.SplitAfter(ln, ". ") {
			ws, n := words(sent), 0.0
			for _, w := range ws {
				if q[w] {
					n++
				}
			}
			if sc := n / math.Sqrt(float64(len(ws))+4); sc > bestScore {
				best, bestScore, bestMark = strings.TrimSpace(sent), sc, mark
			}
		}
	}
	if best == "" {
		return "The passages do not say."
	}
	return "According to the documents: " + best + " " + bestMark
}

var vocab = strings.Fields("alpha index chunk token query vector graph cache stream buffer window score answer source note file page line table field value model layer batch retry limit cursor panel theme key hash node edge tree heap queue merge split parse write read open close start stop")

func lorem(h uint64, n int) string {
	r := rand.New(rand.NewPCG(h, h>>1))
	var b strings.Builder
	for i := range n {
		w := vocab[r.IntN(len(vocab))]
		if i%12 == 0 {
			w = strings.ToUpper(w[:1]) + w[1:]
		}
		b.WriteString(w)
		switch {
		case i == n-1 || i%12 == 11:
			b.WriteString(".")
		}
		if i < n-1 {
			b.WriteString(" ")
		}
	}
	return b.String()
}

func hash(salt string, ms []message) uint64 {
	h := fnv.New64a()
	io.WriteString(h, salt)
	for _, m := range ms {
		io.WriteString(h, "\x00"+m.Role+"\x00"+directive.ReplaceAllString(m.text(), ""))
	}
	return h.Sum64()
}

var pieceRE = lazyregexp.New(`\s*\S{1,8}|\s+$`)

// pieces splits text into token-like parts whose concatenation is the text.
func pieces(s string) []string { return pieceRE.FindAllString(s, -1) }

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s),
		func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func stops(raw json.RawMessage) []string {
	var one string
	var many []string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{one}
	}
	json.Unmarshal(raw, &many)
	return many
}

func validJSON(b []byte) []byte {
	if json.Valid(b) {
		return b
	}
	q, _ := json.Marshal(string(b))
	return q
}
