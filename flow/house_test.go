package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"weft/flow"
)

// TestEveryRuleHasATest compares the rules in the manual with the tests that carry their numbers.
// The numbers are 1 to the number of rules, in any order on the page: a rule that is added to a
// section gets the next number and leaves the others alone.
func TestEveryRuleHasATest(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "engine.md"))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\*\*R([1-9]\d*)\. `).FindAllStringSubmatch(string(page), -1) {
		if rules[m[1]] {
			t.Errorf("rule R%s is there twice", m[1])
		}
		rules[m[1]] = true
	}
	for n := range len(rules) {
		if r := strconv.Itoa(n + 1); !rules[r] {
			t.Errorf("there are %d rules, and none is R%s", len(rules), r)
		}
	}
	tested := map[string]bool{}
	each(t, ".", func(path string) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func TestR0?([1-9]\d*)_\w+\(`).FindAllStringSubmatch(string(src), -1) {
			tested[m[1]] = true
		}
	})
	for r := range rules {
		if !tested[r] {
			t.Errorf("rule R%s has no test", r)
		}
	}
	for r := range tested {
		if !rules[r] {
			t.Errorf("tests carry the number R%s, which is no rule", r)
		}
	}
}

func each(t *testing.T, dir string, f func(path string)) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			f(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOnlyTheStandardLibraryIsImported holds for everything but tests: the engine can be taken into
// any program. Only flow/serve/observe, which programs import to show metrics, needs a library.
func TestOnlyTheStandardLibraryIsImported(t *testing.T) {
	each(t, ".", func(path string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			name, _ := strconv.Unquote(i.Path.Value)
			first, _, _ := strings.Cut(name, "/")
			within := slices.Contains([]string{"weft/flow", "weft/flow/journal", "weft/flow/show", "weft/flow/host", "weft/flow/trace", "weft/flow/serve", "weft/flow/serve/guard"}, name) && filepath.Dir(path) != "."
			ours := within || strings.HasPrefix(name, "weft/flow/internal/")
			metrics := strings.HasPrefix(name, "github.com/prometheus/client_golang/") && filepath.ToSlash(filepath.Dir(path)) == "serve/observe"
			if strings.Contains(first, ".") && !metrics || first == "weft" && !ours {
				t.Errorf("%s imports %s", path, name)
			}
		}
	})
}

type keyType struct{}

func TestAContextIsAContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		parent := context.WithValue(t.Context(), keyType{}, "value")
		wf := flow.New[Start, Stop]("ctx")
		flow.Step(wf, "one", func(c *flow.Context, _ Start) (Stop, error) {
			same(t, c.Value(keyType{}), any("value"))
			if c.Err() != nil {
				t.Error(c.Err())
			}
			ctx, cancel := context.WithTimeout(c, time.Second)
			defer cancel()
			same(t, ctx.Value(keyType{}), any("value"))
			<-ctx.Done()
			same(t, c.StepName()+c.RunID(), "oneid")
			<-c.Done()
			if !errors.Is(context.Cause(c), errBoom) || !errors.Is(c.Err(), context.Canceled) {
				t.Error(context.Cause(c), c.Err())
			}
			return Stop{}, c.Err()
		})
		run, err := wf.Start(parent, Start{}, flow.ID("id"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		run.Cancel(errBoom)
		<-run.Done()
		synctest.Wait()
	})
}

// TestNothingLeaks runs what is likely to leave goroutines behind: readers that leave early, late
// emits, awaits, blocked yields, timers, retries, sub-workflows, journals that fail, cancelled and
// timed out.
func TestNothingLeaks(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	for i := range 20 {
		inner := flow.New[A, B]("inner")
		flow.Step(inner, "wait", func(c *flow.Context, a A) (B, error) { <-c.Done(); return B{}, c.Err() })
		wf := flow.New[Start, Stop]("leaks", flow.Timeout(time.Duration(1+i%3)*10*time.Millisecond))
		flow.Each(wf, "split", numbers(1000))
		flow.Sub(wf, "inner", inner, flow.Workers(2))
		flow.Step(wf, "fail", func(c *flow.Context, _ Start) (*Stop, error) { return nil, errBoom }, flow.Retry(flow.Policy{Attempts: 100, Delay: time.Hour}))
		flow.Step(wf, "ask", func(c *flow.Context, _ Start) (*Stop, error) {
			_, err := flow.Await[Reply](c, "k", Ask{}, flow.Within(time.Hour))
			return nil, err
		}, flow.Awaits[Reply]())
		flow.Step(wf, "emit", func(c *flow.Context, _ Start) (*Stop, error) {
			go func() {
				<-c.Done()
				for range 100 {
					c.Emit(Tick{}) // after the end
				}
			}()
			return nil, nil
		}, flow.Timeout(time.Hour))
		flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return Stop{}, nil })
		run := begin(t, wf, Start{})
		for range run.Records(t.Context(), 0) {
			break
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range run.Records(ctx, 0) {
			}
		}()
		if i%2 == 0 {
			run.Cancel(errBoom)
		}
		if _, err := run.Wait(t.Context()); err == nil {
			t.Error("no error")
		}
		cancel()
	}
	goleak.VerifyNone(t, ignore)
}

// TestNamesOfKindsStand fails when a name changes that journals hold. Every kind is in kinds.txt,
// in any order; lines are added to it and never changed.
func TestNamesOfKindsStand(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "kinds.txt"))
	if err != nil {
		t.Fatal(err)
	}
	stored := strings.Fields(string(file))
	for _, name := range stored {
		var k flow.Kind
		if err := k.UnmarshalText([]byte(name)); err != nil || k.String() != name {
			t.Errorf("%s, which journals hold, is read as %v: %v", name, k, err)
		}
	}
	for _, k := range flow.Kinds() {
		if !slices.Contains(stored, k.String()) {
			t.Errorf("%v is not in kinds.txt: add a line", k)
		}
	}
	if len(stored) != len(flow.Kinds()) {
		t.Errorf("%d kinds, %d names in kinds.txt", len(flow.Kinds()), len(stored))
	}
	var k flow.Kind
	want(t, k.UnmarshalText([]byte("run.other")), "unknown kind", "newer version")
	want(t, k.UnmarshalText(nil), "no kind")
}

// TestEveryKindIsExportedAndInTheManual compares the kinds of the fold with the constants of this
// package and with the page that describes the JSON of a record.
func TestEveryKindIsExportedAndInTheManual(t *testing.T) {
	types, err := os.ReadFile("types.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "journal.md"))
	if err != nil {
		t.Fatal(err)
	}
	aliases := regexp.MustCompile(`(?m)^\t(\w+) = fold\.(\w+)$`).FindAllStringSubmatch(string(types), -1)
	for _, k := range flow.Kinds() {
		subject, verb, _ := strings.Cut(k.String(), ".")
		name := strings.ToUpper(subject[:1]) + subject[1:] + strings.ToUpper(verb[:1]) + verb[1:]
		if !slices.ContainsFunc(aliases, func(m []string) bool { return m[1] == name && m[2] == name }) {
			t.Errorf("%v is not exported as %s in types.go", k, name)
		}
		if !strings.Contains(string(page), "\n| `"+k.String()+"` |") {
			t.Errorf("%v has no row in docs/journal.md", k)
		}
	}
}

// TestSnapshotsStand fails when the format of snapshots changes, or when a snapshot of an earlier
// version cannot be resumed.
func TestSnapshotsStand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		build := func() *flow.Workflow[Start, Stop] {
			wf := flow.New[Start, Stop]("stored")
			flow.Each(wf, "split", numbers(3), flow.Workers(1))
			flow.Step(wf, "work", func(c *flow.Context, a A) (B, error) {
				switch {
				case a.N == 0 && c.Attempt() == 1:
					return B{}, errBoom
				case a.N == 1:
					r, err := flow.Await[Reply](c, "k", Ask{"which?"}, flow.Where("ID", 4), flow.Within(time.Hour))
					return B{r.ID}, err
				}
				return B(a), flow.Set(c, "done", a.N)
			}, flow.Workers(1), flow.Awaits[Reply](), flow.Retry(flow.Policy{Attempts: 2, Delay: time.Minute}))
			flow.Join(wf, "sum", func(_ *flow.Context, all []B) (Stop, error) { return digits(all), nil })
			return wf
		}
		first := begin(t, build(), Start{}, flow.ID("id"))
		time.Sleep(time.Second)
		snap, err := first.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		first.Cancel(nil)
		b, err := json.MarshalIndent(snap, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "snapshot-1.json", string(b)+"\n")
		old, err := os.ReadFile(filepath.Join("testdata", "snapshot-1.json"))
		if err != nil {
			t.Fatal(err)
		}
		back := &flow.Snapshot{}
		if err := json.Unmarshal(old, back); err != nil {
			t.Fatal(err)
		}
		run := must(build().ResumeFrom(t.Context(), back))
		if err := run.Send(Reply{ID: 4}); err != nil {
			t.Fatal(err)
		}
		same(t, must(run.Wait(t.Context())), Stop{1042})
	})
}

// TestDamagedSnapshotsAreRefused cuts a snapshot at every byte and flips every bit of it: it is
// refused, or it is the same.
func TestDamagedSnapshotsAreRefused(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "snapshot-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	good := &flow.Snapshot{}
	if err := json.Unmarshal(file, good); err != nil {
		t.Fatal(err)
	}
	same := must(json.Marshal(good))
	check := func(b []byte, what string, at int) {
		s := &flow.Snapshot{}
		if json.Unmarshal(b, s) != nil {
			return
		}
		if got := must(json.Marshal(s)); string(got) != string(same) {
			t.Fatalf("%s at %d was not noticed", what, at)
		}
	}
	for i := range same {
		check(same[:i], "a cut", i)
	}
	for i := range len(same) * 8 {
		bad := slices.Clone(same)
		bad[i/8] ^= 1 << (i % 8)
		check(bad, "a flip", i)
	}
}

// FuzzSnapshot reads snapshots and resumes from them, which must give an error or a run, but no
// panic.
func FuzzSnapshot(f *testing.F) {
	file, err := os.ReadFile(filepath.Join("testdata", "snapshot-1.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`{"snapshot":{"version":1},"crc32c":"00000000"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &flow.Snapshot{}
		if json.Unmarshal(b, s) != nil {
			return
		}
		wf := fanOut(numbers(3), func(_ *flow.Context, a A) (*B, error) { return &B{a.N}, nil }, digits)
		run, err := wf.ResumeFrom(t.Context(), s)
		if err == nil {
			run.Cancel(nil)
		}
	})
}
