package history

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MostTitle is how many bytes of the title of a talk are kept.
const MostTitle = 200

// TalkID returns the identifier of the first run of the talk that a run belongs to.
func (r Run) TalkID() string { return cmp.Or(r.Talk, r.ID) }

// A Hung is a run in a list in which the runs of a talk follow each other.
type Hung struct {
	Run
	// First: it is the latest run of its talk in the list; the others hang on it. Last: none of
	// them follows.
	First, Last bool
}

// ByTalks arranges runs so that those of a talk follow each other, at the place of the first one in
// the given order. Otherwise the order stays.
func ByTalks(runs []Run) []Hung {
	of := map[string][]Run{}
	var order []string
	for _, r := range runs {
		id := r.TalkID()
		if of[id] == nil {
			order = append(order, id)
		}
		of[id] = append(of[id], r)
	}
	out := make([]Hung, 0, len(runs))
	for _, id := range order {
		for i, r := range of[id] {
			out = append(out, Hung{r, i == 0, i == len(of[id])-1})
		}
	}
	return out
}

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
