package chunk

import (
	"slices"
	"strings"
	"unicode"
)

// A form says where a block may be cut.
type form int

const (
	prose   form = iota // between sentences
	lines               // between lines: code, settings, logs
	fence               // not at all up to Options.Fence tokens, then between lines
	row                 // not at all; between rows
	heading             // not at all; begins a section
)

// A block is a part of a document's structure: the bytes from start to end, without surrounding
// blanks.
type block struct {
	start, end int
	form       form
	level      int    // of a heading, from 1
	title      string // of a heading
	header     string // of a row: the table's header row
	kind       Kind
	depth      int      // number of lists around the block
	path       []string // headings above the block; set by outline.sections
}

// blocks returns the blocks of a text, in order. They cover all of the text except blanks.
// adornments holds the heading levels of the reStructuredText underlines seen so far.
func blocks(kind, text string, adornments map[string]int) []block {
	// A long text with very short lines is data, regardless of the file's name.
	if len(text) > 64<<10 && strings.Count(text, "\n") > len(text)/8 {
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

// structures maps a kind of document to the structure of its text. A missing kind means prose. Most
// readers produce Markdown.
var structures = func() map[string]string {
	all := map[string]string{}
	for structure, kinds := range map[string]string{
		"markdown": "markdown html docx pptx odt odp rtf doc ppt msg epub notebook mail mbox mhtml calendar archive " +
			"docbook jats fb2 man texinfo typst mediawiki asciidoc",
		"source":   "source",
		"settings": "json yaml toml",
		"rows":     "csv tsv xlsx ods xls",
		"prose":    "text rst org log pdf picture recording",
	} {
		for kind := range strings.FieldsSeq(kinds) {
			all[kind] = structure
		}
	}
	return all
}()

// partition turns starts into blocks: it sets each block's end to the start of the next one, trims
// blanks and drops empty blocks. The first block must start at 0.
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

// trim removes leading blank lines and trailing blanks from a range. The first line keeps its
// indentation.
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

// A section is a heading and the blocks under it.
type section struct {
	path   []string // headings, outermost first, including the section's own
	level  int      // of its heading; 0: no heading
	blocks []block
	tokens int
	joined bool // made of several sections; path is their parent's
}

// An outline is the position in a document's headings, kept from one window of the text to the
// next.
type outline struct {
	stack      []block        // headings above the next block, outermost first
	adornments map[string]int // heading levels of reStructuredText underlines
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

// sections groups blocks by heading. A heading without text of its own joins the section below it.
// Tokens are counted up to just over half a chunk, which is all that mergeTiny needs.
func (o *outline) sections(text string, list []block, opts Options) []section {
	var (
		out   []section
		open  section
		empty = true // the open section has headings only
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

// mergeTiny joins neighbouring sections of a few words under one parent, such as the entries of a
// glossary or a page of one-line functions. Alone they are too short to be found by their content;
// joined beyond half a chunk they would lead to the wrong section.
func mergeTiny(list []section, opts Options) []section {
	tiny, most := opts.Tokens/8, opts.Tokens/2
	var out []section
	for _, sec := range list {
		if len(out) > 0 {
			last := &out[len(out)-1]
			if sec.tokens <= tiny && last.tokens+sec.tokens <= most && (last.tokens <= tiny || last.joined) &&
				siblings(last, sec) {
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
