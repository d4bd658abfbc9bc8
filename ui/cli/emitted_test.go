package cli

import (
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A checker type-checks packages of this module.
type checker struct {
	t     *testing.T
	fset  *token.FileSet
	dirs  map[string]string // of the module's packages
	files map[string][]string
	from  types.Importer
}

// newChecker lists the packages and the export data of their imports.
func newChecker(t *testing.T, patterns ...string) *checker {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles,Standard"}, patterns...)...)
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	c := &checker{t: t, fset: token.NewFileSet(), dirs: map[string]string{}, files: map[string][]string{}}
	compiled := map[string]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath, Export, Dir string
			GoFiles                 []string
			Standard                bool
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		compiled[p.ImportPath] = p.Export
		if strings.HasPrefix(p.ImportPath, "weft/") {
			c.dirs[p.ImportPath], c.files[p.ImportPath] = p.Dir, p.GoFiles
		}
	}
	c.from = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(compiled[path]) })
	return c
}

// check returns the syntax and type information of a package.
func (c *checker) check(path string) ([]*ast.File, *types.Info) {
	c.t.Helper()
	var files []*ast.File
	for _, name := range c.files[path] {
		f, err := parser.ParseFile(c.fset, filepath.Join(c.dirs[path], name), nil, 0)
		if err != nil {
			c.t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	if _, err := (&types.Config{Importer: c.from}).Check(path, c.fset, files, info); err != nil {
		c.t.Fatalf("%s: %v", path, err)
	}
	return files, info
}

// emitted returns the types of all values that the packages of rag and ui emit, by
// package-qualified name: the arguments of (*flow.Context).Emit, and of the session's emit, which
// passes them on.
func emitted(c *checker) []string {
	found := map[string]bool{}
	passedOn := 0
	for _, path := range slices.Sorted(maps.Keys(c.dirs)) {
		if !strings.HasPrefix(path, "weft/rag/") && !strings.HasPrefix(path, "weft/ui/") {
			continue
		}
		files, info := c.check(path)
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || info.Uses[sel.Sel] == nil || len(call.Args) != 1 {
					return true
				}
				isContext := info.Selections[sel] != nil && strings.HasSuffix(info.Selections[sel].Recv().String(), "weft/flow.Context")
				if sel.Sel.Name != "emit" && (sel.Sel.Name != "Emit" || !isContext) {
					return true
				}
				if fn, ok := info.Types[call.Fun].Type.(*types.Signature); !ok || fn.Params().Len() != 1 || fn.Params().At(0).Type().String() != "any" {
					return true // another function with that name
				}
				typ := info.Types[call.Args[0]].Type
				if types.IsInterface(typ) {
					passedOn++
					return true
				}
				found[types.TypeString(typ, func(p *types.Package) string { return p.Name() })] = true
				return true
			})
		}
	}
	if passedOn != 1 { // only the session's emit passes a value on; the callers of emit are checked
		c.t.Errorf("%d calls emit a value whose type is not known from the source; there should be one", passedOn)
	}
	return slices.Sorted(maps.Keys(found))
}

// uses returns the constants of flow/show that the screen's packages refer to, without the command
// line.
func uses(c *checker) map[string]bool {
	found := map[string]bool{}
	for path := range c.dirs {
		if !strings.HasPrefix(path, "weft/ui/") || path == "weft/ui/cli" {
			continue
		}
		_, info := c.check(path)
		for _, o := range info.Uses {
			if o.Pkg() != nil && o.Pkg().Path() == "weft/flow/show" {
				found[o.Name()] = true
			}
		}
	}
	return found
}
