package extract

import "strings"

// A Rated is a section of a passage with the values of its features, for a reader who wants to know why it was chosen, and for fitting
// the features' weights.
type Rated struct {
	Passage  int         `json:"passage"`  // index of the passage
	Heading  []string    `json:"heading"`  // the headings above it
	Text     string      `json:"text"`     // of its units
	Features []float64   `json:"features"` // in the order of SectionFeatures
	Score    float64     `json:"score"`
	Units    []RatedUnit `json:"units"`
}

// A RatedUnit is a unit of a section with the values of its features.
type RatedUnit struct {
	Text     string    `json:"text"`
	Features []float64 `json:"features"` // in the order of UnitFeatures
	Score    float64   `json:"score"`
}

// Sections returns the sections of passages, best first.
func Sections(text string, terms []Term, passages []Passage) []Rated {
	q := newQuestion(text, terms, passages)
	if len(q.share) == 0 {
		return nil
	}
	var out []Rated
	for _, s := range q.sections(passages) {
		r := Rated{Passage: s.passage, Heading: s.path, Features: s.features, Score: s.score}
		var b strings.Builder
		for _, u := range s.units {
			b.WriteString(u.text + "\n")
			if u.features != nil {
				r.Units = append(r.Units, RatedUnit{u.text, u.features, u.score})
			}
		}
		r.Text = b.String()
		out = append(out, r)
	}
	return out
}
