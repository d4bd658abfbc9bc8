package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weft/rag/load"
)

// checkDirectories checks that directories can be a corpus. The error is that of [load.CheckRoots],
// or says that a directory is gone of which there is an index.
func (s *settings) checkDirectories(dirs []string) error {
	return s.vanished(load.CheckRoots(dirs), dirs)
}

// vanished returns the error of a directory that does not exist with what is known about it: most
// often it was not misspelled if it has an index, and its drive is not mounted. Other errors are
// returned unchanged.
func (s *settings) vanished(err error, dirs []string) error {
	var root *load.RootError
	if !errors.As(err, &root) || root.Problem != load.NotThere {
		return err
	}
	cache, e := cacheDir(s)
	if e != nil {
		return err
	}
	kept, e := keptIndexes(cache)
	if e != nil {
		return err
	}
	for _, d := range dirs {
		abs, e := filepath.Abs(d)
		if e != nil {
			continue
		}
		if _, e := os.Stat(abs); !errors.Is(e, fs.ErrNotExist) {
			continue
		}
		real, used := deepReal(abs), ""
		for _, x := range kept {
			if slices.Contains(x.about.Directories, real) {
				used = max(used, x.used.Format(time.DateOnly))
			}
		}
		if used == "" {
			return err // the directory that the error is about was never indexed
		}
		return &load.RootError{Path: root.Path, Problem: load.NotThere, Err: root.Err, Detail: fmt.Sprintf(
			"is gone since it was used on %s: mount its drive, or bring it back; its index is kept until weft clean %s deletes it",
			used, root.Path)}
	}
	return err
}
