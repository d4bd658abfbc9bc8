package llm

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/rag/lazyregexp"
)

// Citations is the text of an answer and the passages that it cites.
type Citations struct {
	Text  string // with each citation in the form [1], or [1][3] for several passages
	Cited []int  // the numbers in Text, in the order of their first citation
	// Removed lists the citations of passages that do not exist, as the model wrote them.
	Removed []string
}

// Cite finds the citations of an answer that was given passages, numbered from 1. It changes the
// text only where a bracket is certainly a citation: it rewrites every form of citation ([1, 3],
// [1-3], [Source: 2], (source 2), 【1:0†file】, [install.md:5-11], [^1]) as [1], and removes the
// numbers of passages that do not exist. Everything else is left as the model wrote it: code,
// links, footnote definitions, intervals such as [0, 1], patterns such as [0-9]+, an index directly
// behind an identifier (argv[1]), and the references of the documents themselves (RFC [12]).
func Cite(text string, given []Passage) Citations {
	if len(given) == 0 {
		return Citations{Text: text}
	}
	c := citer{text: text, plain: maskCode(text), places: locationsOf(given), given: given}
	c.find()
	c.judge()
	return c.rewrite()
}

// A citer finds the citations of one text.
type citer struct {
	text   string
	plain  string // text with code masked: every offset is the same
	given  []Passage
	places []location
	groups []group
}

// A group is a bracket whose content has the form of a citation.
type group struct {
	start, end int // offsets in the text, brackets included
	form
	attached bool // directly behind an identifier
	entry    bool // begins an entry of a list of sources
	use      use
}

// use is the decision about a group.
type use uint8

const (
	useText  use = iota // not a citation: kept as text
	useCite             // a citation: rewritten as [n]
	useEntry            // an entry in a list of sources: kept, and counted only if the answer has no other citations
	useNone             // a citation of passages that do not exist: removed
)

// codeMask replaces the bytes of code. It occurs in no citation, identifier or word.
const codeMask = "\x01"

// maskCode replaces each byte of code except line breaks by codeMask, so that offsets and lines
// stay the same.
func maskCode(text string) string {
	var b strings.Builder
	for _, part := range splitCode(text) {
		if !part.code {
			b.WriteString(part.text)
			continue
		}
		for i := range len(part.text) {
			if part.text[i] == '\n' {
				b.WriteByte('\n')
			} else {
				b.WriteString(codeMask)
			}
		}
	}
	return b.String()
}

var (
	bracket = lazyregexp.New(`[\[【［〔][^\[\]【】［］〔〕\n]{1,160}[\]】］〕]|[(（](?i:see )?(?i:` + keyword +
		`)[\s.:：#\d][^()（）\n]{0,80}[)）]`)
	// linkTarget matches the parenthesised address that makes the bracket before it a Markdown
	// link.
	linkTarget = lazyregexp.New(`^\([^\s()]*(?:\([^\s()]*\)[^\s()]*)*(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\)`)
	// reference matches the second bracket of a link such as [text][x].
	reference = lazyregexp.New(`^\[[^\[\]\n]{1,80}\]`)
	// lineLead matches what may come before the first word of a line.
	lineLead   = lazyregexp.New(`^[ \t>*+-]*(?:\d{1,3}[.)][ \t]+)?$`)
	sourceList = lazyregexp.New(`(?im)^[ \t#*_]*(?:sources?|references?|citations?|quellen?|fuentes?|fonti|` +
		`источники|lähteet|källor|出典|来源)[ \t*_]*[:：]?[ \t*_]*$`)
)

// find collects the groups, from left to right, and skips brackets in positions where no citation
// can be.
func (c *citer) find() {
	list := len(c.text) // offset at which a list of sources begins
	if all := sourceList.FindAllStringIndex(c.plain, -1); all != nil {
		list = all[len(all)-1][1]
	}
	refused := -1 // end of the last bracket that is not a citation
	for _, at := range bracket.FindAllStringIndex(c.plain, -1) {
		start, end := at[0], at[1]
		_, open := utf8.DecodeRuneInString(c.plain[start:])
		_, shut := utf8.DecodeLastRuneInString(c.plain[:end])
		f, ok := c.parse(c.plain[start+open:end-shut], c.plain[start])
		if !ok || refused == start || !c.possible(start, end, f) {
			refused = end
			continue
		}
		g := group{start: start, end: end, form: f, attached: c.behindIdentifier(start)}
		if last := len(c.groups) - 1; last >= 0 && c.groups[last].end == start {
			g.attached = c.groups[last].attached
		}
		line := c.plain[strings.LastIndexByte(c.plain[:start], '\n')+1 : start]
		if lineLead.MatchString(line) {
			rest, _, _ := strings.Cut(c.plain[end:], "\n")
			g.entry = start >= list || c.namesSource(rest, f.numbers)
		}
		c.groups = append(c.groups, g)
	}
}

// possible reports whether a bracket can be a citation by its position: it is not escaped, not a
// link, image or definition, not part of a pattern and not the value of an assignment.
func (c *citer) possible(start, end int, f form) bool {
	before, after := c.plain[:start], c.plain[end:]
	escapes := len(before) - len(strings.TrimRight(before, `\`))
	if escapes%2 == 1 || strings.HasSuffix(before, "!") && strings.HasPrefix(after, "(") {
		return false
	}
	if c.plain[start] == '[' {
		line := before[strings.LastIndexByte(before, '\n')+1:]
		if linkTarget.MatchString(after) || strings.HasPrefix(after, ":") && lineLead.MatchString(line) {
			return false
		}
		if r := reference.FindString(after); r != "" && strings.Contains(c.plain, "\n"+r+":") {
			return false
		}
	}
	if f.named {
		return true
	}
	if after != "" && strings.ContainsRune("+*{", rune(after[0])) && !strings.HasPrefix(after, "**") {
		return false
	}
	trimmed := strings.TrimRight(before, " \t")
	last, _ := utf8.DecodeLastRuneInString(trimmed)
	if strings.ContainsRune(`=<>^/\∈≤≥×÷@&%$`, last) && trimmed != "" || strings.HasSuffix(trimmed, `":`) {
		return false
	}
	return !f.several || !intervalWord.MatchString(trimmed)
}

// intervalWord matches the word before an interval or an array.
var intervalWord = lazyregexp.New(`(?i)(?:^|[^\pL])(?:range|interval|between|domain|array|vector|tuple|list|shape|` +
	`set|scale|values?|bereich|intervall|zwischen|intervalle|intervalo|rango)(?: (?:of|from|is|are|in|von|ist|de))?$`)

// judge sets the use of each group.
func (c *citer) judge() {
	close := c.attachedStyle()
	any := false
	for i := range c.groups {
		g := &c.groups[i]
		existing := g.existing(len(c.given))
		switch {
		case g.entry:
			g.use = useEntry
		case g.attached && !g.named && !close:
		case len(existing) == len(g.numbers) && len(existing) > 0:
			g.use = useCite
		case len(existing) > 0 && !g.span && !slices.Contains(g.numbers, 0) && (g.named || c.endsClause(g.end)):
			g.use = useCite
		}
		any = any || g.use == useCite
	}
	for i := range c.groups {
		if g := &c.groups[i]; g.use == useText && c.missing(g, any) {
			g.use = useNone
		}
	}
}

// missing reports whether a group is certainly a citation and none of its passages exists. cites
// says that the answer has other citations.
func (c *citer) missing(g *group, cites bool) bool {
	if g.entry || len(g.existing(len(c.given))) > 0 || g.attached && !g.named {
		return false
	}
	if g.always {
		return true
	}
	last := slices.Max(g.numbers)
	if g.span || slices.Contains(g.numbers, 0) || last > 99 || c.quoted(c.text[g.start:g.end]) {
		return false
	}
	follows := slices.ContainsFunc(c.groups, func(o group) bool { return o.end == g.start && (o.use == useCite || o.use == useNone) })
	return (follows || c.afterWord(g.start)) && (cites || g.named || c.endsClause(g.end))
}

// ended reports whether a citation ends at an offset.
func (c *citer) ended(at int) bool {
	return slices.ContainsFunc(c.groups, func(g group) bool { return g.end == at && g.use == useCite })
}

// quoted reports whether a given passage contains the bracket, which is then a reference of that
// document.
func (c *citer) quoted(bracket string) bool {
	return slices.ContainsFunc(c.given, func(p Passage) bool { return strings.Contains(p.Text, bracket) })
}

// attachedStyle reports whether the answer consistently writes citations without a space before
// them: several words are followed by one, each at the end of a clause, and no citation has a space
// before it.
func (c *citer) attachedStyle() bool {
	words := map[string]bool{}
	for _, g := range c.groups {
		if g.named || g.entry {
			continue
		}
		if !g.attached || len(g.existing(len(c.given))) != len(g.numbers) {
			return false
		}
		if word := c.wordBefore(g.start); word != "" {
			words[word] = true
			if codeWord.MatchString(word) || !c.endsClause(g.end) {
				return false
			}
		}
	}
	return len(words) > 1
}

// codeWord matches words of code rather than of prose.
var codeWord = lazyregexp.New(`[_$\d]|\pL\p{Lu}|^\pL{1,2}$|^(?i:arg[vs]|arr|array|list|items?|rows?|data|buf|tmp)$`)

// wordBefore returns the word or identifier directly before an offset.
func (c *citer) wordBefore(at int) string {
	before := c.plain[:at]
	return before[len(strings.TrimRightFunc(before, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_$'’", r)
	})):]
}

// behindIdentifier reports whether a bracket at an offset directly follows a word of an alphabet, a
// number, or a call. Scripts without spaces between words have no identifiers.
func (c *citer) behindIdentifier(at int) bool {
	before := c.plain[:at]
	r, size := utf8.DecodeLastRuneInString(before)
	if r == ')' {
		open := strings.LastIndexByte(before, '(')
		return open > 0 && c.behindIdentifier(open)
	}
	return size > 0 && (unicode.IsDigit(r) || strings.ContainsRune("_$", r) ||
		unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic))
}

// endsClause reports whether a clause ends at an offset: punctuation, the end of the line or
// another bracket follows.
func (c *citer) endsClause(at int) bool {
	rest := strings.TrimLeft(c.plain[at:], " \t*_")
	r, size := utf8.DecodeRuneInString(rest)
	if size == 0 || r == '\n' {
		return true
	}
	return strings.ContainsRune(".,;:!?。，、；：！？…)）]|–—[【［", r)
}

var (
	// unit matches a number with a unit, such as "20 MB".
	unit         = lazyregexp.New(`\d\s*\p{Lu}{1,4}$`)
	acronym      = lazyregexp.New(`(?:^|[^\pL\d])\p{Lu}[\p{Lu}\d-]+$`)
	numberedWord = lazyregexp.New(`(?i)(?:^|[^\pL])(?:rfc|pep|figure|fig\.?|table|chapter|section|step|item|` +
		`error|code|status|exit|page|line|version|note|ref\.?|reference|equation|eq\.?|option|level|part|` +
		`abbildung|tabelle|kapitel|abschnitt|schritt|fehler|seite|zeile|et al\.?)$`)
)

// afterWord reports whether a space and an ordinary word, a number with a unit or a closing mark
// come before an offset, and no word that is often numbered (see numberedWord).
func (c *citer) afterWord(at int) bool {
	before := c.plain[:at]
	trimmed := strings.TrimRight(before, " \t")
	if trimmed == before && !strings.HasSuffix(before, "(") {
		r, _ := utf8.DecodeLastRuneInString(before)
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) ||
			strings.ContainsRune(".。，", r)
	}
	trimmed = strings.TrimRight(trimmed, "( ")
	line := trimmed[strings.LastIndexByte(trimmed, '\n')+1:]
	if strings.Count(line, "[") > strings.Count(line, "]") || numberedWord.MatchString(line) {
		return false
	}
	if acronym.MatchString(line) && !unit.MatchString(line) {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(line)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(`.,;:!?%"'”’*_`+codeMask, r)
}

// followedByBracket reports whether a bracket that is kept stands directly behind a removed one, or
// behind further removed ones.
func (c *citer) followedByBracket(i int) bool {
	for ; i+1 < len(c.groups) && c.groups[i+1].start == c.groups[i].end; i++ {
		if c.groups[i+1].use != useNone {
			return true
		}
	}
	return false
}

// rewrite returns the text with its citations in one form.
func (c *citer) rewrite() (out Citations) {
	var b strings.Builder
	from := 0
	cite := func(k int) {
		if !slices.Contains(out.Cited, k) {
			out.Cited = append(out.Cited, k)
		}
	}
	for i, g := range c.groups {
		written := c.text[g.start:g.end]
		before := c.text[from:g.start]
		switch g.use {
		case useCite:
			b.WriteString(before)
			if g.attached && !c.ended(g.start) {
				b.WriteByte(' ') // directly after a word it would look like an index
			}
			existing := g.existing(len(c.given))
			for _, k := range existing {
				b.WriteString("[" + strconv.Itoa(k) + "]")
				cite(k)
			}
			if linkTarget.MatchString(c.text[g.end:]) {
				b.WriteByte(' ') // it must not become a link
			}
			if len(existing) < len(g.numbers) {
				out.Removed = append(out.Removed, written)
			}
		case useNone:
			if !c.followedByBracket(i) {
				before = strings.TrimRight(before, " \t")
			}
			b.WriteString(before)
			out.Removed = append(out.Removed, written)
		default:
			continue
		}
		from = g.end
	}
	b.WriteString(c.text[from:])
	out.Text = b.String()
	if len(out.Cited) == 0 { // the answer cites in a list of sources only
		for _, g := range c.groups {
			for _, k := range g.existing(len(c.given)) {
				if g.use == useEntry {
					cite(k)
				}
			}
		}
	}
	return out
}
