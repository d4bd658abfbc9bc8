package fork

import (
	"fmt"
	"strings"

	"weft/ui/units"
)

// Summary says what was changed, and what the fork keeps and does again.
func (s *Screen) Summary() string {
	var parts []string
	if e := s.editor(); e != nil {
		if n := len(e.changes()); n > 0 {
			parts = append(parts, counted(n, "field")+" changed")
		}
	}
	if w := s.options[setWorkflow]; w != "" && s.point().Start {
		return strings.Join(append(parts, "the workflow "+w+" begins with this event"), " · ")
	}
	parts = append(parts, counted(s.plan.Kept, "step")+" kept", counted(s.plan.Again, "step")+" again")
	if n := s.plan.Read + s.plan.Written; n > 0 {
		tokens := "about " + units.Count(n) + " tokens"
		if price := s.price(); price != "" {
			tokens += ", " + price
		}
		parts = append(parts, tokens)
	} else {
		parts = append(parts, "no model was asked then")
	}
	return strings.Join(parts, " · ")
}

// price returns the cost, with the chosen model, of the tokens of the steps that are done again; ""
// if it is not known.
func (s *Screen) price() string {
	if s.choice.Price == nil {
		return ""
	}
	return s.choice.Price(s.options[setModel], s.plan.Read, s.plan.Written)
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
