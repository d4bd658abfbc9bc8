package compare

import (
	"os"
	"strings"
	"testing"

	"weft/ui/canvas"
	"weft/ui/run/runtest"
	"weft/ui/theme"
)

func screenOf(t *testing.T) *Screen {
	t.Helper()
	th, err := theme.Named("mono", true)
	if err != nil {
		t.Fatal(err)
	}
	says := func(text string) func(*runtest.Exec) p { return func(*runtest.Exec) p { return p{"text": text} } }
	a := Side{View: told("why?", line("understand retrieve synthesize", in("synthesize", says("The sea is deep."))))}
	b := Side{View: told("why?", line("understand retrieve synthesize", in("synthesize", says("The lake is deep."))))}
	return &Screen{Comparison: Compare(a, b, runtest.Epoch), Theme: &th}
}

// TestTheScreenFitsEverySize draws every section at every size, and looks at two of the screens.
func TestTheScreenFitsEverySize(t *testing.T) {
	s := screenOf(t)
	s.SelectFirst()
	across, down := 31, 9
	if os.Getenv("WEFT_LONG") == "1" {
		across, down = 7, 3
	}
	for section := range Sections {
		s.Show(section)
		for w := 1; w < 220; w += across {
			for h := 1; h < 60; h += down {
				c := canvas.New(w, h)
				s.Draw(c, c.Bounds())
			}
		}
	}
	s.Show(Answers)
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		c := canvas.New(size[0], size[1])
		s.Draw(c, c.Bounds())
		answers := []string{"The −sea− +lake+ is deep."}
		if size[0] >= wideFrom { // beside each other
			answers = []string{"│ The −sea− is deep.   ", "   The +lake+ is deep.   "}
		}
		for _, want := range append(answers, "≈ understand", "▌≠ synthesize", "1 ANSWER", "same workflow · same question",
			"the output of synthesize: Answer.text") {
			if !strings.Contains(c.Plain(), want) {
				t.Errorf("at %v the screen lacks %q:\n%s", size, want, c.Plain())
			}
		}
	}
}

func TestTheEventsOfAStepAreCompared(t *testing.T) {
	s := screenOf(t)
	s.SelectFirst()
	s.Show(StepEvents)
	c := canvas.New(80, 40)
	s.Draw(c, c.Bounds())
	for _, want := range []string{"6 STEP", "lines that are the same", "gives Answer", `−     "text": "The sea is deep."`, `+     "text": "The lake is deep."`} {
		if !strings.Contains(c.Plain(), want) {
			t.Errorf("the screen lacks %q:\n%s", want, c.Plain())
		}
	}
	s.Selected = 0
	s.Draw(c, c.Bounds())
	if !strings.Contains(c.Plain(), "the step got and gave the same in both") {
		t.Errorf("of a step that is the same the screen shows\n%s", c.Plain())
	}
}
