package sources

import "strings"

// Folders maps prefixes of document paths to the directories that hold the documents. A prefix is
// "docs/", for example, or "" if there is a single directory.
type Folders map[string]string

// find returns the directory of a document and the rest of its path. The longest matching prefix
// counts; dir is "" if none matches.
func (f Folders) find(path string) (dir, rest string) {
	best := -1
	for prefix, in := range f {
		if after, ok := strings.CutPrefix(path, prefix); ok && len(prefix) > best {
			best, dir, rest = len(prefix), in, after
		}
	}
	return dir, rest
}
