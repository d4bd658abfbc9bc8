package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"weft/ui/history"
)

// keptOf asks a question and returns the run that was kept.
func keptOf(t *testing.T, home string, args ...string) history.Run {
	t.Helper()
	weft(t, home, append([]string{"ask"}, args...)...)
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := st.Find("last")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTwoRunsAreCompared(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	first, again := keptOf(t, home, "is the sea deep?", "docs"), keptOf(t, home, "is the sea deep?", "docs")
	parallel := keptOf(t, home, "-w", "parallel", "is the sea deep?", "docs")
	other := keptOf(t, home, "is the lake shallow?", "docs")
	has := func(out string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(out, text) {
				t.Errorf("the comparison lacks %q:\n%s", text, out)
			}
		}
	}
	has(weft(t, home, "runs", "compare", first.ID, again.ID),
		"same workflow · same question", "≈  synthesize", "\nno difference\n", "The answers are the same.")
	has(weft(t, home, "runs", "compare", first.ID, parallel.ID),
		"workflow differs · same question", "A  retrieve", "B  search ×3", "\nfirst difference: retrieve ≠ dispatch, ", "    A  rag\n    B  parallel\n")
	has(weft(t, home, "runs", "compare", first.ID, other.ID),
		"first difference: the start: ", "is the sea deep? ≠ is the lake shallow?", "[-deep and blue.", "{+shallow.")

	var c struct {
		A     struct{ Run string }
		First struct{ Kind, A, B string }
		Steps []struct{ Step, Mark string }
	}
	out := weft(t, home, "runs", "compare", first.ID, other.ID, "--json")
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if c.A.Run != first.ID || c.First.Kind != "start" || c.First.B != "is the lake shallow?" || len(c.Steps) == 0 || c.Steps[0].Mark != "differs" {
		t.Errorf("the comparison as JSON is %+v", c)
	}
}
