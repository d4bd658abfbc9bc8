package fold

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pureImports are all packages that the fold may use: none of them reaches other goroutines, the
// clock or the world.
var pureImports = []string{
	"bytes", "cmp", "encoding", "encoding/json", "errors", "fmt", "hash/crc32", "hash/fnv", "iter", "maps", "math",
	"math/bits", "reflect", "slices", "strconv", "strings", "time", "weft/flow/internal/queue",
	"weft/flow/internal/schema",
}

// pureTime are the names of package time that are types, formats or arithmetic.
var pureTime = []string{"Time", "Duration", "Unix", "TimeOnly", "RFC3339Nano"}

// TestTheFoldIsPure checks the property that makes the fold replayable: it has no goroutine, lock,
// channel or clock of its own. Time enters only through ticks, and commands are the only effects.
func TestTheFoldIsPure(t *testing.T) {
	for _, dir := range []string{".", "../queue"} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if name := f.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				src, err := os.ReadFile(dir + "/" + name)
				if err != nil {
					t.Fatal(err)
				}
				for _, finding := range impurities(t, name, string(src)) {
					t.Error(finding)
				}
			}
		}
	}
}

// impurities returns what in a file is not pure.
func impurities(t *testing.T, name, src string) (found []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	say := func(n ast.Node, what string) { found = append(found, set.Position(n.Pos()).String()+": "+what) }
	for _, i := range file.Imports {
		if path, _ := strconv.Unquote(i.Path.Value); !slices.Contains(pureImports, path) || i.Name != nil {
			say(i, "imports "+i.Path.Value)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt, *ast.SelectStmt, *ast.ChanType, *ast.SendStmt:
			say(n, "starts a goroutine or uses a channel")
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok && pkg.Name == "time" && pkg.Obj == nil && !slices.Contains(pureTime, n.Sel.Name) {
				say(n, "uses time."+n.Sel.Name)
			}
		}
		return true
	})
	return found
}

func TestImpuritiesAreFound(t *testing.T) {
	for what, src := range map[string]string{
		"a lock":        `import "sync"`,
		"an atomic":     `import "sync/atomic"`,
		"a context":     `import "context"`,
		"another name":  `import clock "time"`,
		"a goroutine":   `func f() { go f() }`,
		"a channel":     `var c chan int`,
		"a select":      `func f() { select {} }`,
		"the clock":     `import "time"; var now = time.Now()`,
		"a sleep":       `import "time"; func f() { time.Sleep(1) }`,
		"chance":        `import "math/rand/v2"`,
		"the file tree": `import "os"`,
	} {
		if len(impurities(t, "x.go", "package x; "+src)) == 0 {
			t.Errorf("%s is not found", what)
		}
	}
}
