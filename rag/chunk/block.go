package chunk

import (
	"fmt"
	"slices"
	"strings"
)

// A Kind is the kind of a [Block].
type Kind uint8

// The kinds of blocks.
const (
	Paragraph  Kind = iota // prose
	Heading                // a heading, with its marks or underline
	Item                   // a list item, with its marker; its other blocks have the same depth
	Columns                // the table row that names the columns
	Row                    // any other row of a table
	Code                   // a code block, with its fences if there are any
	Quote                  // a quotation, with its markers
	Definition             // a term and its meaning, which is indented below it
	Lines                  // line-oriented text: settings, logs, source code
	Markup                 // text for programs, not readers: tags, directives, link targets
)

var kindNames = [...]string{"paragraph", "heading", "item", "columns", "row", "code", "quote", "definition",
	"lines", "markup"}

// String returns the kind's name: "paragraph", "row".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name.
func (k *Kind) UnmarshalText(b []byte) error {
	i := slices.Index(kindNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("chunk: %q is no kind of block", b)
	}
	*k = Kind(i)
	return nil
}

// A Block is a part of a passage's structure. The blocks of a passage are in order, do not overlap,
// and cover all of its text except white space. When a passage holds only a part of a document's
// block, Block describes that part.
type Block struct {
	Kind Kind `json:"kind"`
	// Start is a byte offset in the passage's text, at the start of a line.
	Start int `json:"start"`
	// End is the byte offset of the end, exclusive.
	End int `json:"end"`
	// Depth is the number of lists around the block.
	Depth int `json:"depth,omitempty"`
	// Under holds the headings above the block, outermost first; nil means the passage's headings.
	Under []string `json:"under,omitempty"`
}

// HeadingOf returns the headings above block b, outermost first. The headings above a heading block
// include that heading itself.
func (c *Chunk) HeadingOf(b Block) []string {
	if b.Under != nil {
		return b.Under
	}
	return c.Heading
}

// Structure returns the passage's blocks. A passage without blocks is treated as one paragraph.
func (c *Chunk) Structure() []Block {
	if len(c.Blocks) > 0 || c.Text == "" {
		return c.Blocks
	}
	return []Block{{Kind: Paragraph, End: len(c.Text)}}
}

// WithHeader returns a copy of c in which Header, the header row of a continued table, is part of
// Text and has a block of its own.
func (c *Chunk) WithHeader() Chunk {
	w := *c
	if c.Header == "" {
		return w
	}
	head := strings.TrimRight(c.Header, "\n")
	w.Header, w.Text = "", head+"\n"+c.Text
	w.Blocks = make([]Block, 0, len(c.Blocks)+1)
	w.Blocks = append(w.Blocks, Block{Kind: Columns, End: len(head)})
	for _, b := range c.Structure() {
		b.Start += len(head) + 1
		b.End += len(head) + 1
		w.Blocks = append(w.Blocks, b)
	}
	return w
}
