package complete

import (
	"cmp"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// Folder returns the part of a typed path that names the folder of its last name, such as "" or
// "runs/".
func Folder(typed string) string {
	return typed[:strings.LastIndexAny(typed, "/"+string(filepath.Separator))+1]
}

// SetFiles sets the typed path and the entries of its folder, which are the candidates for its
// completion. Hidden ones are offered where the typed name begins with a dot. The selection is kept
// while neither the path nor the number of entries changes.
func (m *Menu) SetFiles(typed string, entries []fs.DirEntry) {
	if typed == m.line && len(entries) == m.entries {
		return
	}
	folder := Folder(typed)
	*m = Menu{line: typed, from: len(folder), bare: true, entries: len(entries)}
	var all []Item
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(typed[m.from:], ".") {
			continue
		}
		it := Item{Text: e.Name()}
		if e.IsDir() {
			it = Item{Text: e.Name() + "/", Detail: "folder", More: true}
		}
		all = append(all, it)
	}
	slices.SortStableFunc(all, func(a, b Item) int { return cmp.Compare(rank(a), rank(b)) })
	m.items = matching(typed[m.from:], all)
	m.at = max(slices.IndexFunc(m.items, func(it Item) bool { return it.Text == typed[m.from:] }), 0)
}

// rank puts files that are named like runs first, and folders last.
func rank(it Item) int {
	switch {
	case it.More:
		return 2
	case strings.HasSuffix(it.Text, ".jsonl"), strings.HasSuffix(it.Text, ".weft"):
		return 0
	}
	return 1
}

// DrawBelow draws the menu downwards from the top of r; what does not fit into r is not drawn.
func (m *Menu) DrawBelow(c *canvas.Canvas, r canvas.Rect, t *theme.Theme) {
	m.draw(c, canvas.R(r.Min.X, r.Min.Y, min(r.Dx(), widest), min(len(m.items), most)+2).Intersect(r), t)
}
