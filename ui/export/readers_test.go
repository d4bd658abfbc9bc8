package export_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/trace"
	"weft/ui/export"
	"weft/ui/history"
	"weft/ui/run/runtest"
)

// samples are runs of many shapes, by name.
func samples(t *testing.T) map[string]export.Kept {
	t.Helper()
	all := map[string]export.Kept{"model": kept(t)}
	for name, records := range map[string][]flow.Record{
		"rag": runtest.RAG(), "live": runtest.RAGLive(), "retries": runtest.Retries(), "waiting": runtest.Human(),
		"many": runtest.FanOut(128, false), "sub-workflow": runtest.Sub(),
	} {
		all[name] = export.Kept{Run: history.Summarise(flow.Header{Run: "r"}, records), Records: records}
	}
	return all
}

// TestChromeHasTheFieldsOfItsFormat holds the export to the description of the Trace Event Format:
// the fields of each phase, and slices of a thread that lie within each other or beside each other.
func TestChromeHasTheFieldsOfItsFormat(t *testing.T) {
	for name, k := range samples(t) {
		dec := json.NewDecoder(bytes.NewReader(write(t, export.Chrome, k, trace.Payloads)))
		dec.DisallowUnknownFields()
		var file struct {
			DisplayTimeUnit string `json:"displayTimeUnit"`
			TraceEvents     []struct {
				Ph   string         `json:"ph"`
				Name string         `json:"name"`
				Cat  string         `json:"cat"`
				PID  int            `json:"pid"`
				TID  int            `json:"tid"`
				TS   *float64       `json:"ts"`
				Dur  *float64       `json:"dur"`
				S    string         `json:"s"`
				Args map[string]any `json:"args"`
			} `json:"traceEvents"`
		}
		if err := dec.Decode(&file); err != nil || file.DisplayTimeUnit != "ms" {
			t.Fatalf("%s: %v, unit %q", name, err, file.DisplayTimeUnit)
		}
		type slice struct{ from, to float64 }
		threads, named := map[int][]slice{}, map[int]bool{}
		for _, e := range file.TraceEvents {
			if e.PID == 0 || e.TID == 0 || e.Name == "" {
				t.Errorf("%s: an event lacks process, thread or name: %+v", name, e)
			}
			switch e.Ph {
			case "M":
				if text, ok := e.Args["name"].(string); e.Name != "thread_name" || !ok || text == "" || named[e.TID] {
					t.Errorf("%s: a thread's name is %+v", name, e)
				}
				named[e.TID] = true
			case "X":
				if e.TS == nil || e.Dur == nil || *e.Dur < 0 || e.Cat == "" || !named[e.TID] {
					t.Fatalf("%s: a slice is %+v", name, e)
				}
				threads[e.TID] = append(threads[e.TID], slice{*e.TS, *e.TS + *e.Dur})
			case "i":
				if e.TS == nil || e.Dur != nil || e.S != "t" {
					t.Errorf("%s: an instant is %+v", name, e)
				}
			default:
				t.Errorf("%s: the phase %q is not expected", name, e.Ph)
			}
		}
		const resolution = 1 // µs; a time has that many significant digits
		for id, all := range threads {
			for i, a := range all {
				for _, b := range all[:i] {
					if b.from < a.from {
						a, b = b, a
					}
					if a.from < b.from-resolution && b.from < a.to-resolution && a.to < b.to-resolution {
						t.Errorf("%s: on thread %d, %v and %v overlap", name, id, a, b)
					}
				}
			}
		}
	}
}

// TestMermaidIsReadFromNPM parses the diagrams with mermaid itself: one task for each span, with its
// times.
func TestMermaidIsReadFromNPM(t *testing.T) {
	folder := os.Getenv("WEFT_NPM")
	if os.Getenv("WEFT_LONG") == "" {
		t.Skip("it needs mermaid and jsdom from npm: in the long suite")
	}
	if folder == "" {
		t.Fatal("WEFT_NPM does not name the folder with mermaid and jsdom from npm")
	}
	all := samples(t)
	var names, files []string
	for name, k := range all {
		file := filepath.Join(t.TempDir(), name+".mmd")
		if err := os.WriteFile(file, write(t, export.Mermaid, k, trace.Names), 0o600); err != nil {
			t.Fatal(err)
		}
		names, files = append(names, name), append(files, file)
	}
	node := exec.Command("node", append([]string{filepath.Join("testdata", "mermaid.mjs")}, files...)...)
	var stderr bytes.Buffer
	node.Stderr = &stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for _, name := range names {
		if !lines.Scan() {
			t.Fatalf("%s: there is no line, %v", name, lines.Err())
		}
		var tasks []struct {
			Type, Section, Name string
			Start, End          int64 // ms
		}
		if err := json.Unmarshal(lines.Bytes(), &tasks); err != nil {
			t.Fatal(err)
		}
		spans := trace.Spans(slices.Values(all[name].Records))
		if len(tasks) != len(spans) {
			t.Errorf("%s: %d tasks for %d spans", name, len(tasks), len(spans))
			continue
		}
		for i, task := range tasks {
			s := spans[i]
			if task.Type != "gantt" || task.Start != s.Start.UnixMilli() || task.End-task.Start < s.End.Sub(s.Start).Truncate(time.Millisecond).Milliseconds() {
				t.Errorf("%s: %q is %+v", name, s.Name, task)
			}
			if !strings.ContainsAny(s.Name, ":;#") && !strings.HasPrefix(task.Name, s.Name) {
				t.Errorf("%s: %q is called %q", name, s.Name, task.Name)
			}
		}
	}
}
