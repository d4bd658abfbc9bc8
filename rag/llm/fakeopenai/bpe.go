package fakeopenai

import "unicode"

// A Tokenizer counts tokens by byte-pair encoding, as the tokenizers of real models do: a text is
// divided into words, each word into bytes, and pairs that were frequent in the training text are
// merged, the most frequent first.
type Tokenizer struct {
	rank map[[2]string]int // pair → its place in the order of merges
}

// TrainTokenizer returns a tokenizer with the given number of merges, learned from a text.
func TrainTokenizer(text string, merges int) *Tokenizer {
	t := &Tokenizer{rank: map[[2]string]int{}}
	number := map[string]int{}
	for _, w := range chunks(text) {
		number[w]++
	}
	type word struct {
		parts  []string
		number int // how often the text has the word
	}
	count := map[[2]string]int{}             // how often the text has a pair
	having := map[[2]string]map[*word]bool{} // words that have, or had, a pair
	add := func(w *word, sign int) {
		for i := range len(w.parts) - 1 {
			pair := [2]string{w.parts[i], w.parts[i+1]}
			if count[pair] += sign * w.number; having[pair] == nil {
				having[pair] = map[*word]bool{}
			}
			having[pair][w] = true
		}
	}
	for text, n := range number {
		add(&word{bytesOf(text), n}, 1)
	}
	for len(t.rank) < merges {
		var best [2]string
		most := 1 // a pair that occurs once is not merged
		for pair, n := range count {
			if n > most || n == most && n > 1 && before(pair, best) {
				best, most = pair, n
			}
		}
		if most < 2 {
			break
		}
		t.rank[best] = len(t.rank)
		for w := range having[best] {
			add(w, -1)
			w.parts = merge(w.parts, best)
			add(w, 1)
		}
		delete(count, best)
	}
	return t
}

// before orders pairs that are equally frequent.
func before(a, b [2]string) bool {
	x, y := a[0]+a[1], b[0]+b[1]
	return x < y || x == y && a[0] < b[0]
}

// Count returns the number of tokens of a text.
func (t *Tokenizer) Count(text string) (n int) {
	for _, w := range chunks(text) {
		p := bytesOf(w)
		for {
			best, at := len(t.rank), -1
			for i := range len(p) - 1 {
				if r, ok := t.rank[[2]string{p[i], p[i+1]}]; ok && r < best {
					best, at = r, i
				}
			}
			if at < 0 {
				break
			}
			p = merge(p, [2]string{p[at], p[at+1]})
		}
		n += len(p)
	}
	return n
}

func bytesOf(word string) []string {
	out := make([]string, len(word))
	for i := range len(word) {
		out[i] = word[i : i+1]
	}
	return out
}

// merge joins each occurrence of a pair.
func merge(parts []string, pair [2]string) []string {
	var out []string
	for i := 0; i < len(parts); i++ {
		if i+1 < len(parts) && parts[i] == pair[0] && parts[i+1] == pair[1] {
			out = append(out, pair[0]+pair[1])
			i++
			continue
		}
		out = append(out, parts[i])
	}
	return out
}

// chunks divides a text into letters with the space before them, up to three digits, other signs,
// and white space.
func chunks(text string) (out []string) {
	kind := func(r rune) int {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r):
			return 1
		case unicode.IsDigit(r):
			return 2
		case unicode.IsSpace(r):
			return 3
		}
		return 4
	}
	from, last := 0, 0
	for i, r := range text {
		k := kind(r)
		joins := k == last && (k != 2 || i-from < 3) || last == 3 && i-from == 1 && text[from] == ' ' && k != 3
		if i > 0 && !joins {
			out = append(out, text[from:i])
			from = i
		}
		last = k
	}
	return append(out, text[from:])
}
