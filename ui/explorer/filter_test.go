package explorer

import (
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weft/ui/run/runtest"
)

func TestAFilterFindsStepsInSubWorkflowsAndLeavesOutTheirSiblings(t *testing.T) {
	records := runtest.Read(t, "../../testdata/runs/research.jsonl")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, replay{newScripted(nil), records}, Options{}, 100, 34)
		s.press("why", "enter")
		s.wait(5 * time.Second)
		s.press("tab", "f")
		for _, c := range []struct {
			filter string
			steps  []string
		}{
			{"rerank", []string{"rag", "rerank", "rerank"}},
			{"step:rerank", []string{"rag", "rerank", "rerank"}},
			{"report", []string{"report"}},
			{"rag", []string{"rag"}},
			{"type:Retrieved", []string{"rag", "retrieve", "rerank", "retrieve", "rerank"}},
			{"type:Retrieved !rerank", []string{"rag", "retrieve", "retrieve"}},
			{"error", nil},
		} {
			s.press("/", c.filter, "enter")
			var got []string
			for _, m := range regexp.MustCompile(`[├╰] ([a-z]+) `).FindAllStringSubmatch(s.text(), -1) {
				got = append(got, m[1])
			}
			if !slices.Equal(got, c.steps) {
				t.Errorf("%q shows %q, want %q:\n%s", c.filter, got, c.steps, s.text())
			}
			s.press("esc")
		}
		s.close()
	})
}
