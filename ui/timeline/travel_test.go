package timeline_test

import (
	"strings"
	"testing"

	"weft/flow"
	"weft/ui/run/runtest"
)

func TestTheFirstStepBackFromTheEndIsSeenAndTheStepForwardReturns(t *testing.T) {
	for name, rs := range map[string][]flow.Record{"done": runtest.RAG(), "failed": refused().Records} {
		for _, size := range [][2]int{{39, 9}, {59, 14}, {80, 20}} {
			m := show(t, rs, "dark", 0)
			end := rows(draw(m, size[0], size[1]).Plain())
			m.Scrub(-1)
			if before := rows(draw(m, size[0], size[1]).Plain()); before == end {
				t.Errorf("%s, %d×%d: nothing has changed:\n%s", name, size[0], size[1], before)
			}
			if at := m.View().Position(); at != len(rs)-1 {
				t.Errorf("%s: at record %d of %d", name, at, len(rs))
			}
			m.Scrub(1)
			if again := rows(draw(m, size[0], size[1]).Plain()); again != end || !m.Live() {
				t.Errorf("%s, %d×%d: not back at the end:\n%s", name, size[0], size[1], again)
			}
		}
	}
}

// rows is a picture without its ruler and without the line of the instant.
func rows(picture string) string {
	if ruler, below, many := strings.Cut(picture, "\n"); many && strings.TrimSpace(below) != "" {
		_, picture = ruler, below
	}
	return strings.NewReplacer("│", " ", "┊", " ").Replace(picture)
}
