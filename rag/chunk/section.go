package chunk

import (
	"slices"
	"strings"
	"unicode"
)

// The forms of blocks, by how they may be cut.
type form int

const (
	prose   form = iota // between sentences
	lines               // between lines: code, settings, logs
	fence               // not at all, up to a generous limit; then between lines
	row                 // not at all; between rows
	heading             // not at all; begins a section
)

// A block is a piece of a document's structure: all of the text's bytes from start to end, without the blanks around them.
type block struct {
	start, end int
	form       form
	level      int    // of a heading, from 1
	title      string // of a heading
	header     string // the table's head, for rows
	kind       Kind
	depth      int      // how many lists it stands in
	path       []string // the headings above it, set with the sections
}

// blocks takes a document apart. The blocks come in order and cover all of its text but blanks.
// adornments says which underlines were seen before the text.
func blocks(kind, text string, adornments map[string]int) []block {
	if len(text) > 64<<10 && strings.Count(text, "\n") > len(text)/8 { // lines of a few letters: data, whatever its name says
		return partition(text, []block{{form: lines, kind: Lines}})
	}
	switch structures[kind] {
	case "markdown":
		return markdownBlocks(text)
	case "source":
		return sourceBlocks(text)
	case "settings":
		return settingsBlocks(kind, text)
	case "rows":
		return rowBlocks(text)
	}
	return proseBlocks(kind, text, adornments)
}

// structures says for each kind of document how its text is structured; a kind that is missing is
// prose. Most readers write Markdown.
var structures = func() map[string]string {
	all := map[string]string{}
	for structure, kinds := range map[string]string{
		"markdown": "markdown html docx pptx odt odp rtf doc ppt msg epub notebook mail mbox mhtml calendar archive " +
			"docbook jats fb2 man texinfo typst mediawiki",
		"source":   "source",
		"settings": "json yaml toml",
		"rows":     "csv tsv xlsx ods xls",
		"prose":    "text rst org asciidoc log pdf",
	} {
		for kind := range strings.FieldsSeq(kinds) {
			all[kind] = structure
		}
	}
	return all
}()

// partition makes blocks of the text between consecutive starts. The first start must be the text's; the ends are set here, and blocks of blanks dropped.
func partition(text string, list []block) []block {
	kept := list[:0]
	for i, b := range list {
		b.end = len(text)
		if i+1 < len(list) {
			b.end = list[i+1].start
		}
		if b.start, b.end = trim(text, b.start, b.end); b.start < b.end {
			kept = append(kept, b)
		}
	}
	return kept
}

// trim takes the blank lines and the blanks at the end off a range. The first line keeps its indentation.
func trim(text string, start, end int) (int, int) {
	end = start + len(strings.TrimRightFunc(text[start:end], unicode.IsSpace))
	for i := start; i < end; i++ {
		switch text[i] {
		case '\n':
			start = i + 1
			continue
		case ' ', '\t':
			continue
		}
		break
	}
	return start, end
}

// A section is what stands under one heading, with the heading.
type section struct {
	path   []string // the headings, outermost first, its own last
	level  int      // of its heading; 0: it has none
	blocks []block
	tokens int
	joined bool // made of several: the path is their parent's
}

// An outline is where in a document's headings the blocks stand that come next.
type outline struct {
	stack      []block        // the headings above, outermost first
	adornments map[string]int // the levels of reStructuredText's underlines
}

func (o *outline) path() []string {
	var path []string
	for _, h := range o.stack {
		if h.title != "" {
			path = append(path, h.title)
		}
	}
	return path
}

// sections groups blocks by heading. A heading without a text of its own goes with the section below it. The tokens of a section are counted up to what
// neighbours are joined up to.
func (o *outline) sections(text string, list []block, opts Options) []section {
	var (
		out   []section
		open  section
		empty = true // the open section consists of headings only
	)
	closeOpen := func() {
		if len(open.blocks) > 0 {
			_, open.tokens = scan(text[open.blocks[0].start:open.blocks[len(open.blocks)-1].end], opts.Tokens/2+1)
			out = append(out, open)
		}
		open, empty = section{}, true
	}
	for _, b := range list {
		if b.form != heading {
			if len(open.blocks) == 0 {
				open.path = o.path()
			}
			b.path = open.path
			open.blocks = append(open.blocks, b)
			empty = false
			continue
		}
		deeper := len(o.stack) > 0 && b.level > o.stack[len(o.stack)-1].level
		for len(o.stack) > 0 && o.stack[len(o.stack)-1].level >= b.level {
			o.stack = o.stack[:len(o.stack)-1]
		}
		o.stack = append(o.stack, b)
		if !(empty && deeper && len(open.blocks) > 0 && len(open.blocks) < 8) {
			closeOpen()
		}
		open.path, open.level = o.path(), b.level
		b.path = open.path
		open.blocks = append(open.blocks, b)
	}
	closeOpen()
	return out
}

// mergeTiny joins neighbours of a few words each under one parent: a glossary's entries, a page of one-line functions. Alone they are too short to be
// found for what they say; joined beyond half a chunk they would lead to the wrong section.
func mergeTiny(list []section, opts Options) []section {
	tiny, most := opts.Tokens/8, opts.Tokens/2
	var out []section
	for _, sec := range list {
		if len(out) > 0 {
			last := &out[len(out)-1]
			if sec.tokens <= tiny && last.tokens+sec.tokens <= most && (last.tokens <= tiny || last.joined) && siblings(last, sec) {
				if !last.joined {
					last.path, last.joined = last.path[:len(last.path)-1], true
				}
				last.blocks = append(last.blocks, sec.blocks...)
				last.tokens += sec.tokens
				continue
			}
		}
		sec.blocks = slices.Clip(sec.blocks)
		out = append(out, sec)
	}
	return out
}

func siblings(last *section, sec section) bool {
	n := len(sec.path)
	if n == 0 || sec.level == 0 || sec.level != last.level {
		return false
	}
	parent := last.path
	if !last.joined {
		if len(parent) != n {
			return false
		}
		parent = parent[:n-1]
	}
	return slices.Equal(parent, sec.path[:n-1])
}
