package markdown

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// differs is written before the label of a link that shows one address and leads to another.
const differs = "≠ "

// numberDefinition matches the definition of a link for a number, also in a list or a quotation.
var numberDefinition = regexp.MustCompile(`^((?:[ >]|[-*+] |\d{1,9}[.)] )*)\[(\d{1,3})\]:`)

// numberLabel matches what looks like a citation.
var numberLabel = regexp.MustCompile(`\[(\d{1,3})\]`)

// shownAddress matches the addresses that a label may show, with the host as its first group that is
// not empty: a URL, a host with www, a mail address, or a whole label that is a host.
var shownAddress = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://(?:[^\s/@]*@)?([^\s/:?#]+)|\b(www\.[^\s/:?#]+)|[^\s@]+@([^\s@/]+)|^\s*((?:[\pL\pN-]+\.)+\pL{2,})(?:[/:?#]\S*)?\s*$`)

// fileEndings are endings of file names that look like a top-level domain.
var fileEndings = []string{"adoc", "c", "css", "csv", "docx", "go", "h", "html", "java", "js", "json", "md", "org", "pdf",
	"py", "rb", "rs", "rst", "sh", "toml", "ts", "txt", "xlsx", "xml", "yaml", "yml"}

// honestLinks rewrites the links of src, which a model or a document may have chosen, so that they
// can be mistaken neither for a citation nor for a link to another place:
//
//   - The definition of a link for a number is shown as text. It would turn the citations of that
//     number into links.
//   - A number in brackets within a label gets round ones.
//   - A label that shows another address than the link leads to is marked.
func honestLinks(p parser.Parser, src string) string {
	if !strings.Contains(src, "](") && !strings.Contains(src, "]:") {
		return src
	}
	ctx := parser.NewContext()
	doc := p.Parse(text.NewReader([]byte(src)), parser.WithContext(ctx))
	if slices.ContainsFunc(ctx.References(), func(r parser.Reference) bool {
		return numberLabel.MatchString("[" + string(r.Label()) + "]")
	}) {
		src = escapeDefinitions(src)
		doc = p.Parse(text.NewReader([]byte(src)))
	}
	type edit struct {
		from, to int
		mark     bool
	}
	var edits []edit
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		var target []byte
		switch n := n.(type) {
		case *ast.Link:
			target = n.Destination
		case *ast.Image:
			target = n.Destination
		default:
			return ast.WalkContinue, nil
		}
		if from, to := span(n); entering && to > from {
			edits = append(edits, edit{from, to, misleads(src[from:to], string(target))})
		}
		return ast.WalkContinue, nil
	})
	slices.SortFunc(edits, func(a, b edit) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.from < at { // an image in a link: the link's label has been written
			continue
		}
		b.WriteString(src[at:e.from])
		if e.mark {
			b.WriteString(differs)
		}
		b.WriteString(numberLabel.ReplaceAllString(src[e.from:e.to], "($1)"))
		at = e.to
	}
	b.WriteString(src[at:])
	return b.String()
}

// escapeDefinitions escapes the definitions of links for numbers, outside of fenced code.
func escapeDefinitions(src string) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(src) {
		if mark := strings.TrimLeft(line, " >"); strings.HasPrefix(mark, "```") || strings.HasPrefix(mark, "~~~") {
			code = !code
		}
		if !code {
			line = numberDefinition.ReplaceAllString(line, `$1\[$2]:`)
		}
		b.WriteString(line)
	}
	return b.String()
}

// span returns where the text within a node begins and ends in the source; 0, 0 if it has none.
func span(n ast.Node) (from, to int) {
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering && t.Segment.Stop > t.Segment.Start {
			if to == 0 {
				from = t.Segment.Start
			}
			from, to = min(from, t.Segment.Start), max(to, t.Segment.Stop)
		}
		return ast.WalkContinue, nil
	})
	return from, to
}

// misleads reports whether a label shows the address of another host than that of the target.
func misleads(label, target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return shownAddress.MatchString(label)
	}
	host := u.Hostname()
	if _, mail, ok := strings.Cut(u.Opaque, "@"); ok && host == "" {
		host = mail
	}
	for _, found := range shownAddress.FindAllStringSubmatch(label, -1) {
		i := slices.IndexFunc(found[1:], func(s string) bool { return s != "" })
		if i < 0 {
			continue
		}
		shown := strings.ToLower(found[i+1])
		if ending := shown[strings.LastIndexByte(shown, '.')+1:]; i == 3 && slices.Contains(fileEndings, ending) {
			continue
		}
		if strings.TrimPrefix(shown, "www.") != strings.TrimPrefix(strings.ToLower(host), "www.") {
			return true
		}
	}
	return false
}
