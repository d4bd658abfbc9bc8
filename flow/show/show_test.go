package show_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weft/flow"
	"weft/flow/show"
)

var update = flag.Bool("update", false, "write the golden file again")

// types are all structs of the package.
var types = []any{
	show.Provider{}, show.Corpus{}, show.Overview{}, show.KindCount{}, show.Notice{}, show.Opened{}, show.Arrival{}, show.Progress{}, show.Indexed{}, show.Skipped{}, show.Remark{},
	show.Message{}, show.ToolCall{}, show.LeftOut{}, show.Prompt{}, show.Delta{}, show.ModelCall{}, show.Usage{},
	show.Passage{}, show.Field{}, show.Source{}, show.Answer{}, show.Asking{},
}

// constants are all values that have a meaning for readers.
var constants = []any{
	show.CorpusIndexing, show.CorpusReady, show.CorpusFailed, show.Info, show.Warning, show.Failure,
	show.PhaseOpen, show.PhaseRead, show.PhaseSplit, show.PhaseEmbed,
	show.CallQueued, show.CallRetry, show.CallFirstToken, show.CallDone,
	show.RoleSystem, show.RoleUser, show.RoleAssistant, show.RoleTool, show.ByExtract, show.OperationChat,
	show.Strong, show.Fair, show.Weak,
	show.TypeProvider, show.TypeCorpus, show.TypeOverview, show.TypeNotice, show.TypeOpened, show.TypeArrival, show.TypeProgress, show.TypeDelta,
	show.TypePrompt, show.TypeModelCall, show.TypeLog,
}

// TestWireNamesAreFrozen fails when a name changes that journals hold and other programs read.
// Names may be added: look at the difference, and accept it with -update.
func TestWireNamesAreFrozen(t *testing.T) {
	var b strings.Builder
	for _, v := range append(slices.Clone(types), flow.Log{}) {
		typ := reflect.TypeOf(v)
		fmt.Fprintln(&b, typ.Name())
		for _, f := range fields(typ) {
			fmt.Fprintf(&b, "\t%s %s\n", f.tag, f.kind)
		}
	}
	for _, c := range constants {
		fmt.Fprintf(&b, "%T %v\n", c, c)
	}
	const golden = "testdata/wire.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the wire names differ from %s:\n%s", golden, b.String())
	}
}

type field struct{ tag, kind string }

// fields are the members of the JSON object of a struct, embedded structs included.
func fields(typ reflect.Type) (out []field) {
	for f := range typ.Fields() {
		if f.Anonymous {
			out = append(out, fields(f.Type)...)
			continue
		}
		kind := strings.ReplaceAll(f.Type.String(), "show.", "")
		out = append(out, field{f.Tag.Get("json"), kind})
	}
	return out
}

// TestTheTablesOfThisTestAreComplete compares them with the package's declarations.
func TestTheTablesOfThisTestAreComplete(t *testing.T) {
	listed := map[string]bool{}
	for _, v := range types {
		listed[reflect.TypeOf(v).Name()] = true
	}
	declared, values := 0, 0
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				if _, ok := n.Type.(*ast.StructType); ok {
					declared++
					if !listed[n.Name.Name] {
						t.Errorf("%s is not listed here", n.Name.Name)
					}
				}
			case *ast.GenDecl:
				if n.Tok == token.CONST {
					for _, s := range n.Specs {
						values += len(s.(*ast.ValueSpec).Names)
					}
				}
			}
			return true
		})
	}
	if declared != len(types) || values != len(constants) {
		t.Errorf("%d types and %d constants are declared, %d and %d are listed", declared, values, len(types), len(constants))
	}
}

// TestEveryFieldHasANameOnTheWire: a field without a tag would be written under its Go name.
func TestEveryFieldHasANameOnTheWire(t *testing.T) {
	for _, v := range types {
		seen := map[string]bool{}
		for _, f := range fields(reflect.TypeOf(v)) {
			name, _, _ := strings.Cut(f.tag, ",")
			if name == "" || name == "-" || seen[name] || name != strings.ToLower(name) {
				t.Errorf("%T: %q is no name of its own", v, f.tag)
			}
			seen[name] = true
		}
	}
}

type begin struct{}
type end struct{}

// TestRecordsCarryTheNamesThatReadersLookFor runs a workflow that emits one event of each named
// type.
func TestRecordsCarryTheNamesThatReadersLookFor(t *testing.T) {
	wf := flow.New[begin, end]("all")
	flow.Step(wf, "emit", func(ctx *flow.Context, _ begin) (end, error) {
		for _, v := range []any{show.Provider{}, show.Corpus{}, show.Overview{}, show.Notice{}, show.Opened{}, show.Arrival{}, show.Progress{}, show.Delta{}, show.Prompt{}, show.ModelCall{}} {
			ctx.Emit(v)
		}
		ctx.Logger().Info("a line")
		return end{}, nil
	})
	run, err := wf.Start(t.Context(), begin{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r := range run.Records(t.Context(), 0) {
		if r.Kind == flow.EventEmitted {
			got = append(got, r.Type)
			if data, err := r.JSON(); err != nil || !json.Valid(data) {
				t.Errorf("%s: %s %v", r.Type, data, err)
			}
		}
	}
	want := []string{
		show.TypeProvider, show.TypeCorpus, show.TypeOverview, show.TypeNotice, show.TypeOpened, show.TypeArrival, show.TypeProgress, show.TypeDelta,
		show.TypePrompt, show.TypeModelCall, show.TypeLog,
	}
	if !slices.Equal(got, want) {
		t.Errorf("emitted %q, want %q", got, want)
	}
}
