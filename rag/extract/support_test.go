package extract

import (
	"slices"
	"testing"
)

func TestSupport(t *testing.T) {
	numbered := append(append(passages(1, "markdown", []string{"Keys", "Cancelling a run"}, "Press `ctrl+c` while a run is going. The run is cancelled."),
		passages(2, "markdown", []string{"Keys", "Quitting"}, "Press `q` in the timeline.")...),
		passages(3, "markdown", []string{"Index"}, "The index is kept in the cache directory.")...)
	for _, c := range []struct {
		name, question, answer string
		least, most, covered   float64 // bounds of Claims, and the minimum of Covered
		missing                []string
	}{
		{"quoted", "How do I cancel a run?", "Press `ctrl+c` while a run is going. [1]", 1, 1, 0.99, nil},
		{"invented", "How do I cancel a run?", "Bananas grow on tropical plantations. [1]", 0, 0.3, 0.9, nil},
		{"of another passage", "Where is the index kept?", "The index is kept in the cache directory. [2]", 0, 0.3, 0.9, nil},
		{"beside the question", "How do I feed wombats?", "The index is kept in the cache directory. [3]", 1, 1, 0, []string{"feed", "wombats"}},
		{"without citations", "Where is the index kept?", "The index is kept in the cache directory.", 1, 1, 0.99, nil},
	} {
		got := Support(c.question, c.answer, numbered)
		if got.Claims < c.least || got.Claims > c.most || got.Covered < c.covered || !slices.Equal(got.Missing, c.missing) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
