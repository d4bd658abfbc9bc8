package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"weft/rag/chunk"
	"weft/rag/index"
	"weft/rag/retrieve"
)

// Documents are the indexed documents, as the tools see them. The tools read the index and never a
// file, so what the index leaves out (ignored files, secrets, whatever a symbolic link leads to) is
// out of their reach. A Documents is safe for concurrent use; its fields must not be changed.
type Documents struct {
	// Retriever returns the retriever. It may wait for the index.
	Retriever func(ctx context.Context) (*retrieve.Retriever, error)
	// Missing describes the documents that cannot be searched yet; nil, or "": there are none.
	Missing func() string
	// Folders holds the absolute directories of the corpus by the prefix of their paths, as
	// [load.Folders] returns them, so that absolute paths are understood; nil: they are not.
	Folders map[string]string
	// Scope lists the files and folders that the tools see; none: all of the corpus.
	Scope []string

	mu   sync.Mutex
	last *tree // of the view that was used last
}

// An Error says why a tool call has no result, and what to do. Its text is meant for a model as
// well as for a person.
type Error struct {
	Reason string
	Advice string // "": there is none
}

func (e *Error) Error() string {
	if e.Advice == "" {
		return e.Reason
	}
	return e.Reason + ": " + e.Advice
}

// A tree is the list of the documents of one view.
type tree struct {
	view  *index.View
	files []document // by path
	byID  map[string]index.ID
}

// A document is one file of a tree.
type document struct {
	path     string
	kind     string
	size     int // bytes of its text up to the end of its last passage
	passages []index.ID
}

// tree returns the documents of the current view.
func (d *Documents) tree(ctx context.Context) (*tree, error) {
	r, err := d.Retriever(ctx)
	if err != nil {
		return nil, err
	}
	view := r.View()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil || d.last.view != view {
		d.last = newTree(view, retrieve.ScopeOf(d.Scope))
	}
	return d.last, nil
}

func newTree(v *index.View, scope index.Scope) *tree {
	t := &tree{view: v, byID: make(map[string]index.ID, v.Len())}
	v.Each(func(id index.ID, c *chunk.Chunk) {
		if scope != nil && !scope(c) {
			return
		}
		t.byID[c.ID] = id
		if n := len(t.files); n == 0 || t.files[n-1].path != c.Path {
			t.files = append(t.files, document{path: c.Path, kind: v.Kind(id)})
		}
		f := &t.files[len(t.files)-1]
		f.size = max(f.size, c.End)
		f.passages = append(f.passages, id)
	})
	return t
}

// missing returns what cannot be searched yet.
func (d *Documents) missing() string {
	if d.Missing == nil {
		return ""
	}
	return d.Missing()
}

// file returns the document at a path. The error names documents with similar paths.
func (t *tree) file(at string) (*document, error) {
	i, found := sort.Find(len(t.files), func(i int) int { return strings.Compare(at, t.files[i].path) })
	if found {
		return &t.files[i], nil
	}
	want := norm.NFC.String(at)
	for i := range t.files { // file systems differ in the form of accents
		if norm.NFC.String(t.files[i].path) == want {
			return &t.files[i], nil
		}
	}
	if below := t.below(at); len(below) > 0 {
		return nil, &Error{fmt.Sprintf("%s is a folder", at), "list it, or read one of its documents, such as " + below[0].path}
	}
	near := t.similar(at)
	if len(near) == 0 {
		return nil, &Error{"there is no indexed document " + at, "list shows the documents; paths are relative to the corpus"}
	}
	return nil, &Error{"there is no indexed document " + at, "did you mean " + strings.Join(near, " or ") + "?"}
}

// below returns the documents at or below a path; "" and "." are the whole corpus.
func (t *tree) below(at string) []document {
	if at == "" || at == "." {
		return t.files
	}
	at = norm.NFC.String(at)
	var out []document
	for _, f := range t.files {
		if rest, ok := strings.CutPrefix(norm.NFC.String(f.path), at); ok && (rest == "" || rest[0] == '/') {
			out = append(out, f)
		}
	}
	return out
}

// under returns the documents at or below a path. The error says that there are none.
func (t *tree) under(at string) ([]document, error) {
	files := t.below(at)
	if len(files) > 0 || at == "" || at == "." {
		return files, nil
	}
	advice := "list without under shows the folders; paths are relative to the corpus"
	if near := t.similar(at); len(near) > 0 {
		advice = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return nil, &Error{"nothing that is indexed is at or below " + at, advice}
}

// mostSimilar is the number of similar paths that an error names.
const mostSimilar = 3

// similar returns the paths of documents and folders that a wrong path may have meant, best first.
func (t *tree) similar(wrong string) (paths []string) {
	type candidate struct {
		path     string
		distance int
	}
	var near []candidate
	name := strings.ToLower(path.Base(wrong))
	seen := map[string]bool{}
	consider := func(p string) {
		if seen[p] {
			return
		}
		seen[p] = true
		base := strings.ToLower(path.Base(p))
		switch d := distance(name, base); {
		case base == name:
			near = append(near, candidate{p, 0})
		case strings.TrimSuffix(base, path.Ext(base)) == strings.TrimSuffix(name, path.Ext(name)):
			near = append(near, candidate{p, 1})
		case d <= (len(name)+3)/4:
			near = append(near, candidate{p, 1 + d})
		}
	}
	for _, f := range t.files {
		consider(f.path)
		for dir := path.Dir(f.path); dir != "."; dir = path.Dir(dir) {
			consider(dir)
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(distance(wrong, a.path), distance(wrong, b.path)),
			strings.Compare(a.path, b.path))
	})
	for _, c := range near[:min(len(near), mostSimilar)] {
		paths = append(paths, c.path)
	}
	return paths
}

// longestCompared bounds the names that are compared letter by letter, in bytes.
const longestCompared = 200

// distance returns the number of letters to insert, delete or replace to make b of a.
func distance(a, b string) int {
	from, to := []rune(a[:min(len(a), longestCompared)]), []rune(b[:min(len(b), longestCompared)])
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			cost := diagonal
			if r != s {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}

var errOutside = errors.New("it leads out of the corpus")

// relative returns a path as the index has it. Models and people also write "./a.md", "@a.md",
// "weft://doc/a.md" and absolute paths. A path that leads out of the corpus is an error.
func (d *Documents) relative(given string) (string, error) {
	p := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(given), "weft://doc/"), "@")
	if filepath.IsAbs(p) {
		if inside, ok := d.inside(p); ok {
			p = inside
		}
	}
	p = path.Clean(strings.TrimPrefix(strings.ReplaceAll(p, `\`, "/"), "/"))
	switch {
	case p == ".." || strings.HasPrefix(p, "../"):
		return "", &Error{fmt.Sprintf("%s cannot be read, %v", given, errOutside), "give a path relative to the corpus, as list shows it"}
	case p == ".":
		return "", nil
	}
	return p, nil
}

// inside returns the path within the corpus of an absolute path, after symbolic links.
func (d *Documents) inside(abs string) (string, bool) {
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	for prefix, folder := range d.Folders {
		if real, err := filepath.EvalSymlinks(folder); err == nil {
			folder = real
		}
		rel, err := filepath.Rel(folder, abs)
		if err == nil && filepath.IsLocal(rel) {
			return path.Join(prefix, filepath.ToSlash(rel)), true
		}
	}
	return "", false
}
