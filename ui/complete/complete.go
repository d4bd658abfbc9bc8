// Package complete offers completions of typed text: in the question line the names and arguments
// of slash commands, and the paths of documents after an "@"; elsewhere the path of a file. It is
// pure: it takes a line and returns what may follow.
package complete

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"weft/ui/canvas"
	"weft/ui/theme"
)

// An Item is one completion.
type Item struct {
	Text   string // takes the place of the typed word
	Detail string // what it does or is
	More   bool   // the line is not complete with it: something follows
}

// A Command is a slash command.
type Command struct {
	Name  string // without the slash
	About string
	Takes []Item // what may follow the name; none: nothing
}

// most is how many completions are offered at once, and widest how many columns their box has.
const (
	most   = 9
	widest = 80
)

// A Menu offers the completions of a line.
type Menu struct {
	from  int // where the completed word begins, in bytes
	items []Item
	at    int
	line  string // the line that is completed
	bare  bool   // no blank follows a completion
	// entries is how many entries the folder of the completed path has
	entries int
	shut    bool // the person closed the menu for this line
}

// Set sets the line and the candidates for its completion. The selection is kept while the line
// does not change.
func (m *Menu) Set(line string, commands []Command, paths []string) {
	if line == m.line {
		return
	}
	*m = Menu{line: line}
	m.from, m.items = at(line, commands, paths)
}

// Stale reports whether Set would change anything for a line.
func (m *Menu) Stale(line string) bool { return line != m.line }

// Forget makes the next Set find completions again, because the candidates have changed.
func (m *Menu) Forget() { m.line = "\x00" }

// Open reports whether there is something to choose from.
func (m *Menu) Open() bool { return len(m.items) > 0 && !m.shut }

// Close closes the menu until the line changes.
func (m *Menu) Close() { m.shut = true }

// Move selects another item.
func (m *Menu) Move(by int) { m.at = ((m.at+by)%len(m.items) + len(m.items)) % len(m.items) }

// Selected returns the selected item.
func (m *Menu) Selected() Item { return m.items[m.at] }

// Accept returns the line with the selected item.
func (m *Menu) Accept() string {
	it := m.items[m.at]
	line := m.line[:m.from] + it.Text
	if !m.bare && !strings.HasSuffix(line, "/") {
		line += " "
	}
	return line
}

// Exact reports whether the line ends with the selected item already.
func (m *Menu) Exact() bool { return m.line[m.from:] == m.items[m.at].Text && !m.items[m.at].More }

// at returns the completions of a line, and where the word begins that they replace.
func at(line string, commands []Command, paths []string) (from int, items []Item) {
	if strings.HasPrefix(line, "/") {
		name, rest, more := strings.Cut(line[1:], " ")
		if !more {
			return 0, names(name, commands)
		}
		i := slices.IndexFunc(commands, func(c Command) bool { return c.Name == name })
		if i < 0 || strings.Contains(rest, " ") {
			return 0, nil
		}
		return len(line) - len(rest), matching(rest, commands[i].Takes)
	}
	// Paths are in front of the question.
	from = strings.LastIndexAny(line, " \n") + 1
	for word := range strings.FieldsSeq(line) {
		if !strings.HasPrefix(word, "@") {
			return 0, nil
		}
	}
	if !strings.HasPrefix(line[from:], "@") {
		return 0, nil
	}
	return from, below(line[from+1:], paths)
}

func names(typed string, commands []Command) []Item {
	var all []Item
	for _, c := range commands {
		all = append(all, Item{Text: "/" + c.Name, Detail: c.About, More: len(c.Takes) > 0})
	}
	return matching("/"+typed, all)
}

// matching returns the items that begin with a text, or else those that contain it.
func matching(typed string, all []Item) []Item {
	typed = strings.ToLower(typed)
	var first, rest []Item
	for _, it := range all {
		switch text := strings.ToLower(it.Text); {
		case strings.HasPrefix(text, typed):
			first = append(first, it)
		case strings.Contains(text, strings.TrimPrefix(typed, "/")):
			rest = append(rest, it)
		}
	}
	if len(first) > 0 {
		return first
	}
	return rest
}

// below returns the folders and documents whose path begins with a text, one level deep, or else
// those that contain it.
func below(typed string, paths []string) []Item {
	count := map[string]int{} // documents by folder, or 1 for a document
	dir := typed[:strings.LastIndex(typed, "/")+1]
	for _, p := range paths {
		if rest, ok := strings.CutPrefix(p, dir); ok && hasPrefixFold(p, typed) {
			name, _, folder := strings.Cut(rest, "/")
			if folder {
				name += "/"
			}
			count[dir+name]++
		}
	}
	if len(count) == 0 && len(typed) > 1 {
		for _, p := range paths {
			if strings.Contains(strings.ToLower(path.Base(p)), strings.ToLower(typed)) {
				count[p]++
			}
		}
	}
	var items []Item
	for p, n := range count {
		it := Item{Text: "@" + quoted(p), More: true}
		if strings.HasSuffix(p, "/") {
			it.Detail = documents(n)
		}
		items = append(items, it)
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.Text, b.Text) })
	return items
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// quoted puts a path with spaces between quotation marks.
func quoted(p string) string {
	if strings.Contains(p, " ") {
		return `"` + p + `"`
	}
	return p
}

// Draw draws the menu in the rows that end at bottom, between the columns of r.
func (m *Menu) Draw(c *canvas.Canvas, r canvas.Rect, bottom int, t *theme.Theme) {
	rows := min(len(m.items), most)
	top := max(bottom-rows-2, 0)
	m.draw(c, canvas.R(r.Min.X, top, min(r.Dx(), widest), bottom-top), t)
}

func (m *Menu) draw(c *canvas.Canvas, box canvas.Rect, t *theme.Theme) {
	if box.Dy() < 3 {
		return
	}
	c.Clear(box)
	in := c.Box(box, canvas.Rounded, t.Border, "", t.Muted)
	names, first := 0, max(0, m.at-in.Dy()+1)
	for _, it := range m.items[first:min(first+in.Dy(), len(m.items))] {
		names = max(names, canvas.Width(it.Text))
	}
	names = min(names, in.Dx()-4)
	for i := range min(in.Dy(), len(m.items)-first) {
		it, y := m.items[first+i], in.Min.Y+i
		c.TextN(in.Min.X+1, y, names, canvas.TruncateLeft(it.Text, names), t.Text)
		c.TextN(in.Min.X+3+names, y, in.Dx()-names-4, it.Detail, t.Muted)
		if first+i == m.at {
			c.Overlay(canvas.R(in.Min.X, y, in.Dx(), 1), t.Selection)
			c.Set(in.Min.X, y, "▌", t.Accent)
		}
	}
	if more := len(m.items) - in.Dy(); more > 0 {
		c.TextRight(box.Min.X, box.Max.Y-1, box.Dx()-2, " "+count(more)+" more ", t.Muted)
	}
}
