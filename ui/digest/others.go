package digest

import (
	"fmt"
	"strings"

	"weft/ui/canvas"
	"weft/ui/history"
	"weft/ui/theme"
	"weft/ui/units"
)

// MostOthers is how many other runs of the same question are shown.
const MostOthers = 6

// An Other is another run of the same question.
type Other struct {
	Run    history.Run
	Answer string // how its answer compares, such as "the same answer"; "": it has none
}

// Same returns the other runs of the same question about the same directory, in the order of the list,
// at most [MostOthers]. Case and spaces do not count.
func Same(all []history.Run, of history.Run) (same []history.Run) {
	question := words(of.Question)
	if question == "" {
		return nil
	}
	for _, r := range all {
		if len(same) < MostOthers && r.ID != of.ID && r.Directory == of.Directory && r.Deleted.IsZero() && words(r.Question) == question {
			same = append(same, r)
		}
	}
	return same
}

func words(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// Against says how an answer compares with another one.
func Against(answer, other string) string {
	switch a, b := strings.Fields(answer), strings.Fields(other); {
	case len(a) == 0 || len(b) == 0:
		return ""
	case strings.Join(a, " ") == strings.Join(b, " "):
		return "≡ the same answer"
	default:
		return fmt.Sprintf("≈ %d %% the same words", shared(a, b))
	}
}

// shared returns the share of the words of two texts that are in both, in percent, below 100.
func shared(a, b []string) int {
	count := map[string]int{}
	for _, w := range a {
		count[w]++
	}
	both := 0
	for _, w := range b {
		if count[w] > 0 {
			count[w]--
			both++
		}
	}
	return min(200*both/(len(a)+len(b)), 99)
}

// drawOthers draws a table of runs.
func drawOthers(c *canvas.Canvas, in canvas.Rect, all []Other, t *theme.Theme) {
	row := func(y int, style theme.Style, cells ...string) {
		x := in.Min.X
		for i, w := range []int{13, 11, 20, 8, 26, in.Dx()} {
			c.TextN(x, y, min(w-1, in.Max.X-x), canvas.Truncate(canvas.Line(cells[i]), max(min(w-1, in.Max.X-x), 0)), style)
			x += w
		}
	}
	if in.Dy() < 2 {
		return
	}
	row(in.Min.Y, t.Muted, "when", "workflow", "model", "took", "answer", "sources")
	for i, o := range all[:min(len(all), in.Dy()-1)] {
		model := o.Run.Model
		if model == "" {
			model = "no model"
		}
		took, answer := "", o.Answer
		if o.Run.Outcome.Ended() {
			took = units.Duration(o.Run.Took())
		}
		if answer == "" {
			answer = string(o.Run.Outcome)
		}
		sources := ""
		if o.Run.Sources > 0 {
			sources = fmt.Sprint(o.Run.Sources)
		}
		row(in.Min.Y+1+i, t.Text, o.Run.Started.Local().Format("2 Jan 15:04"), o.Run.Workflow, model, took, answer, sources)
	}
}
