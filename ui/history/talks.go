package history

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MostTitle is how many bytes of the title of a talk are kept.
const MostTitle = 200

// TalkID returns the identifier of the first run of the talk that a run belongs to.
func (r Run) TalkID() string { return cmp.Or(r.Talk, r.ID) }

// A TreeRow is a run in a list in which each talk is a tree: the forks of a run are its children,
// and the other runs of the talk are children of the first one.
type TreeRow struct {
	Run
	// Branch is the lines of the tree in front of the run, such as "├ " or "│ ╰ "; "": the run is a
	// root.
	Branch string
}

// ByTalks arranges runs so that those of a talk follow each other, at the place of the first one in
// the given order, and forks follow the run that they were forked from. Otherwise the order stays.
func ByTalks(runs []Run) []TreeRow {
	of := map[string][]Run{}
	var order []string
	for _, r := range runs {
		id := r.TalkID()
		if of[id] == nil {
			order = append(order, id)
		}
		of[id] = append(of[id], r)
	}
	out := make([]TreeRow, 0, len(runs))
	for _, id := range order {
		out = addTalk(out, of[id])
	}
	return out
}

// addTalk adds the tree of one talk to a list.
func addTalk(out []TreeRow, talk []Run) []TreeRow {
	listed := map[string]bool{}
	for _, r := range talk {
		listed[r.ID] = true
	}
	forks := map[string][]Run{}
	var others []Run
	for _, r := range talk {
		if p := r.Parent; p != nil && p.Run != r.ID && listed[p.Run] {
			forks[p.Run] = append(forks[p.Run], r)
		} else {
			others = append(others, r)
		}
	}
	var add func(r Run, branch, below string, rest []Run)
	add = func(r Run, branch, below string, rest []Run) {
		if !listed[r.ID] {
			return
		}
		delete(listed, r.ID)
		out = append(out, TreeRow{r, branch})
		hanging := slices.Concat(forks[r.ID], rest)
		for i, h := range hanging {
			line, space := "├ ", "│ "
			if i == len(hanging)-1 {
				line, space = "╰ ", "  "
			}
			if len(below) > mostIndented {
				space = ""
			}
			add(h, below+line, below+space, nil)
		}
	}
	if len(others) > 0 {
		add(others[0], "", "", others[1:])
	}
	for _, r := range talk { // those that are left are of damaged journals, which name each other as parents
		add(r, "", "", nil)
	}
	return out
}

// mostIndented limits the indentation of forks of forks, in bytes of [TreeRow.Branch]. Deeper forks
// are not indented further, because their rows would have no room for a question.
const mostIndented = 24

// Rename gives a talk a title, of which the first line is kept, or removes it if it is empty. talk is
// the identifier of its first run; the title is removed with that.
func (s *Store) Rename(talk, title string) error {
	path, err := s.dir.Path(talk)
	if err != nil {
		return err
	}
	file := strings.TrimSuffix(path, filepath.Ext(path)) + endingTitle
	title, _, _ = strings.Cut(strings.TrimSpace(title), "\n")
	if title == "" {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("history: %w", err)
		}
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return s.unknown(talk, err)
	}
	f, err := os.CreateTemp(s.path, talk+"-*.part") // created with mode 0600
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	_, err = f.WriteString(strings.ToValidUTF8(title[:min(len(title), MostTitle)], "") + "\n") // without half a rune
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// titleOf returns the title of a talk, from the file that has it.
func (s *Store) titleOf(talk string) string {
	text, err := os.ReadFile(filepath.Join(s.path, talk+endingTitle))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(text[:min(len(text), MostTitle)]), ""))
}
