package show_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// boundaries are the other packages whose names in JSON are read by another program or another
// version of weft. Packages that read formats of others, such as rag/llm and rag/load, are not
// among them: their tests have documents and answers of those.
var boundaries = []string{
	"flow", "flow/internal/fold", // journals, snapshots, graphs
	"flow/journal", "flow/host", // files beside journals
	"flow/serve", "flow/remote", // HTTP
	"flow/trace",                                                               // traces
	"rag/answer", "rag/chunk", "rag/rephrase", "rag/retrieve", "rag/workflows", // events, in journals
	"rag/tools", "rag/mcpserver", // the Model Context Protocol
	"rag/index", "rag/llm/dialect", // files of the cache
	"rag/eval", "ui/history", "ui/compare", "ui/export", "ui/cli", // what commands read and write as JSON
	"ui/explorer", "ui/fork", "ui/form", "ui/run", "ui/sources", // JSON Schemas, events of workflows
}

// TestNamesInJSONAreKept fails if a package of boundaries has a name in JSON less often than the
// golden file says, because the name was changed or removed: journals, files and clients may hold
// it. A name that was added is written to the file with -update.
func TestNamesInJSONAreKept(t *testing.T) {
	const golden = "testdata/names.txt"
	if *update {
		var b strings.Builder
		for _, folder := range boundaries {
			names := namesInJSON(t, folder)
			for _, name := range slices.Sorted(maps.Keys(names)) {
				fmt.Fprintf(&b, "%s %s %d\n", folder, name, names[name])
			}
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]int{}
	for line := range strings.Lines(string(want)) {
		var folder, name string
		var count int
		if _, err := fmt.Sscan(line, &folder, &name, &count); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if all[folder] == nil {
			all[folder] = namesInJSON(t, folder)
		}
		if got := all[folder][name]; got < count {
			t.Errorf("%s has the name %q in JSON %d times, and had it %d times", folder, name, got, count)
		}
	}
	for _, folder := range boundaries {
		if all[folder] == nil {
			t.Errorf("the golden file has no names of %s", folder)
		}
	}
}

// namesInJSON counts the names that the tags of a package's structs give to fields in JSON.
func namesInJSON(t *testing.T, folder string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil {
				return true
			}
			tag, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				t.Fatal(err)
			}
			if name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ","); cmp.Or(name, "-") != "-" {
				names[name]++
			}
			return true
		})
	}
	return names
}
