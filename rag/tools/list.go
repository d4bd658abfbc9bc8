package tools

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// mostEntries is the number of entries that a list has at most.
const mostEntries = 500

// ListInput is the input of the tool list.
type ListInput struct {
	Under string `json:"under,omitempty" jsonschema:"folder to list, relative to the corpus; the corpus if left out"`
	Glob  string `json:"glob,omitempty" jsonschema:"list documents whose path below the folder matches, at any depth: *.md, api/**, **/install*; without it only what is directly in the folder is listed"`
}

// An Entry is a document or a folder.
type Entry struct {
	Path      string `json:"path"`
	Folder    bool   `json:"folder,omitempty" jsonschema:"it is a folder"`
	Kind      string `json:"kind,omitempty" jsonschema:"of a document: markdown, pdf, source and so on"`
	Size      int    `json:"size" jsonschema:"bytes of text that can be read, of a folder all of its documents together"`
	Documents int    `json:"documents,omitempty" jsonschema:"of a folder: the documents in it, at any depth"`
}

// ListOutput is the result of the tool list.
type ListOutput struct {
	Entries    []Entry `json:"entries" jsonschema:"by path"`
	LeftOut    int     `json:"left_out,omitempty" jsonschema:"entries left out because the list would be too long: list a folder, or give a narrower glob"`
	Incomplete string  `json:"incomplete,omitempty" jsonschema:"which documents could not be listed yet"`
}

// List returns the indexed documents and folders in a folder, or the documents that match a glob.
func (d *Documents) List(ctx context.Context, in ListInput) (ListOutput, error) {
	out := ListOutput{Entries: []Entry{}}
	under, err := d.relative(in.Under)
	if err != nil {
		return out, err
	}
	match, err := glob(in.Glob)
	if err != nil {
		return out, err
	}
	t, err := d.tree(ctx)
	if err != nil {
		return out, err
	}
	out.Incomplete = d.missing()
	files, err := t.under(under)
	if err != nil {
		return out, err
	}
	all := directly(files, under)
	if match != nil {
		all = all[:0]
		for _, f := range files {
			below := strings.TrimPrefix(strings.TrimPrefix(f.path, under), "/")
			if match.MatchString(below) || !strings.Contains(in.Glob, "/") && match.MatchString(path.Base(f.path)) {
				all = append(all, Entry{Path: f.path, Kind: f.kind, Size: f.size})
			}
		}
	}
	out.LeftOut = max(0, len(all)-mostEntries)
	out.Entries = append(out.Entries, all[:min(len(all), mostEntries)]...)
	return out, nil
}

// directly returns the documents and folders that are directly in a folder.
func directly(files []document, under string) []Entry {
	var out []Entry
	at := map[string]int{}
	for _, f := range files {
		below := strings.TrimPrefix(strings.TrimPrefix(f.path, under), "/")
		folder, _, deeper := strings.Cut(below, "/")
		if !deeper {
			out = append(out, Entry{Path: f.path, Kind: f.kind, Size: f.size})
			continue
		}
		p := path.Join(under, folder)
		if _, known := at[p]; !known {
			at[p] = len(out)
			out = append(out, Entry{Path: p, Folder: true})
		}
		e := &out[at[p]]
		e.Size += f.size
		e.Documents++
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// glob compiles a glob: * and ? stop at a slash, ** does not, [a-z] is a set of characters and
// {a,b} a choice. It returns nil for "".
func glob(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, nil
	}
	var b strings.Builder
	b.WriteString(`^(?:`)
	rest, depth := strings.TrimPrefix(pattern, "./"), 0
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString(`(?:.*/)?`)
			rest = rest[3:]
			continue
		case strings.HasPrefix(rest, "**"):
			b.WriteString(`.*`)
			rest = rest[2:]
			continue
		case rest[0] == '*':
			b.WriteString(`[^/]*`)
		case rest[0] == '?':
			b.WriteString(`[^/]`)
		case rest[0] == '[' && strings.Contains(rest[1:], "]"):
			end := 1 + strings.Index(rest[1:], "]")
			set := strings.ReplaceAll(rest[1:end], `\`, `\\`)
			if strings.HasPrefix(set, "!") {
				set = "^" + set[1:]
			}
			b.WriteString("[" + set + "]")
			rest = rest[end+1:]
			continue
		case rest[0] == '{':
			depth++
			b.WriteString(`(?:`)
		case rest[0] == '}' && depth > 0:
			depth--
			b.WriteString(`)`)
		case rest[0] == ',' && depth > 0:
			b.WriteString(`|`)
		default:
			n := 1
			for n < len(rest) && !strings.ContainsRune(`*?[{},`, rune(rest[n])) {
				n++
			}
			b.WriteString(regexp.QuoteMeta(rest[:n]))
			rest = rest[n:]
			continue
		}
		rest = rest[1:]
	}
	b.WriteString(`)$`)
	expr, err := regexp.Compile(b.String())
	if err != nil || depth > 0 {
		return nil, &Error{fmt.Sprintf("glob %q cannot be understood", pattern), "close every { and [; an example is docs/**/*.md"}
	}
	return expr, nil
}

// Summary describes the result in one line.
func (o ListOutput) Summary() string {
	folders := 0
	for _, e := range o.Entries {
		if e.Folder {
			folders++
		}
	}
	s := count(len(o.Entries)-folders, "document")
	if folders > 0 {
		s += " and " + count(folders, "folder")
	}
	if o.LeftOut > 0 {
		s += fmt.Sprintf(", %d left out", o.LeftOut)
	}
	return incomplete(s, o.Incomplete)
}
