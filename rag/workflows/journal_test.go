package workflows

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/flow"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// An execution is one execution of a step, as the golden file shows it.
type execution struct {
	cause uint64
	step  string
	index int // index among the branches of a fan-out
	lines []line
}

// A line is one action of an execution; ids are the records that may have caused it.
type line struct {
	text string
	ids  []uint64
}

// transcript formats a journal as the steps that ran, with what each emitted and returned, in
// causal order. That order does not depend on the order in which parallel steps happen to end.
// Times, durations and identifiers are left out.
func transcript(t *testing.T, records []flow.Record) string {
	execs, index, scope := map[uint64]*execution{}, map[uint64]int{}, map[uint64]uint64{}
	roots := []line{}
	sub := map[uint64]bool{}
	add := func(exec uint64, text string, ids ...uint64) {
		x := execs[exec]
		if x == nil {
			roots = append(roots, line{text, ids})
			return
		}
		if n := len(x.lines); n == 0 || x.lines[n-1].text != text || len(ids) > 0 {
			x.lines = append(x.lines, line{text, ids})
		}
	}
	// joins maps the execution of a join to the execution that opened its scope.
	joins := map[uint64]uint64{}
	for _, r := range records {
		switch r.Kind {
		case flow.RunStarted:
			sub[r.Event] = r.Cause != 0
			add(r.Cause, "run "+r.Step+" of "+payload(t, r), r.Event)
		case flow.RunFinished:
			if r.Run == records[0].Run {
				add(0, "finished with "+payload(t, r))
			}
		case flow.RunFailed, flow.RunCancelled:
			add(0, r.Kind.String()+": "+scrub(r.Error))
		case flow.EventSent:
			index[r.Event] = r.Index
			add(r.Cause, "→ "+payload(t, r), r.Event)
		case flow.EventEmitted:
			add(r.Execution, "· "+payload(t, r))
		case flow.StepStarted:
			x := execs[r.Execution]
			if x == nil {
				x = &execution{cause: r.Cause, step: r.Step, index: index[r.Cause]}
				execs[r.Execution] = x
			} else {
				add(r.Execution, fmt.Sprintf("attempt %d", r.Attempt))
			}
		case flow.StepFailed:
			text := "failed: " + scrub(r.Error)
			if !r.Due.IsZero() {
				text += ", to be tried again"
			}
			add(r.Execution, text)
		case flow.AwaitOpened:
			add(r.Execution, "waits for "+r.Type)
		case flow.AwaitResolved:
			add(r.Execution, "gets "+payload(t, r))
		case flow.ScopeOpened:
			scope[r.Event] = r.Execution
		case flow.ScopeClosed:
			if r.Cause != 0 {
				joins[r.Cause] = scope[r.Event]
			}
		case flow.StateChanged:
			add(r.Execution, "state "+r.Type)
		}
	}
	var b strings.Builder
	var print func(x uint64, depth int)
	children := func(of []uint64, depth int) {
		var ids []uint64
		for id, x := range execs {
			if _, join := joins[id]; !join && slices.Contains(of, x.cause) {
				ids = append(ids, id)
			}
		}
		slices.SortFunc(ids, func(a, b uint64) int {
			return cmp.Or(cmp.Compare(execs[a].index, execs[b].index),
				cmp.Compare(execs[a].step, execs[b].step), cmp.Compare(a, b))
		})
		for _, id := range ids {
			d := depth
			if execs[id].index > 0 {
				d++
			}
			print(id, d)
		}
	}
	print = func(id uint64, depth int) {
		x := execs[id]
		pad := strings.Repeat("    ", depth)
		fmt.Fprintf(&b, "%s%s\n", pad, x.step)
		var next []uint64
		for _, l := range x.lines {
			fmt.Fprintf(&b, "%s  %s\n", pad, l.text)
			if len(l.ids) > 0 && sub[l.ids[0]] {
				children(l.ids, depth+1)
				continue
			}
			next = append(next, l.ids...)
		}
		children(append(next, id), depth)
		for join, opener := range joins {
			if opener == id {
				print(join, depth)
			}
		}
	}
	for _, l := range roots {
		fmt.Fprintln(&b, l.text)
		children(l.ids, 0)
	}
	return b.String()
}

// payload formats an event as its name and the few fields that show what the step did. Passages are
// counted.
func payload(t *testing.T, r flow.Record) string {
	js, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var e map[string]json.RawMessage
	_ = json.Unmarshal(js, &e) // a payload that is not an object has no fields
	var b strings.Builder
	b.WriteString(r.Type)
	if draft, ok := e["draft"]; ok {
		_ = json.Unmarshal(draft, &e)
	}
	if round, ok := e["round"]; ok && round[0] == '{' {
		_ = json.Unmarshal(round, &e)
	}
	var verdict struct{ Supported bool }
	if v, ok := e["verdict"]; ok && json.Unmarshal(v, &verdict) == nil {
		fmt.Fprintf(&b, " supported=%v", verdict.Supported)
	}
	for _, key := range []string{"question", "typed", "because", "source", "round", "query",
		"error", "message", "done", "state", "keep", "decline", "abstained", "degraded", "by"} {
		if v, ok := e[key]; ok {
			fmt.Fprintf(&b, " %s=%s", key, scrub(string(v)))
		}
	}
	if v, ok := e["text"]; ok && r.Kind == flow.RunStarted {
		fmt.Fprintf(&b, " text=%s", v)
	}
	var passages []json.RawMessage
	if json.Unmarshal(e["passages"], &passages) == nil && e["passages"] != nil {
		fmt.Fprintf(&b, " passages=%d", len(passages))
	}
	return b.String()
}

var varying = regexp.MustCompile(`127\.0\.0\.1:\d+|\d+(?:\.\d+)?(?:ms|µs|s)\b`)

func scrub(s string) string { return varying.ReplaceAllString(s, "…") }

// golden compares a journal with its golden file.
func golden(t *testing.T, name string, records []flow.Record) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".txt")
	got := transcript(t, records)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the steps and events of %s have changed; if that is intended, run the test with -update.\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}
