package inspect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weft/ui/inspect"
	"weft/ui/run/runtest"
)

// unfold unfolds the first folded part.
func unfold(m *inspect.Model) {
	lines, cursor := m.Lines()
	if at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "▸ ") }); at >= 0 {
		m.Move(at - cursor)
		m.Toggle()
	}
}

func TestALongTextIsShownToItsLastWordBesideItsKey(t *testing.T) {
	words := make([]string, 60)
	for i := range words {
		words[i] = fmt.Sprintf("word%d", i)
	}
	for _, key := range []string{"text", "what_the_person_called_it_who_wrote_it"} {
		j, start := runtest.New("rag", "Question", runtest.P{"text": "why?"})
		e := j.Run("write", 1, start)
		e.Finish("Answer", runtest.P{key: strings.Join(words, " ")})
		v := runtest.Fold(j.Records).Now()
		for w := 24; w < 140; w++ {
			m := model(t)
			m.SetSize(w, 100)
			m.Show(pick(v, "write"))
			unfold(m)
			screen := strings.Fields(draw(m, w, 100))
			for _, word := range words {
				if !slices.Contains(screen, word) {
					t.Fatalf("%q, %d columns: %s is missing in\n%s", key, w, word, draw(m, w, 100))
				}
			}
		}
	}
}
