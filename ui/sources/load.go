package sources

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/canvas"
)

// maxRead is how many bytes of a document are read at most.
const maxRead = 4 << 20

// Loaded is the message with the result of Load's command.
type Loaded struct {
	path  string
	file  string // the document's file, which is in its folder; "": there is none
	lines []string
	whole bool // lines are all lines of the document
	err   error
}

// Load returns a command that reads a source's document in its folder. The result has no lines if
// the document cannot be shown as lines of text or its folder is not known; the Preview then keeps
// showing the passage.
func Load(folders Folders, s show.Source) tea.Cmd {
	return func() tea.Msg {
		root, path := folders.find(s.Path)
		if root == "" {
			return Loaded{path: s.Path}
		}
		file, lines, whole, err := read(root, path, s.Line > 0)
		if s.Line <= 0 { // there may be no file: the document is a part of one
			err = nil
		}
		return Loaded{path: s.Path, file: file, lines: lines, whole: whole, err: err}
	}
}

// read returns the file of a document and, if wanted is set and the file is a text, its lines;
// whole is false if the document has further lines.
func read(root, path string, wanted bool) (file string, lines []string, whole bool, err error) {
	// The path comes from a record and must not lead out of the folder.
	dir, err := os.OpenRoot(root)
	if err != nil {
		return "", nil, false, fmt.Errorf("the folder %s cannot be opened: %w", root, cause(err))
	}
	defer dir.Close()
	name := fileName(path, func(name string) bool { _, err := dir.Stat(name); return err == nil })
	if info, err := dir.Stat(name); err != nil {
		return "", nil, false, unreadable(err)
	} else if !info.Mode().IsRegular() {
		return "", nil, false, errors.New("this is not a regular file")
	}
	if file, err = filepath.Abs(filepath.Join(root, name)); err != nil || !wanted {
		return file, nil, false, err
	}
	lines, whole, err = readLines(dir, name)
	return file, lines, whole, err
}

func readLines(dir *os.Root, name string) (lines []string, whole bool, err error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, false, unreadable(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxRead))
	if err != nil {
		return nil, false, unreadable(err)
	}
	if bytes.IndexByte(b, 0) >= 0 || !inUTF8(b) {
		return nil, false, nil
	}
	return strings.Split(strings.TrimSuffix(canvas.Clean(string(b)), "\n"), "\n"), len(b) < maxRead, nil
}

// inUTF8 reports whether most characters outside ASCII are valid UTF-8. A text in another encoding
// would be shown as replacement characters, while the passage has been decoded.
func inUTF8(text []byte) bool {
	valid, invalid := 0, 0
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case n > 1:
			valid++
		case r == utf8.RuneError:
			invalid++
		}
		text = text[n:]
	}
	return invalid <= valid
}

// fileName returns the name of a source's file. Paths in records encode unsafe bytes as %XX; they
// are decoded if there is no file with the name as written.
func fileName(path string, exists func(name string) bool) string {
	name := filepath.FromSlash(path)
	if real, err := url.PathUnescape(path); err == nil && real != path && !exists(name) && strings.Count(real, "/") == strings.Count(path, "/") {
		return filepath.FromSlash(real)
	}
	return name
}

// unreadable returns why a document cannot be shown, without the system call and without the file
// name, which is shown above it.
func unreadable(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the file is not there any more: it was moved or deleted after it was indexed")
	}
	return fmt.Errorf("the document cannot be read: %w", cause(err))
}

// cause returns an error without the name of the system call and of the file.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Editor returns the command that opens the source's document in the editor that VISUAL or EDITOR
// in env (KEY=value) names, at the source's line if that editor is known to accept one.
func Editor(env []string, folders Folders, s show.Source) (*exec.Cmd, error) {
	words, err := editor(env)
	if err != nil {
		return nil, err
	}
	root, path := folders.find(s.Path)
	if root == "" {
		return nil, fmt.Errorf("the folder of %s is not known: open it by hand", canvas.Line(s.Path))
	}
	name := fileName(path, func(name string) bool { _, err := os.Stat(filepath.Join(root, name)); return err == nil })
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("%s is outside of the folder", canvas.Line(s.Path))
	}
	file := filepath.Join(root, name)
	line := strconv.Itoa(max(s.Line, 1))
	args, _ := atLine(words[0], file, line)
	words = append(words, args...)
	return exec.Command(words[0], words[1:]...), nil
}

// EditorOf returns the command that opens a file in the editor that env names, as [Editor] does.
func EditorOf(env []string, file string) (*exec.Cmd, error) {
	words, err := editor(env)
	if err != nil {
		return nil, err
	}
	return exec.Command(words[0], append(words[1:], file)...), nil
}

// editor returns the words of the command of the editor that env names.
func editor(env []string) (words []string, err error) {
	command := ""
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "VISUAL="); ok && v != "" {
			command = v
			break
		}
		if v, ok := strings.CutPrefix(kv, "EDITOR="); ok && v != "" {
			command = v
		}
	}
	if words = strings.Fields(command); len(words) == 0 {
		return nil, errors.New("set EDITOR to open documents, for example EDITOR=vim")
	}
	return words, nil
}

// OpensAtLine reports whether the editor of a command that Editor has returned is known to accept a
// line. Others open the document at its beginning.
func OpensAtLine(editor *exec.Cmd) bool {
	_, known := atLine(editor.Args[0], "", "")
	return known
}

// atLine returns the arguments with which an editor opens a file at a line, or, if it is not known
// how, at its beginning.
func atLine(editor, file, line string) (args []string, known bool) {
	switch strings.TrimSuffix(filepath.Base(editor), ".exe") {
	case "vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "jed", "ne", "mg", "gvim", "gedit":
		return []string{"+" + line, file}, true
	case "code", "codium", "cursor", "windsurf", "code-insiders":
		return []string{"--goto", file + ":" + line}, true
	case "hx", "helix", "subl", "zed", "atom":
		return []string{file + ":" + line}, true
	}
	return []string{file}, false
}
