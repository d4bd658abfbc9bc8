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
	parts := map[string][]string{}
	for w := range number {
		parts[w] = bytesOf(w)
	}
	for len(t.rank) < merges {
		count := map[[2]string]int{}
		for w, p := range parts {
			for i := range len(p) - 1 {
				count[[2]string{p[i], p[i+1]}] += number[w]
			}
		}
		var best [2]string
		for pair, n := range count {
			if n > count[best] || n == count[best] && (pair[0]+pair[1] < best[0]+best[1] || pair[0]+pair[1] == best[0]+best[1] && pair[0] < best[0]) {
				best = pair
			}
		}
		if count[best] < 2 {
			break
		}
		t.rank[best] = len(t.rank)
		for w, p := range parts {
			parts[w] = merge(p, best)
		}
	}
	return t
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
