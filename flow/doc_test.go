package flow_test

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestAliasesShowTheirFields compares the fields that types.go shows for an alias with those of the
// type: go doc does not show the fields of an alias.
func TestAliasesShowTheirFields(t *testing.T) {
	set := token.NewFileSet()
	fields := map[string][]string{}
	files, err := filepath.Glob(filepath.Join("internal", "fold", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		eachType(t, set, path, func(s *ast.TypeSpec) {
			if st, ok := s.Type.(*ast.StructType); ok {
				fields[s.Name.Name] = exportedFields(t, set, st)
			}
		})
	}
	n := 0
	eachType(t, set, "types.go", func(s *ast.TypeSpec) {
		alias, ok := s.Type.(*ast.SelectorExpr)
		if !ok || len(fields[alias.Sel.Name]) == 0 || s.Doc == nil { // an alias outside of a group describes its fields in its text
			return
		}
		n++
		var shown []string
		for _, c := range s.Doc.List {
			if line, ok := strings.CutPrefix(c.Text, "//\t"); ok {
				line, _, _ = strings.Cut(line, "//")
				shown = append(shown, strings.Join(strings.Fields(line), " "))
			}
		}
		if got, want := strings.Join(shown, "\n"), strings.Join(fields[alias.Sel.Name], "\n"); got != want {
			t.Errorf("the comment of %s shows\n%s\nand its fields are\n%s", s.Name.Name, got, want)
		}
	})
	if n < 20 {
		t.Errorf("%d aliases were compared", n)
	}
}

func eachType(t *testing.T, set *token.FileSet, path string, f func(*ast.TypeSpec)) {
	t.Helper()
	file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, s := range g.Specs {
				f(s.(*ast.TypeSpec))
			}
		}
	}
}

// exportedFields returns the exported fields of a struct as they are declared, without tags.
func exportedFields(t *testing.T, set *token.FileSet, st *ast.StructType) (fields []string) {
	t.Helper()
	for _, f := range st.Fields.List {
		var names []string
		for _, n := range f.Names {
			if n.IsExported() {
				names = append(names, n.Name)
			}
		}
		if names == nil {
			continue
		}
		var typ strings.Builder
		if err := printer.Fprint(&typ, set, f.Type); err != nil {
			t.Fatal(err)
		}
		fields = append(fields, strings.Join(names, ", ")+" "+typ.String())
	}
	return fields
}
