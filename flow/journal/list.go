package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weft/flow"
)

// An Info is what a list of journals shows of one.
type Info struct {
	ID       string
	Workflow string
	Started  time.Time
	Changed  time.Time
	Bytes    int64
	Header   flow.Header // empty if there is none
	Sealed   bool        // its lines have checksums
	Err      error       // why it cannot be read
}

// List returns the journals of the folder, the latest first. It reads only the beginning of each.
func (d *Dir) List() ([]Info, error) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var all []Info
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), Suffix)
		if !ok || !e.Type().IsRegular() {
			continue
		}
		info := Info{ID: id}
		st, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // removed meanwhile
			continue
		}
		if err == nil {
			info.Changed, info.Bytes = st.ModTime(), st.Size()
			info.Err = info.begin(filepath.Join(d.path, e.Name()))
		} else {
			info.Err = err
		}
		all = append(all, info)
	}
	slices.SortFunc(all, func(a, b Info) int { return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

func (i *Info) begin(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	d := NewDecoder(f)
	rec, err := d.Decode()
	i.Header, i.Sealed, i.Workflow, i.Started = d.Header(), d.Sealed(), d.Header().Workflow, d.Header().Created
	if err == io.EOF {
		if i.Workflow == "" {
			return fmt.Errorf("journal: %w", ErrEmpty)
		}
		return nil
	}
	if err == nil && i.Workflow == "" && rec.Kind == flow.RunStarted {
		i.Workflow, i.Started = rec.Step, rec.Time
	}
	return err
}
