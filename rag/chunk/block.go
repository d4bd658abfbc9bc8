package chunk

import (
	"fmt"
	"slices"
	"strings"
)

// A Kind says what a block of a passage is.
type Kind uint8

// The kinds of blocks.
const (
	Paragraph  Kind = iota // prose
	Heading                // a heading, with its marks or underline
	Item                   // an item of a list, with its marker; what belongs to it follows with the same depth
	Columns                // the row of a table that names the columns
	Row                    // any other row of a table
	Code                   // a code block, with its fences if it has some
	Quote                  // a quotation, with its markers
	Definition             // a term and, indented below it, what it means
	Lines                  // settings, logs, source code: text of which each line stands by itself
	Markup                 // what is written for a program and not for a reader: tags, directives, targets of links
)

var kindNames = [...]string{"paragraph", "heading", "item", "columns", "row", "code", "quote", "definition", "lines", "markup"}

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

// A Block is a piece of a passage's structure. The blocks of a passage are in order, do not overlap, and cover all of its
// text but the white space between them. Where a passage cuts a block, the block is the part that stands in the passage.
type Block struct {
	Kind  Kind     `json:"kind"`
	Start int      `json:"start"`           // byte offset in the passage's text, at the beginning of a line
	End   int      `json:"end"`             // byte offset behind its last byte
	Depth int      `json:"depth,omitempty"` // how many lists it stands in
	Under []string `json:"under,omitempty"` // the headings above it, outermost first, where they differ from the passage's
}

// HeadingOf returns the headings above a block of the passage, outermost first. A heading stands below itself.
func (c *Chunk) HeadingOf(b Block) []string {
	if b.Under != nil {
		return b.Under
	}
	return c.Heading
}

// LinesOf returns the first and the last line of a block, counted as the passage's own lines are.
func (c *Chunk) LinesOf(b Block) (first, last int) {
	first = c.Line + strings.Count(c.Text[:b.Start], "\n")
	return first, first + strings.Count(c.Text[b.Start:b.End], "\n")
}

// Structure returns the passage's blocks. A passage that came without any is one paragraph.
func (c *Chunk) Structure() []Block {
	if len(c.Blocks) > 0 || c.Text == "" {
		return c.Blocks
	}
	return []Block{{Kind: Paragraph, End: len(c.Text)}}
}

// Whole returns the passage with the head of the table that it continues before its text, as one more block.
func (c *Chunk) Whole() Chunk {
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
