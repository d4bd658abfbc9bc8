package load

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Problem says why a directory cannot be a corpus.
type Problem string

// The kinds of [Problem].
const (
	NotThere    Problem = "not there"
	NotADir     Problem = "not a directory"
	CannotRead  Problem = "cannot be read"
	NothingIn   Problem = "empty"
	NoDocuments Problem = "no documents"
)

// A RootError says why a directory cannot be a corpus, and what to do about it.
type RootError struct {
	Path    string // as given by the caller
	Problem Problem
	Detail  string // a sentence without its subject, followed by advice
	Err     error  // the system's error, if there is one
}

// Error returns the path, the problem and the advice.
func (e *RootError) Error() string { return e.Path + " " + e.Detail }

// Unwrap returns the system's error, or nil.
func (e *RootError) Unwrap() error { return e.Err }

// A root is one directory of a corpus.
type root struct {
	given string // as given by the caller
	dir   string // absolute, with symbolic links resolved
	label string // prefix of its files' paths when there are several roots, such as "docs/"
}

// resolveRoots resolves the given directories, drops those inside another one, and labels the rest
// so that no two files have the same path. The error is a [*RootError], except when no directory is
// given.
func resolveRoots(paths []string) ([]root, error) {
	if len(paths) == 0 {
		return nil, errors.New("no directory is given: name one or several")
	}
	var roots []root
	for _, given := range paths {
		dir, err := resolveRoot(given)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root{given: given, dir: dir})
	}
	kept := roots[:0:0]
	for i, r := range roots {
		inside := false
		for j, other := range roots {
			if r.dir == other.dir && j < i || r.dir != other.dir && Within(r.dir, other.dir) {
				inside = true
			}
		}
		if !inside {
			kept = append(kept, r)
		}
	}
	if len(kept) > 1 {
		label(kept)
	}
	return kept, nil
}

// CheckRoots returns a [*RootError] for the first path that does not exist, is not a directory or
// cannot be read, and an error if no directory is given. It does not look at the files.
func CheckRoots(dirs []string) error {
	_, err := resolveRoots(dirs)
	return err
}

// Folders returns the absolute directories of a corpus, keyed by the prefix of their files' paths:
// "docs/", or "" for a single directory. Its errors are those of [CheckRoots].
func Folders(dirs []string) (map[string]string, error) {
	roots, err := resolveRoots(dirs)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, r := range roots {
		out[r.label] = r.dir
	}
	return out, nil
}

func resolveRoot(given string) (string, error) {
	shown := printable(given)
	if given == "" {
		return "", &RootError{Path: `""`, Problem: NotThere,
			Detail: "is no directory: name one, or . for the one you are in"}
	}
	fail := func(err error) error {
		e := &RootError{Path: shown, Err: err}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			e.Problem, e.Detail = NotThere, "does not exist: check the spelling"
			if !filepath.IsAbs(given) {
				if wd, err := os.Getwd(); err == nil {
					e.Detail = fmt.Sprintf("does not exist in %s: check the spelling, or give the whole path", printable(wd))
				}
			}
		case errors.Is(err, fs.ErrPermission):
			e.Problem, e.Detail = CannotRead,
				"cannot be read: you lack the permission; change it (chmod u+rx), or choose another directory"
		default:
			e.Problem, e.Detail = CannotRead, "cannot be read: "+causeOf(err)
		}
		return e
	}
	abs, err := filepath.Abs(given)
	if err != nil {
		return "", fail(err)
	}
	dir, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", fail(err)
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return "", fail(err)
	}
	if !fi.IsDir() {
		return "", &RootError{Path: shown, Problem: NotADir,
			Detail: fmt.Sprintf("is a file, and a corpus is a directory: give the directory it is in (%s)",
				printable(filepath.Dir(given)))}
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", fail(err)
	}
	defer f.Close()
	if _, err := f.Readdirnames(1); err != nil && fi.Mode().Perm() != 0 && errors.Is(err, fs.ErrPermission) {
		return "", fail(err)
	}
	return dir, nil
}

// Within reports whether dir is other or lies below it. Both paths are absolute.
func Within(dir, other string) bool {
	rel, err := filepath.Rel(other, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// label sets the label of each root to the fewest trailing elements of its path that make all
// labels distinct.
func label(roots []root) {
	for n := 1; ; n++ {
		seen := map[string]bool{}
		for i := range roots {
			parts := strings.Split(strings.Trim(filepath.ToSlash(roots[i].dir), "/"), "/")
			if len(parts) > n {
				parts = parts[len(parts)-n:]
			}
			for j := range parts {
				parts[j] = printable(parts[j])
			}
			roots[i].label = strings.Join(parts, "/") + "/"
			seen[roots[i].label] = true
		}
		if len(seen) == len(roots) || n > 64 {
			return
		}
	}
}
