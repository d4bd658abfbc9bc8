package explorer

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// source parses the files of this package that match a pattern, without tests.
func source(t *testing.T, pattern string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = f
	}
	if len(files) == 0 {
		t.Fatalf("there is no file %s", pattern)
	}
	return files
}

func TestTheLayersBelowThePanesNameNoPane(t *testing.T) {
	for _, pattern := range []string{"shell*.go", "frames*.go", "layout.go", "note.go", "selection.go", "speaker.go", "runs.go", "track.go", "session.go", "pump.go"} {
		for name, f := range source(t, pattern) {
			ast.Inspect(f, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && (strings.HasSuffix(id.Name, "Pane") || id.Name == "explorer" && id != f.Name) {
					t.Errorf("%s names %s: the layers below the panes know them by the pane interface alone", name, id.Name)
				}
				return true
			})
		}
	}
}
