package find

import (
	"reflect"
	"testing"

	"weft/ui/canvas"
)

func drawn(rows ...string) *canvas.Canvas {
	c := canvas.New(20, len(rows))
	for y, row := range rows {
		c.Text(0, y, row, canvas.Style{})
	}
	return c
}

func TestWordsAreFoundWhereTheyAreDrawn(t *testing.T) {
	for name, tt := range map[string]struct {
		rows  []string
		query string
		want  []Match
	}{
		"in a row":               {[]string{"Cancel the run"}, "the", []Match{{canvas.R(7, 0, 3, 1)}}},
		"in any case":            {[]string{"CANCEL cancel"}, "Cancel", []Match{{canvas.R(0, 0, 6, 1)}, {canvas.R(7, 0, 6, 1)}}},
		"across a line break":    {[]string{"press to cancel", "  the run"}, "cancel  the", []Match{{canvas.R(9, 0, 6, 1), canvas.R(2, 1, 3, 1)}}},
		"without overlap":        {[]string{"aaaa"}, "aa", []Match{{canvas.R(0, 0, 2, 1)}, {canvas.R(2, 0, 2, 1)}}},
		"behind wide characters": {[]string{"五番目 x"}, "番目 x", []Match{{canvas.R(2, 0, 6, 1)}}},
		"not at all":             {[]string{"Cancel"}, "run", nil},
		"without a query":        {[]string{"Cancel"}, " ", nil},
	} {
		if got := In(drawn(tt.rows...), tt.query); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
