package workflows

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow/show"
)

// An examined question belongs to the test set. It has one expected source per part, each given by
// a substring of its path and of a heading.
type examined struct {
	Kind     string      `json:"kind"` // simple, ambiguous, multi-part or unanswerable
	Question string      `json:"question"`
	Sources  [][2]string `json:"sources"`
}

// found counts the parts of a question whose source is among the first k sources of an answer.
func (q examined) found(a show.Answer, k int) (n int) {
	for _, want := range q.Sources {
		if slices.ContainsFunc(a.Sources[:min(k, len(a.Sources))], func(s show.Source) bool {
			heading := len(s.Heading) > 0 && strings.Contains(s.Heading[len(s.Heading)-1], want[1])
			return strings.Contains(s.Path, want[0]) && (heading || strings.Contains(s.Text, "# "+want[1]))
		}) {
			n++
		}
	}
	return n
}

// A score is the result of a workflow over the test set.
type score struct {
	// right counts the answerable questions with a right source among the first five.
	right, answerable int
	// whole counts the multi-part questions that have a source for every part.
	whole, parted  int
	declined, none int // the unanswerable questions
	sources        int // of all answers to multi-part questions
	times          []time.Duration
}

// TestWorkflowsOverAForeignCorpus runs every workflow offline on 30 questions about documents by
// many authors: the Markdown of weft's dependencies, in the versions of go.mod, and weft's manual.
// The long suite prints the table of docs/performance.md; the short suite leaves out what no limit
// below is about.
func TestWorkflowsOverAForeignCorpus(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if n := foreign(t, dir); n < 60 {
		t.Fatalf("the corpus has only %d documents: go mod download brings the modules", n)
	}
	data, err := os.ReadFile(filepath.Join("testdata", "questions.json"))
	if err != nil {
		t.Fatal(err)
	}
	var set []examined
	if err := json.Unmarshal(data, &set); err != nil {
		t.Fatal(err)
	}
	long := os.Getenv("WEFT_LONG") == "1"
	p := Parts{Search: corpus(t, dir)}
	table := "\n| workflow | right source in the first 5 | all parts of multi-part | sources | unanswerable declined | median |\n|---|---|---|---|---|---|\n"
	scores := map[string]score{}
	for _, w := range All(p) {
		var s score
		for _, q := range set {
			if !long && q.Kind != "unanswerable" && w.Name() != "rag" && w.Name() != "research" {
				continue // no limit below is about these answers
			}
			begin := time.Now()
			a, _, err := run(t, w, Question{Text: q.Question}, asProposed{})
			if err != nil {
				t.Fatalf("%s: %s: %v", w.Name(), q.Question, err)
			}
			s.times = append(s.times, time.Since(begin))
			if q.Kind == "unanswerable" {
				s.none++
				if a.Abstained {
					s.declined++
				} else {
					t.Logf("%s answers %q as %q: %s", w.Name(), q.Question, a.Question, list(a))
				}
				continue
			}
			s.answerable++
			if q.found(a, 5) > 0 {
				s.right++
			} else {
				t.Logf("%s does not find %q:%s", w.Name(), q.Question, list(a))
			}
			if q.Kind == "multi-part" {
				s.parted++
				s.sources += len(a.Sources)
				if q.found(a, len(a.Sources)) == len(q.Sources) {
					s.whole++
				} else if w.Name() == "research" {
					t.Logf("research does not find all parts of %q:%s", q.Question, list(a))
				}
			}
		}
		slices.Sort(s.times)
		scores[w.Name()] = s
		table += fmt.Sprintf("| `%s` | %d of %d | %d of %d | %.1f | %d of %d | %.0f ms |\n", w.Name(), s.right, s.answerable, s.whole, s.parted,
			float64(s.sources)/float64(s.parted), s.declined, s.none,
			float64(s.times[len(s.times)/2].Microseconds())/1000)
	}
	if long {
		t.Log(table)
	}
	rag, research := scores["rag"], scores["research"]
	if rag.right*10 < rag.answerable*9 {
		t.Errorf("rag has the right source for %d of %d, want at least 90 %%", rag.right, rag.answerable)
	}
	if research.whole <= rag.whole {
		t.Errorf("research finds all parts of %d questions, rag of %d: it must be more", research.whole, rag.whole)
	}
	for name, s := range scores {
		if s.declined*10 < s.none*8 {
			t.Errorf("%s declines %d of %d, want at least 80 %%", name, s.declined, s.none)
		}
	}
}

func list(a show.Answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, " (abstained %v)", a.Abstained)
	for _, s := range a.Sources {
		fmt.Fprintf(&b, "\n  %.2f %s %q", s.Score, s.Path, s.Heading)
	}
	return b.String()
}

// foreign copies the Markdown of weft's dependencies and weft's manual, and returns the number of
// files.
func foreign(t *testing.T, to string) (n int) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=Module", "weft/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dirs := map[string]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			Module *struct {
				Path, Dir string
				Main      bool
			}
		}
		if err := dec.Decode(&pkg); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if m := pkg.Module; m != nil && m.Main {
			dirs["weft"] = filepath.Join(m.Dir, "docs")
		} else if m != nil && m.Dir != "" {
			dirs[m.Path] = m.Dir
		}
	}
	for module, dir := range dirs {
		err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "testdata":
				return filepath.SkipDir
			case d.IsDir() || !strings.EqualFold(filepath.Ext(name), ".md"):
				return nil
			}
			rel, err := filepath.Rel(dir, name)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			target := filepath.Join(to, filepath.FromSlash(module), rel)
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return err
			}
			n++
			return os.WriteFile(target, text, 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}
