package status

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// otherMeanings are the files that draw a glyph of the table with another meaning: the rest of a
// progress bar, and a dotted line of a graph.
var otherMeanings = map[string]string{"explorer/welcome.go": "╌", "graph/wires.go": "┈"}

// TestNoPackageHasATableOfItsOwn looks for glyphs of statuses in the texts of the other packages.
// Glyphs with several meanings, such as a dot, are not looked for.
func TestNoPackageHasATableOfItsOwn(t *testing.T) {
	const glyphs = "╌┈▒▚✗✓⊘❚↯∅"
	files := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		folder := filepath.Base(filepath.Dir(name))
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || folder == "status" {
			return nil
		}
		files++
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			allowed := otherMeanings[folder+"/"+filepath.Base(name)]
			if err != nil || strings.ContainsAny(text, glyphs) && text != allowed {
				t.Errorf("%s has %s: take the glyph from the table", name, literal.Value)
			}
			return true
		})
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files were read: %v", files, err)
	}
}
