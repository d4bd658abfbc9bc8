package timeline_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"weft/flow"
	"weft/ui/run/runtest"
)

// rulerLabel matches a label of the ruler: a time, a folded gap, or the cursor.
var rulerLabel = regexp.MustCompile(`^(0|\d+:\d\d(\.\d+)?|([0-9.]+(ns|µs|ms|s|m|h|d))+|⌇\S+⌇|▼)$`)

// declined is a run that waits for a person almost until its end.
func declined(ms float64) []flow.Record {
	j, start := runtest.New("approve", "Question", runtest.P{"text": "How?"})
	e := j.Run("retrieve", 1, start)
	j.Wait(20)
	e = j.Run("propose", 1, e.Done("Retrieved", nil))
	a := e.Await("Approval", runtest.P{"key": "sources"})
	j.Wait(ms)
	e.Reply(a, "Approval", nil)
	j.Wait(0.5)
	e.Finish("Answer", runtest.P{"text": "No."})
	return j.Records
}

func TestLabelsOfTheRulerDoNotTouch(t *testing.T) {
	step := 9
	if os.Getenv("WEFT_LONG") == "1" {
		step = 1
	}
	for name, rs := range map[string][]flow.Record{
		"human": runtest.HumanDone(), "retries": runtest.Retries(), "loop": runtest.Loop(4), "fan-out": runtest.FanOut(30, false),
		"declined": declined(1215), "declined later": declined(1204), "declined late": declined(95_000)} {
		for w := 60; w <= 220; w += step {
			m := show(t, rs, "dark", 0)
			for zoom := range 4 {
				line, _, _ := strings.Cut(draw(m, w, 20).Plain(), "\n")
				ruler := []rune(line)[21:] // the ruler begins after the narrowest column of names
				if w >= 90 {
					ruler = ruler[7:]
				}
				if w >= 150 {
					ruler = ruler[6:]
				}
				for _, label := range strings.Fields(string(ruler)) {
					if !rulerLabel.MatchString(label) {
						t.Fatalf("%s at %d, zoomed %d times: %q in %q", name, w, zoom, label, line)
					}
				}
				m.Zoom(1.7)
			}
		}
	}
}
