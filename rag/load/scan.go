package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ScanOptions widen what [Scan] lists. The zero value leaves out hidden, ignored, generated and
// secret files.
type ScanOptions struct {
	Hidden    bool // files and directories whose names begin with a dot
	Ignored   bool // files that the rules of ignore files exclude
	Generated bool // lock files, node_modules, minified code …
	Secrets   bool // keys, .env, credentials
	Pictures  bool // for a [Loader] with Options.OCR
	// Recordings lists audio and video files, for a [Loader] with Options.Transcribe.
	Recordings bool
	// Own lists absolute paths of directories and files that are left out whatever else is set,
	// because they are the program's own. A root is never left out.
	Own      []string
	MaxFile  int64 // bytes; larger files are left out; 0 means [DefaultMaxFile]
	MaxDepth int   // directories below a root; 0 means [DefaultMaxDepth]
}

// The default limits of a scan.
const (
	DefaultMaxFile  = 64 << 20
	DefaultMaxDepth = 128
)

// An Entry is a file that can be read.
type Entry struct {
	Path  string // slash-separated, printable, relative to the corpus: the document's path
	Kind  string // by its name; "" when only its content can decide
	Stamp Stamp

	root string // the directory of the corpus, absolute
	name string // the file's path below root, as the file system spells it
}

// File returns the path of the file in the file system.
func (e Entry) File() string { return filepath.Join(e.root, e.name) }

// A Stamp identifies a version of a file by its directory entry, without reading its content. Two
// stamps are compared with ==.
type Stamp struct {
	Size    int64  `json:"size"`
	ModTime int64  `json:"mod_time"` // nanoseconds since 1970
	Inode   uint64 `json:"inode,omitempty"`
	// Change is when the content, the name or the attributes last changed, in nanoseconds since 1970.
	// Programs can set ModTime to any time, but not this one. 0: the file system does not say.
	Change int64 `json:"change,omitempty"`
}

func stampOf(fi fs.FileInfo) Stamp {
	return Stamp{Size: fi.Size(), ModTime: fi.ModTime().UnixNano(), Inode: inode(fi), Change: changeTime(fi)}
}

// A Listing is the result of a [Scan].
type Listing struct {
	Roots   []string // the directories that were walked, absolute
	Dirs    []string // all directories that were listed, roots included, absolute
	Files   []Entry  // files that can be read, sorted by path
	Skipped []*Error // files and directories left out, with the reason, sorted by path
	// Bare holds the roots in which no file can be read, as they were given, by the prefix of their
	// paths ("" for a single root).
	Bare map[string]string
}

// Scan lists the files in the given directories and below. It opens directories and ignore files
// only. With one directory, paths are relative to it; with several, each path begins with the label
// of its directory. Symbolic links are not followed, except that a root may be one.
//
// Files and directories left out are reported in the listing. The error is that of [CheckRoots],
// that of the context, or a [*RootError] when a root cannot be listed or no file can be read; in
// that last case the listing is valid too.
func Scan(ctx context.Context, dirs []string, opts ScanOptions) (*Listing, error) {
	roots, err := resolveRoots(dirs)
	if err != nil {
		return nil, err
	}
	if opts.MaxFile <= 0 {
		opts.MaxFile = DefaultMaxFile
	}
	if opts.MaxDepth <= 0 {
		opts.MaxDepth = DefaultMaxDepth
	}
	opts.Own = slices.Clone(opts.Own)
	for i, dir := range opts.Own {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			opts.Own[i] = real
		}
	}
	listing := &Listing{Bare: map[string]string{}}
	var user []gitSettings
	if !opts.Ignored {
		user = userGitSettings()
	}
	for _, r := range roots {
		listing.Roots = append(listing.Roots, r.dir)
		w := &walker{ctx: ctx, opts: opts, root: r, listing: listing, user: user}
		before := len(listing.Files)
		if err := w.walkRoot(); err != nil {
			return nil, err
		}
		if len(listing.Files) == before {
			listing.Bare[r.label] = printable(r.given)
		}
	}
	slices.SortFunc(listing.Files, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(listing.Skipped, func(a, b *Error) int { return strings.Compare(a.Path, b.Path) })
	if len(listing.Files) == 0 {
		return listing, nothingToRead(roots, listing.Skipped)
	}
	return listing, nil
}

// nothingToRead returns the error for a corpus without documents. Its text counts the files left
// out.
func nothingToRead(roots []root, skipped []*Error) *RootError {
	var names []string
	for _, r := range roots {
		names = append(names, printable(r.given))
	}
	e := &RootError{Path: strings.Join(names, ", "), Problem: NothingIn,
		Detail: "is empty: put documents into it, or choose another directory"}
	if len(skipped) == 0 {
		return e
	}
	counts := map[Reason]int{}
	for _, s := range skipped {
		counts[s.Reason]++
	}
	var parts []string
	for reason, n := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", n, reason))
	}
	slices.Sort(parts)
	e.Problem = NoDocuments
	e.Detail = fmt.Sprintf("holds nothing that is read (left out: %s): choose another directory, or ask for what is left out", strings.Join(parts, ", "))
	return e
}

// A walker lists one root directory.
type walker struct {
	ctx     context.Context
	opts    ScanOptions
	root    root
	user    []gitSettings
	listing *Listing
	handle  *os.Root // keeps the walk inside the root even if directories are replaced during it
}

func (w *walker) walkRoot() error {
	handle, err := os.OpenRoot(w.root.dir)
	if err != nil {
		return &RootError{Path: printable(w.root.given), Problem: CannotRead,
			Detail: "cannot be read: " + causeOf(err), Err: err}
	}
	defer handle.Close()
	w.handle = handle
	var ig ignorer
	if !w.opts.Ignored {
		ig = w.above()
	}
	return w.walk(".", w.root.label, "", ig, 0)
}

// above returns the ignore rules of the repository that contains the root, from the repository's
// top directory down to the root's parent.
func (w *walker) above() (ig ignorer) {
	var down string // the root's path relative to dir, with a slash at the end
	var found []*rules
	for dir := w.root.dir; ; {
		chain, fold, isTop := repository(dir, w.user)
		if down != "" {
			if rs := readRules(filepath.Join(dir, ".gitignore")); rs != nil {
				rs.above = down
				found = append(found, rs)
			}
		}
		if isTop {
			ig.fold = fold
			for _, rs := range chain {
				rs.above = down
				ig.git = add(ig.git, rs)
			}
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			found = nil // outside a repository, .gitignore files in parent directories do not apply
			break
		}
		down = filepath.ToSlash(filepath.Base(dir)) + "/" + down
		dir = parent
	}
	for _, rs := range slices.Backward(found) {
		rs.fold = ig.fold
		ig.git = add(ig.git, rs)
	}
	return ig
}

// walk lists one directory. dir is its path relative to the root, with the system's separators;
// shown is its path in the corpus and ends with a slash; rel is its path relative to the root in
// the file system's spelling, as ignore rules see it.
func (w *walker) walk(dir, shown, rel string, ig ignorer, depth int) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := w.readDir(dir)
	if err != nil {
		if depth == 0 {
			return &RootError{Path: printable(w.root.given), Problem: CannotRead,
				Detail: "cannot be read: " + causeOf(err), Err: err}
		}
		w.skip(strings.TrimSuffix(shown, "/"), true, unreadable(err), "cannot be listed: "+causeOf(err), err)
		if entries == nil {
			return nil
		}
	}
	osDir := filepath.Join(w.root.dir, dir)
	w.listing.Dirs = append(w.listing.Dirs, osDir)
	if !w.opts.Ignored {
		ig = w.rulesIn(osDir, rel, ig, entries, depth)
	}
	taken := map[string]bool{}
	for i, entry := range entries {
		if i%1024 == 1023 && w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		name := entry.Name()
		safe := printable(name)
		if err := w.visit(entry, filepath.Join(dir, name), shown+safe, rel+name, osDir, ig, depth,
			taken[safe]); err != nil {
			return err
		}
		taken[safe] = true
	}
	return nil
}

// rulesIn returns ig extended by the rules of one directory.
func (w *walker) rulesIn(osDir, rel string, ig ignorer, entries []fs.DirEntry, depth int) ignorer {
	has := func(name string) bool {
		_, found := slices.BinarySearchFunc(entries, name,
			func(e fs.DirEntry, n string) int { return strings.Compare(e.Name(), n) })
		return found
	}
	if depth > 0 && has(".git") {
		// A nested repository has its own rules.
		if chain, fold, ok := repository(osDir, w.user); ok {
			ig.git, ig.fold = nil, fold
			for _, rs := range chain {
				rs.base = rel
				ig.git = add(ig.git, rs)
			}
		}
	}
	for _, name := range [2]string{".gitignore", ".ignore"} {
		if !has(name) {
			continue
		}
		rs := readRules(filepath.Join(osDir, name))
		if rs == nil {
			continue
		}
		rs.base, rs.file, rs.fold = rel, printable(rel+name), ig.fold
		if name == ".ignore" {
			ig.own = add(ig.own, rs)
		} else {
			ig.git = add(ig.git, rs)
		}
	}
	return ig
}

func (w *walker) visit(entry fs.DirEntry, name, shown, rel, osDir string, ig ignorer, depth int, taken bool) error {
	isDir := entry.IsDir()
	mode := entry.Type()
	if taken {
		w.skip(shown, isDir, BadName, "has a name that looks like another one's: rename it", nil)
		return nil
	}
	if slices.Contains(w.opts.Own, filepath.Join(osDir, entry.Name())) {
		detail := "is a file of weft itself"
		if isDir {
			detail = "holds files of weft itself"
		}
		w.skip(shown, isDir, Generated, detail, nil)
		return nil
	}
	opts := w.opts
	if !opts.Ignored && ig.asked(rel, isDir) {
		opts.Hidden, opts.Generated = true, true
	}
	if reason, detail := byName(entry.Name(), isDir, osDir, opts); reason != "" {
		w.skip(shown, isDir, reason, detail, nil)
		return nil
	}
	if !w.opts.Ignored {
		if rs, r, ignored := ig.ignored(rel, isDir); ignored {
			w.skip(shown, isDir, Ignored, fmt.Sprintf("is left out by line %d of %s", r.line, rs.file), nil)
			return nil
		}
	}
	switch {
	case mode&fs.ModeSymlink != 0:
		w.skip(shown, false, Link, "is a symbolic link, which is not followed", nil)
	case isDir:
		if depth+1 > w.opts.MaxDepth {
			w.skip(shown, true, TooDeep, fmt.Sprintf("lies more than %d directories deep", w.opts.MaxDepth), nil)
			return nil
		}
		return w.walk(name, shown+"/", rel+"/", ig, depth+1)
	case !mode.IsRegular():
		w.skip(shown, false, Special, "is a pipe, socket or device", nil)
	default:
		w.file(entry, name, shown)
	}
	return nil
}

func (w *walker) file(entry fs.DirEntry, name, shown string) {
	fi, err := entry.Info()
	switch {
	case err != nil:
		w.skip(shown, false, unreadable(err), "cannot be read: "+causeOf(err), err)
	case fi.Size() > w.opts.MaxFile:
		w.skip(shown, false, TooLarge, tooLargeDetail(fi.Size(), w.opts.MaxFile), nil)
	case fi.Size() == 0:
		w.skip(shown, false, Empty, "is empty", nil)
	default:
		w.listing.Files = append(w.listing.Files,
			Entry{Path: shown, Kind: kindOf(entry.Name()), Stamp: stampOf(fi), root: w.root.dir, name: name})
	}
}

// readDir lists a directory, sorted by name. The entries that were read before an error are
// returned with it.
func (w *walker) readDir(dir string) ([]fs.DirEntry, error) {
	f, err := w.handle.OpenFile(dir, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

func (w *walker) skip(path string, dir bool, reason Reason, detail string, err error) {
	w.listing.Skipped = append(w.listing.Skipped,
		&Error{Path: path, Dir: dir, Reason: reason, Detail: detail, Err: err})
}

// unreadable returns [Vanished] when a file no longer exists and [Unreadable] for any other error
// of the file system.
func unreadable(err error) Reason {
	if errors.Is(err, fs.ErrNotExist) {
		return Vanished
	}
	return Unreadable
}

func tooLargeDetail(size, limit int64) string {
	return fmt.Sprintf("is larger than the limit (%s; the limit is %s)", bytesText(size), bytesText(limit))
}

// bytesText formats a number of bytes, such as "12 MB".
func bytesText(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
