package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weft/rag/statefile"
)

// aboutName is the file in the directory of an index that says what it is an index of.
const aboutName = "about.json"

// An indexAbout says what an index is of, for people and for `weft clean`: the name of its directory
// is a hash, which does not tell.
type indexAbout struct {
	Directories []string `json:"directories"`    // absolute
	With        []string `json:"with,omitempty"` // keys of the inclusion settings
	Used        string   `json:"used"`           // the last day, such as 2026-11-30
}

// describeIndex writes what the index in a directory is of, once a day.
func describeIndex(dir string, st *settings, dirs []string) error {
	about := indexAbout{Used: time.Now().Format(time.DateOnly)}
	for _, d := range dirs {
		if abs, err := filepath.Abs(d); err == nil {
			about.Directories = append(about.Directories, realPath(abs))
		}
	}
	for _, d := range st.describe() {
		if !slices.Contains(st.inclusion(), d.anyOption) {
			continue
		}
		if shown := d.shown(); shown != "" && shown != "false" {
			about.With = append(about.With, d.key)
		}
	}
	data, err := json.Marshal(about)
	if err != nil {
		return err
	}
	return statefile.Update(filepath.Join(dir, aboutName), func([]byte) ([]byte, error) { return data, nil })
}

// realPath returns a path without symbolic links, or as it is if these cannot be followed.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// A keptIndex is an index in the cache directory.
type keptIndex struct {
	dir   string
	about indexAbout // without directories if it is not known
	used  time.Time
	bytes int64
}

// keptIndexes returns all indexes in the cache directory.
func keptIndexes(cache string) (all []keptIndex, err error) {
	base := filepath.Join(cache, "index")
	entries, err := os.ReadDir(base)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		x := keptIndex{dir: filepath.Join(base, e.Name())}
		if x.bytes, x.used, err = dirSize(x.dir); err != nil {
			return nil, err
		}
		x.about = readAbout(x.dir)
		if used, err := time.ParseInLocation(time.DateOnly, x.about.Used, time.Local); err == nil {
			x.used = used
		}
		all = append(all, x)
	}
	return all, nil
}

// readAbout returns what the index in a directory is of. Of a file that is damaged nothing is used.
func readAbout(dir string) (about indexAbout) {
	data, err := os.ReadFile(filepath.Join(dir, aboutName))
	if err == nil && json.Unmarshal(data, &about) != nil {
		return indexAbout{}
	}
	return about
}

// gone reports whether none of the directories exists.
func (x *keptIndex) gone() bool {
	return !slices.ContainsFunc(x.about.Directories, func(dir string) bool {
		_, err := os.Stat(dir)
		return err == nil || !errors.Is(err, fs.ErrNotExist)
	})
}

// of reports whether the index is one of these directories, which are absolute.
func (x *keptIndex) of(dirs []string) bool {
	own := slices.Sorted(slices.Values(x.about.Directories))
	return len(own) > 0 && slices.Equal(slices.Compact(own), slices.Compact(slices.Sorted(slices.Values(dirs))))
}

// dirSize returns the size of all files in a directory, and when the last one was changed.
func dirSize(dir string) (bytes int64, changed time.Time, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // deleted meanwhile, or never there
			}
			return fmt.Errorf("measure %s: %w", dir, err)
		}
		if fi, err := e.Info(); err == nil && fi.Mode().IsRegular() {
			bytes += fi.Size()
			if fi.ModTime().After(changed) {
				changed = fi.ModTime()
			}
		}
		return nil
	})
	return bytes, changed, err
}
