package explorer

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// An empty selection must not grow again after the text has become shorter than its beginning.
func TestASelectionThatWasLeftEmptyIsForgotten(t *testing.T) {
	for _, c := range []struct {
		name, want string
		begin      func(q *questionLine)
	}{
		{"by a click", "xc", func(q *questionLine) { q.click(0, 2) }},
		{"by keys", "x", func(q *questionLine) {
			q.update(tea.KeyPressMsg{Code: tea.KeyLeft, Mod: tea.ModShift})
			q.update(tea.KeyPressMsg{Code: tea.KeyRight, Mod: tea.ModShift})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newQuestionLine(nil)
			q.rows(40)
			q.SetValue("a\nb\nc")
			c.begin(&q)
			for range 4 {
				q.update(tea.KeyPressMsg{Code: tea.KeyBackspace})
			}
			q.update(tea.KeyPressMsg{Code: tea.KeyLeft, Mod: tea.ModShift})
			q.update(tea.KeyPressMsg{Code: 'x', Text: "x"})
			if got := q.Value(); got != c.want {
				t.Errorf("the text is %q, want %q", got, c.want)
			}
		})
	}
}
