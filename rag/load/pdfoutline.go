package load

import (
	"slices"
	"strings"
)

// markHeadings turns the lines of a page that match outline entries into Markdown headings. Entries
// are matched in order. A heading may extend over up to three lines, and its number may be missing
// in the outline.
func markHeadings(lines []string, entries []pdfHeading) []string {
	bare := func(s string) string {
		return strings.ToLower(strings.Join(strings.FieldsFunc(s,
			func(r rune) bool { return r == ' ' || r == '.' }), ""))
	}
	unnumbered := func(s string) string { return strings.TrimLeft(s, "0123456789") }
	from := 0
	for _, e := range entries {
		want := bare(e.Title)
	search:
		for i := from; i < len(lines); i++ {
			if lines[i] == "" {
				continue
			}
			joined, text := "", ""
			for n := i; n < len(lines) && n < i+3; n++ {
				joined += bare(lines[n])
				text = strings.TrimSpace(text + " " + lines[n])
				if joined != want && (unnumbered(joined) != unnumbered(want) || unnumbered(want) == "") {
					if len(joined) > len(want)+8 {
						break
					}
					continue
				}
				heading := []string{"", strings.Repeat("#", min(e.Level, 6)) + " " + text, ""}
				lines = slices.Replace(lines, i, n+1, heading...)
				from = i + len(heading)
				break search
			}
		}
	}
	var out []string
	for _, l := range lines { // collapse empty lines
		if l != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, l)
		}
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}
