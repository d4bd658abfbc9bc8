package flow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSamplesAreShort checks that each sample is a workflow short enough to be read in one go.
func TestSamplesAreShort(t *testing.T) {
	files, err := filepath.Glob("samples_*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !returnsWorkflow(f) {
				continue
			}
			n++
			if lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; lines > 45 {
				t.Errorf("%s: %s has %d lines, and may have 45", path, f.Name.Name, lines)
			}
		}
	}
	if n < 15 {
		t.Errorf("there are %d samples", n)
	}
}

func returnsWorkflow(f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	p, ok := f.Type.Results.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	i, ok := p.X.(*ast.IndexListExpr)
	if !ok {
		return false
	}
	s, ok := i.X.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Workflow"
}

// TestEveryFeatureOfTheTableHasItsTest looks for the tests and examples that the manual names
// beside the features of LlamaIndex Workflows.
func TestEveryFeatureOfTheTableHasItsTest(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "engine.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "\n## Features of LlamaIndex Workflows")
	if !ok {
		t.Fatal("the page has no such table")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	known := map[string]bool{}
	for _, dir := range []string{".", "flowtest", "journal", "host", "serve", "trace"} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Example)\w*)\(`).FindAllStringSubmatch(string(src), -1) {
				known[m[1]] = true
			}
		}
	}
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || strings.HasPrefix(strings.TrimSpace(cells[0]), "-") || strings.TrimSpace(cells[2]) == "proved by" {
			continue
		}
		rows++
		names := regexp.MustCompile("`((?:Test|Example)\\w*)`").FindAllStringSubmatch(cells[2], -1)
		if len(names) == 0 && strings.TrimSpace(cells[1]) != "not there" {
			t.Errorf("the feature%s names no test", cells[0])
		}
		for _, m := range names {
			if !known[m[1]] {
				t.Errorf("the feature%s names %s, which is no test", cells[0], m[1])
			}
		}
	}
	if rows < 20 {
		t.Errorf("the table has %d rows", rows)
	}
}
