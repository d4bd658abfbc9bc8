package index

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// unseen returns a function that reports whether an unlisted file may still exist, because it or
// its directory could temporarily not be read, for instance when a server was unreachable or too
// many files were open. Such a file stays indexed. A file for which read permission was withdrawn
// does not.
func (u *Updating) unseen() func(path string) bool {
	files, dirs := make(map[string]bool), []string{}
	for _, s := range u.listing.Skipped {
		switch {
		case !passing(s):
		case s.Dir:
			dirs = append(dirs, s.Path+"/")
		default:
			files[s.Path] = true
		}
	}
	u.report.unsure = len(files)+len(dirs) > 0
	return func(path string) bool {
		return files[path] || slices.ContainsFunc(dirs, func(d string) bool { return strings.HasPrefix(path, d) })
	}
}

// emptied returns a function that reports whether a file belongs to a directory of the corpus in
// which no file is found any more. Most often its drive is not mounted, or something else is about to
// fill it again; so its files stay indexed, except those that a rule leaves out now. The caller holds
// x.mu.
func (u *Updating) emptied() func(path string) bool {
	left := make(map[string]bool, len(u.listing.Skipped))
	for _, s := range u.listing.Skipped {
		left[s.Path] = true
	}
	inBare := func(file string) (dir string, ok bool) {
		for prefix, dir := range u.listing.Bare {
			if strings.HasPrefix(file, prefix) {
				for p := file; p != "." && p != "/"; p = path.Dir(p) {
					if left[p] {
						return "", false
					}
				}
				return dir, true
			}
		}
		return "", false
	}
	named := make(map[string]bool)
	if len(u.listing.Bare) > 0 {
		for file, f := range u.x.files {
			if dir, ok := inBare(file); ok && f.failure == "" {
				named[dir] = true
			}
		}
	}
	u.report.Emptied = slices.Sorted(maps.Keys(named))
	return func(file string) bool {
		dir, ok := inBare(file)
		return ok && named[dir]
	}
}
