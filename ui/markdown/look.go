package markdown

import (
	"fmt"

	"charm.land/glamour/v2/ansi"

	"weft/ui/theme"
)

// LookOf returns how Markdown is drawn in a theme: mainly by weight and shape, with the theme's few
// colours, on the terminal's own background.
func LookOf(t theme.Theme) Look {
	yes, two := true, uint(2)
	heading := ansi.StyleBlock{
		StylePrimitive: ansi.StylePrimitive{Color: colour(t.Heading), Bold: &yes, BlockSuffix: "\n"},
	}
	s := ansi.StyleConfig{
		BlockQuote:            ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{Italic: &yes}, Indent: new(uint), IndentToken: ptr("│ ")},
		List:                  ansi.StyleList{LevelIndent: 2},
		Heading:               heading,
		Strikethrough:         ansi.StylePrimitive{CrossedOut: &yes},
		Emph:                  ansi.StylePrimitive{Italic: &yes},
		Strong:                ansi.StylePrimitive{Bold: &yes},
		HorizontalRule:        ansi.StylePrimitive{Color: colour(t.Faint), Format: "\n────────\n"},
		Item:                  ansi.StylePrimitive{BlockPrefix: "• "},
		Enumeration:           ansi.StylePrimitive{BlockPrefix: ". "},
		Task:                  ansi.StyleTask{Ticked: "[x] ", Unticked: "[ ] "},
		Link:                  ansi.StylePrimitive{Color: colour(t.Link), Underline: &yes},
		LinkText:              ansi.StylePrimitive{Color: colour(t.Link)},
		Image:                 ansi.StylePrimitive{Color: colour(t.Link), Underline: &yes},
		ImageText:             ansi.StylePrimitive{Color: colour(t.Muted), Format: "image: {{.text}}"},
		Code:                  ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{Color: colour(t.Code)}},
		CodeBlock:             ansi.StyleCodeBlock{StyleBlock: ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{Color: colour(t.Code)}, Margin: &two}},
		DefinitionDescription: ansi.StylePrimitive{BlockPrefix: "\n→ "},
	}
	*s.BlockQuote.Indent = 1
	switch {
	case t.Code.Fg == nil:
		s.Code.Prefix, s.Code.Suffix = "`", "`" // without colours, backquotes mark code
		s.Heading.Prefix = "# "
	case t.Name == theme.Neutral().Name:
		s.CodeBlock.Chroma = neutral(t)
	case t.Dark:
		s.CodeBlock.Theme = "tokyonight-moon"
	default:
		s.CodeBlock.Theme = "tokyonight-day"
	}
	return Look{Styles: s, Cite: t.Citation, Rule: t.Border, Label: t.Muted, Ground: t.Ground()}
}

// neutral returns colours for code that are readable on any background. Tokens that it does not
// list have the terminal's own colour.
func neutral(t theme.Theme) *ansi.Chroma {
	in := func(s theme.Style) ansi.StylePrimitive { return ansi.StylePrimitive{Color: colour(s)} }
	return &ansi.Chroma{
		Comment: in(t.Muted), CommentPreproc: in(t.Muted), Keyword: in(t.Event),
		KeywordType: in(t.Code), NameBuiltin: in(t.Code), NameClass: in(t.Code),
		NameFunction: in(t.Link), NameTag: in(t.Link), NameAttribute: in(t.Code), NameDecorator: in(t.Citation),
		LiteralNumber: in(t.Citation), LiteralString: in(t.Done),
		LiteralStringEscape: in(t.Citation), GenericDeleted: in(t.Removed),
		GenericInserted: in(t.Added),
	}
}

func ptr(s string) *string { return &s }

// colour returns a style's foreground in glamour's notation; nil is the terminal's own.
func colour(s theme.Style) *string {
	if s.Fg == nil {
		return nil
	}
	r, g, b, _ := s.Fg.RGBA()
	return ptr(fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8))
}
