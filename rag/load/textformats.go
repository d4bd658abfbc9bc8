package load

import (
	"context"
	"iter"
	"path"
	"strings"
)

// A textFormat says what readText does with the text of a kind, beyond decoding it. All functions
// keep the number of lines. A function that is nil is not called.
type textFormat struct {
	// fields separates front matter from a text. It returns the fields, and the text with blank
	// lines in place of the front matter.
	fields func(text string) (fieldList, string)
	// title returns the title of a text without front matter that has no field "title"; "" if it
	// has none. The text ends after 64 KB.
	title func(text string) string
	// clean removes markup that a reader does not see as text: tags, directives, identifiers. Code is
	// left as it is. name is the name of the file. The marks, if there are any, say which lines parts
	// of the text come from; one without a place ends such a part. clean may return early when the
	// context ends.
	clean func(ctx context.Context, name, text string, fields fieldList) (string, []Mark)
	// toMarkdown says that clean returns Markdown, from which a missing title is taken.
	toMarkdown bool
	// sevenBit says that people write such files, maybe in an encoding that looks like ASCII.
	sevenBit bool
}

// textFormats holds the formats that readText reads as more than lines, by their kinds.
var textFormats = map[string]textFormat{
	"text":      {sevenBit: true},
	"markdown":  {fields: takeFrontMatter, title: titleOfMarkdown, clean: readableMarkdown, sevenBit: true},
	"rst":       {fields: takeDocinfo, title: titleOfRST, clean: textOnly(readableRST), sevenBit: true},
	"org":       {fields: takeOrgKeywords, clean: textOnly(readableOrg), sevenBit: true},
	"asciidoc":  {fields: takeAsciiDocHeader, title: titleOfAsciiDoc, clean: readableAsciiDoc, toMarkdown: true, sevenBit: true},
	"texinfo":   {fields: takeTexinfoFields, clean: textOnly(readableTexinfo), toMarkdown: true},
	"typst":     {fields: takeTypstFields, clean: textOnly(readableTypst), toMarkdown: true},
	"mediawiki": {fields: takeCategories, clean: textOnly(readableMediaWiki), toMarkdown: true},
}

// textOnly returns a textFormat.clean that depends on the text alone.
func textOnly(clean func(context.Context, string) string) func(context.Context, string, string, fieldList) (string, []Mark) {
	return func(ctx context.Context, _, text string, _ fieldList) (string, []Mark) { return clean(ctx, text), nil }
}

// untilDone iterates over lines and their indices, and stops early when the context ends.
func untilDone(ctx context.Context, lines []string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i, line := range lines {
			if i%1000 == 0 && ctx.Err() != nil || !yield(i, line) {
				return
			}
		}
	}
}

// readableMarkdown removes tags, directives and identifiers from Markdown, and components from MDX.
func readableMarkdown(ctx context.Context, name, text string, _ fieldList) (string, []Mark) {
	m := markdownCleaner{components: strings.EqualFold(path.Ext(name), ".mdx")}
	return m.clean(ctx, text), nil
}
