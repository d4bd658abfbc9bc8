package sources

import "strings"

// Folders are the directories that hold the documents, by what the paths of the documents in each
// begin with: a prefix such as "docs/", or "" for a single directory.
type Folders map[string]string

// find returns the directory of a document and the rest of its path; of several prefixes the
// longest counts. dir is "" where the path begins with none of them.
func (f Folders) find(path string) (dir, rest string) {
	best := -1
	for prefix, in := range f {
		if after, ok := strings.CutPrefix(path, prefix); ok && len(prefix) > best {
			best, dir, rest = len(prefix), in, after
		}
	}
	return dir, rest
}
