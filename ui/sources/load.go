package sources

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
)

// maxRead bounds how much of a document is read to show it.
const maxRead = 4 << 20

// Loaded is the message that Load's command brings.
type Loaded struct {
	path  string
	lines []string
	err   error
}

// Load returns a command that reads a source's document below the folder root. Where that cannot be shown as lines of text,
// the passage is.
func Load(root string, s Source) tea.Cmd {
	return func() tea.Msg {
		lines, err := read(root, s)
		return Loaded{path: s.Path, lines: lines, err: err}
	}
}

func read(root string, s Source) ([]string, error) {
	if root == "" || s.Line <= 0 {
		return nil, nil
	}
	dir, err := os.OpenRoot(root) // a path out of a document's own words must not lead out of the folder
	if err != nil {
		return nil, fmt.Errorf("the folder cannot be opened: %w", err)
	}
	defer dir.Close()
	name := filepath.FromSlash(s.Path)
	if info, err := dir.Stat(name); err != nil {
		return nil, fmt.Errorf("the document cannot be read any more: %w", err)
	} else if !info.Mode().IsRegular() {
		return nil, errors.New("this is not a regular file")
	}
	f, err := dir.Open(name)
	if err != nil {
		return nil, fmt.Errorf("the document cannot be read any more: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxRead))
	if err != nil {
		return nil, fmt.Errorf("the document cannot be read any more: %w", err)
	}
	if bytes.IndexByte(b, 0) >= 0 || !utf8.Valid(b[:min(len(b), 4096)]) && !bytes.Contains(b[:min(len(b), 4096)], []byte("\n")) {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(canvas.Clean(string(b)), "\n"), "\n"), nil
}

// Editor returns the command that opens the source's document in the editor that env (KEY=value) names in VISUAL or EDITOR, at
// the source's line where the editor is known to take one.
func Editor(env []string, root string, s Source) (*exec.Cmd, error) {
	editor := ""
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "VISUAL="); ok && v != "" {
			editor = v
			break
		}
		if v, ok := strings.CutPrefix(kv, "EDITOR="); ok && v != "" {
			editor = v
		}
	}
	words := strings.Fields(editor)
	if len(words) == 0 {
		return nil, errors.New("set EDITOR to open documents, for example EDITOR=vim")
	}
	if !filepath.IsLocal(filepath.FromSlash(s.Path)) {
		return nil, fmt.Errorf("%s is outside of the folder", canvas.Line(s.Path))
	}
	file := filepath.Join(root, filepath.FromSlash(s.Path))
	line := strconv.Itoa(max(s.Line, 1))
	switch strings.TrimSuffix(filepath.Base(words[0]), ".exe") {
	case "vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "jed", "ne", "mg", "gvim", "gedit":
		words = append(words, "+"+line, file)
	case "code", "codium", "cursor", "windsurf", "code-insiders":
		words = append(words, "--goto", file+":"+line)
	case "hx", "helix", "subl", "zed", "atom":
		words = append(words, file+":"+line)
	default:
		words = append(words, file)
	}
	return exec.Command(words[0], words[1:]...), nil
}
