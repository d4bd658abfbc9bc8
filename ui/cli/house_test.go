package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestImportsPointOneWay checks the direction of imports: flow imports nothing of this module, rag
// imports flow, the screen imports flow and never rag, the command line imports all. The events
// that rag emits and the screen understands are declared in flow/show, which imports only the
// standard library.
func TestImportsPointOneWay(t *testing.T) {
	list := exec.Command("go", "list", "-json=ImportPath,Imports,Standard", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	below := func(path string, roots ...string) bool {
		return slices.ContainsFunc(roots, func(r string) bool { return path == r || strings.HasPrefix(path, r+"/") })
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		for _, imp := range p.Imports {
			own := below(imp, "weft")
			standard := !strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") && !own
			bad := ""
			switch {
			case p.ImportPath == "weft/flow" && !standard && !below(imp, "weft/flow/internal"):
				bad = "flow imports the standard library and its internal packages only"
			case below(p.ImportPath, "weft/flow/internal") && !standard && !below(imp, "weft/flow/internal"):
				bad = "the internal packages of flow do not import flow"
			case below(p.ImportPath, "weft/flow/show") && !standard:
				bad = "the protocol imports the standard library only"
			case below(p.ImportPath, "weft/flow") && own && !below(imp, "weft/flow"):
				bad = "flow imports nothing of rag or ui"
			case below(p.ImportPath, "weft/rag") && own && !below(imp, "weft/rag", "weft/flow"):
				bad = "rag imports rag and flow only"
			case below(p.ImportPath, "weft/ui") && !below(p.ImportPath, "weft/ui/cli") && below(imp, "weft/rag", "weft/ui/cli"):
				bad = "the screen reads records and never imports rag"
			case p.ImportPath == "weft" && own && imp != "weft/ui/cli":
				bad = "main only starts ui/cli"
			case below(imp, "weft/rag/llm/fakeopenai"):
				bad = "a scripted server is for tests"
			}
			if bad != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, bad)
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d packages were looked at", seen)
	}
}

// TestThePageOfTheArchitectureListsEveryPackage compares the table of packages in
// docs/architecture.md with the packages of the module.
func TestThePageOfTheArchitectureListsEveryPackage(t *testing.T) {
	list := exec.Command("go", "list", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []string
	for _, path := range strings.Fields(string(out)) {
		if folder, ok := strings.CutPrefix(path, "weft/"); ok {
			packages = append(packages, folder)
		}
	}
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "## The packages\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !found {
		t.Fatal("docs/architecture.md has no section with the packages")
	}
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|").FindAllStringSubmatch(section, -1) {
		listed = append(listed, row[1])
	}
	for _, folder := range packages {
		if !slices.Contains(listed, folder) {
			t.Errorf("the table below \"The packages\" in docs/architecture.md has no row for %s", folder)
		}
	}
	for _, folder := range listed {
		if !slices.Contains(packages, folder) {
			t.Errorf("the table below \"The packages\" in docs/architecture.md has a row for %s, which is not a package", folder)
		}
	}
}

// TestFilesAreShort checks the length of files.
func TestFilesAreShort(t *testing.T) {
	const most = 450 // the aim is about 400 lines
	err := filepath.WalkDir("../..", func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata") ||
			strings.Contains(name, "fakeopenai") {
			return err
		}
		data, err := os.ReadFile(name)
		if n := bytes.Count(data, []byte("\n")); n > most {
			t.Errorf("%s has %d lines: does it have one reason to exist?", name, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNoTypeDoesEverything limits the methods of each type: one with more does more than one thing.
func TestNoTypeDoesEverything(t *testing.T) {
	const most = 60
	method := regexp.MustCompile(`(?m)^func \((?:\w+ )?\*?(\w+)`)
	methods := map[string]int{} // by the folder of the package and the name of the type
	err := filepath.WalkDir("../..", func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata") {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range method.FindAllStringSubmatch(string(text), -1) {
			folder, _ := filepath.Rel("../..", filepath.Dir(name)) // both are relative to this folder
			methods[filepath.ToSlash(folder)+": "+m[1]]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"flow: run", "ui/explorer: shell", "ui/cli: session"} {
		if methods[name] == 0 {
			t.Errorf("no methods of %s were counted", name)
		}
	}
	for name, n := range methods {
		if n > most {
			t.Errorf("%s has %d methods, more than %d: give some of them, and the fields that only they use, a type of their own", name, n, most)
		}
	}
}
