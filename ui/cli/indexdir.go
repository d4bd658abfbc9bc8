package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// indexDir returns the directory of the index for the given directories. Its name depends on the
// inclusion settings. So an index that was built without secrets never contains any, even if
// another process includes them at the same time, and switching hidden files on once does not embed
// anything again.
func indexDir(st *settings, dirs []string) (string, error) {
	base, err := cacheDir(st)
	if err != nil {
		return "", err
	}
	var all []string
	for _, d := range dirs {
		abs, err := filepath.Abs(d)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d, err)
		}
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			abs = real
		}
		all = append(all, abs)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for _, d := range st.describe() {
		if !slices.Contains(st.inclusion(), d.anyOption) {
			continue
		}
		// No key is an absolute path, so the two cannot be confused
		switch o := d.anyOption.(type) {
		case *option[bool]:
			if o.value {
				all = append(all, d.key)
			}
		case *option[string]:
			if o.value != "" {
				all = append(all, d.key+"="+o.value)
			}
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	return filepath.Join(base, "index", hex.EncodeToString(sum[:8])), nil
}
