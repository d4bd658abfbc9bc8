package extract

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"weft/rag/chunk"
	"weft/rag/load"
)

// bareText returns the letters and digits of a text.
func bareText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

var sentenceEnd = regexp.MustCompile(`[.!?:] `)

// inOrder returns the first line of the quoted pieces that is not in the source after the line
// before it, or "".
func inOrder(source string, pieces []Piece) string {
	at := 0
	for _, p := range pieces {
		if p.Opens {
			continue
		}
		text := citation.ReplaceAllString(strings.NewReplacer(`\[`, "[", `\]`, "]").Replace(p.Text), "")
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") {
				continue
			}
			for _, part := range strings.Split(line, gap) {
				if ordered.MatchString(strings.TrimSpace(part)) { // the number of a list item counts as a line
					_, part, _ = strings.Cut(strings.TrimSpace(part), " ")
				}
				// Removed markup, such as a directive, may be between two sentences.
				for _, sentence := range sentenceEnd.Split(part, -1) {
					sentence = bareText(sentence)
					i := strings.Index(source[at:], sentence)
					if i < 0 {
						return line
					}
					at += i + len(sentence)
				}
			}
		}
	}
	return ""
}

// checkQuotes answers a question from a document's passages and checks that every stretch quotes
// its passage exactly and in order, with lists and tables whole or their gaps marked.
func checkQuotes(t *testing.T, question string, passages []Passage) (quoted bool) {
	q := newQuestion(question, nil, passages)
	if len(q.share) == 0 {
		return false
	}
	sections := q.sections(passages)
	if len(sections) == 0 {
		return false
	}
	stretches, _ := q.choose(sections, mostWords)
	for _, st := range stretches {
		p := passages[st.section.passage]
		pieces := compose(passages, []stretch{st})
		raw := citation.ReplaceAllString(p.Text, "")
		if line := inOrder(bareText(raw), pieces); line != "" && inOrder(bareText(cleanBlocks(p)), pieces) != "" {
			t.Errorf("%s, %q: not quoted exactly or in order:\n%s", p.Path, question, line)
		}
		kept := func(i int) bool { return i >= st.from && i < st.to && !slices.Contains(st.skip, i) }
		marked := strings.Contains(join(pieces), gap)
		for i, u := range st.section.units {
			if !kept(i) || u.kind != chunk.Item && u.kind != chunk.Row {
				continue
			}
			for _, step := range []int{-1, 1} {
				for j := i + step; j >= 0 && j < len(st.section.units) && st.section.units[j].kind == u.kind; j += step {
					if !kept(j) && !marked {
						t.Errorf("%s, %q: a part of a list or table is left out without a mark", p.Path, question)
						return true
					}
				}
			}
		}
		quoted = true
	}
	return quoted
}

// cleanBlocks returns a passage's text as quoted, block by block.
func cleanBlocks(p Passage) string {
	var b strings.Builder
	for _, block := range p.Structure() {
		text := p.Text[block.Start:block.End]
		switch block.Kind {
		case chunk.Quote:
			text = clean(quoteMarks.ReplaceAllString(text, ""))
		case chunk.Item:
			text = clean(text[len(itemMarker.FindString(text)):])
		case chunk.Code, chunk.Lines:
		default:
			text = clean(text)
		}
		b.WriteString(citation.ReplaceAllString(text, "") + "\n")
	}
	return b.String()
}

func TestQuotesAreExactAndInOrder(t *testing.T) {
	for _, question := range []string{"how often is the shaft greased?", "which stones are there?", "when is the mill open?",
		"who made the lower stone?", "what does error 23 mean?", "what is the port of the console?"} {
		for _, name := range []string{"mill", "pump"} {
			text, err := os.ReadFile("testdata/check/" + name + ".md")
			if err != nil {
				t.Fatal(err)
			}
			checkQuotes(t, question, markdown(string(text)))
		}
	}
}

// TestQuotesOfRealManualsAreExactAndInOrder uses the headings of documents by many authors, the
// Markdown and reStructuredText below WEFT_DOCS, as questions about these documents. The long suite
// requires them.
func TestQuotesOfRealManualsAreExactAndInOrder(t *testing.T) {
	root := os.Getenv("WEFT_DOCS")
	if root == "" {
		if os.Getenv("WEFT_LONG") == "1" {
			t.Fatal("WEFT_DOCS must name a folder with Markdown and reStructuredText by others")
		}
		t.Skip("WEFT_DOCS names no folder of documents")
	}
	var names []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(name); err == nil && !d.IsDir() && (ext == ".md" || ext == ".rst") {
			names = append(names, name)
		}
		return nil
	})
	if err != nil || len(names) == 0 {
		t.Fatalf("there are no documents in %s: %v", root, err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	asked, quoted := 0, 0
	for _, name := range names[:min(len(names), 400)] {
		text, err := os.ReadFile(name)
		if err != nil || len(text) > 200_000 {
			continue
		}
		kind := map[string]string{".md": "markdown", ".rst": "rst"}[filepath.Ext(name)]
		var all []Passage
		for i, c := range chunk.Split(load.Document{Path: name, Kind: kind, Text: string(text)}, chunk.Options{}) {
			all = append(all, Passage{Chunk: c.WithHeader(), N: i + 1})
		}
		for i := range min(len(all), 6) {
			if n := len(all[i].Heading); n > 0 {
				asked++
				if checkQuotes(t, all[i].Heading[n-1], all[i:min(len(all), i+5)]) {
					quoted++
				}
			}
		}
	}
	t.Logf("%d of %d headings of %d documents were answered", quoted, asked, min(len(names), 400))
	if quoted == 0 {
		t.Error("nothing was quoted")
	}
}
