package cli

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync"

	"github.com/adrg/xdg"

	"weft/rag/load"
	"weft/rag/statefile"
	"weft/ui/canvas"
)

// The places of weft's files below a home directory, for when the environment does not name one.
var (
	cachePlace  = filepath.Join(".cache", "weft")
	statePlace  = filepath.Join(".local", "state", "weft")
	configPlace = filepath.Join(".config", "weft")
)

// ownDir returns a directory of weft: below base, which is the user's directory that a variable of
// the environment names, or else is in the home directory. Where the environment has no home
// directory, or one that is not an absolute path, that of the account is used: a relative path would
// lead to the directory that weft was started in, which is often one of documents.
func ownDir(variable, base, place string) string {
	if environmentHome() == "" || filepath.IsAbs(os.Getenv(variable)) {
		return filepath.Join(base, "weft")
	}
	home, _ := accountHome()
	return filepath.Join(home, place)
}

// cacheDir returns the directory of data that weft can regenerate.
func cacheDir(st *settings) (string, error) {
	if dir := st.Cache.value; dir != "" {
		return filepath.Abs(dir)
	}
	return ownDir("XDG_CACHE_HOME", xdg.CacheHome, cachePlace), nil
}

// environmentHome says what is wrong with the home directory of the environment, or "".
func environmentHome() string {
	switch {
	case filepath.IsAbs(xdg.Home) && xdg.Home != "/":
		return ""
	case os.Getenv("HOME") == "":
		return "HOME is not set"
	case xdg.Home == "/":
		return "" // as in some containers
	}
	return fmt.Sprintf("HOME is not an absolute path (%s)", xdg.Home)
}

// accountHome returns the home directory of the account, or else a private directory for temporary
// files, for which lasts is false.
var accountHome = sync.OnceValues(func() (home string, lasts bool) {
	if u, err := user.Current(); err == nil && filepath.IsAbs(u.HomeDir) {
		if fi, err := os.Stat(u.HomeDir); err == nil && fi.IsDir() && u.HomeDir != "/" {
			return u.HomeDir, true
		}
	}
	tmp := os.TempDir()
	if !filepath.IsAbs(tmp) {
		tmp = "/tmp"
	}
	dir, err := os.MkdirTemp(tmp, "weft-")
	if err != nil {
		return filepath.Join(tmp, "weft-without-a-home"), false // cannot be written: all stays in memory
	}
	return dir, false
})

// crashPrefix begins the names of crash reports in the state directory.
const crashPrefix = "crash-"

// What weft keeps in its two directories beside crash reports and damaged files.
var (
	cacheNames = []string{"index", "vectors", "conversations", "pdf"}
	stateNames = []string{"runs", "questions", "allowed", "dialects.json", "models.json", "profile", tokenFile, "mcp.key"}
)

// ownPlaces returns the paths that are never read as documents: weft's two directories, and what it
// keeps in them, for when one of them is the directory of the documents itself.
func ownPlaces(cache, state string) []string {
	cache, state = deepReal(cache), deepReal(state)
	own := []string{cache, state}
	for _, name := range cacheNames {
		own = append(own, filepath.Join(cache, name))
	}
	for _, name := range stateNames {
		own = append(own, filepath.Join(state, name))
	}
	entries, _ := os.ReadDir(state) // without it there are no reports and no damaged files
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), crashPrefix) || strings.Contains(e.Name(), statefile.DamagedSuffix) {
			own = append(own, filepath.Join(state, e.Name()))
		}
	}
	return own
}

// misplaced says where weft keeps its files if that is not where they are expected, or "".
func misplaced(st *settings, dirs []string) string {
	cache, err := cacheDir(st)
	if err != nil {
		return ""
	}
	var notes []string
	if problem := environmentHome(); problem != "" {
		home, lasts := accountHome()
		note := fmt.Sprintf("%s: weft keeps its files below %s", problem, home)
		if !lasts {
			note += ", where they do not last: set HOME, or WEFT_CACHE and WEFT_STATE"
		}
		if load.Within(cache, home) || load.Within(stateDir(st), home) {
			notes = append(notes, note)
		}
	}
	for _, own := range []struct{ what, dir, variable string }{
		{"indexes", cache, "WEFT_CACHE"}, {"runs and questions", stateDir(st), "WEFT_STATE"},
	} {
		for _, d := range dirs {
			if insideVisibly(own.dir, d) {
				notes = append(notes, fmt.Sprintf("%s are kept among the documents, in %s, and are not read as documents: choose another directory with %s",
					own.what, own.dir, own.variable))
				break
			}
		}
	}
	return strings.Join(notes, "; ")
}

// insideVisibly reports whether a directory lies in another one, on a path without hidden names:
// below a hidden one, such as ~/.cache, it is where people expect it.
func insideVisibly(dir, other string) bool {
	abs, err := filepath.Abs(other)
	if err != nil {
		return false
	}
	abs, dir = realPath(abs), deepReal(dir)
	if !load.Within(dir, abs) {
		return false
	}
	rel, _ := filepath.Rel(abs, dir) // load.Within has found it
	for _, name := range strings.Split(rel, string(filepath.Separator)) {
		if strings.HasPrefix(name, ".") && name != "." {
			return false
		}
	}
	return true
}

// deepReal returns a path without symbolic links, of which the last elements need not exist yet.
func deepReal(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(deepReal(parent), filepath.Base(path))
}

// sayMisplaced prints where weft's files are if that is not where they are expected, for commands
// that print no notices.
func (c *corpus) sayMisplaced(w io.Writer) {
	if c.misplaced != "" {
		fmt.Fprintln(w, "weft:", canvas.Line(c.misplaced))
	}
}
