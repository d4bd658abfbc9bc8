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

func TestNoTypeDoesEverything(t *testing.T) {
	const most = 60
	methods := map[string]int{}
	for _, dir := range []string{".", "../run", "../timeline"} {
		countMethods(t, dir, methods)
	}
	if methods["explorer.shell"] == 0 || methods["run.View"] == 0 {
		t.Fatal("no methods were counted")
	}
	for name, n := range methods {
		if n > most {
			t.Errorf("%s has %d methods, more than %d: some of them belong to a type of their own", name, n, most)
		}
	}
}

// countMethods adds up how many methods each type of the package in a directory has.
func countMethods(t *testing.T, dir string, methods map[string]int) {
	t.Helper()
	for _, f := range source(t, filepath.Join(dir, "*.go")) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			of := fn.Recv.List[0].Type
			if p, ok := of.(*ast.StarExpr); ok {
				of = p.X
			}
			if id, ok := of.(*ast.Ident); ok {
				methods[f.Name.Name+"."+id.Name]++
			}
		}
	}
}
