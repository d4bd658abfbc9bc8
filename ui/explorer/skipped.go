package explorer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/palette"
)

// leftOut takes from a record of an indexing run which files are not searched: its result lists them.
func (s *session) leftOut(rec flow.Record) {
	if rec.Kind != flow.RunFinished {
		return
	}
	var result show.Indexed
	if js, err := rec.JSON(); err == nil && json.Unmarshal(js, &result) == nil {
		s.skipped = result.Skipped
	}
}

// missed is how many files are left out that one would have expected to be searched.
func (s *session) missed() (n int) {
	for _, f := range s.skipped {
		if !f.ByRule {
			n++
		}
	}
	return n
}

// showSkipped lists the files that are not searched, by reason. Choosing one says all about it.
func (m *model) showSkipped() tea.Cmd {
	list := slices.Clone(m.runs.session.skipped)
	slices.SortStableFunc(list, func(a, b show.Skipped) int { return strings.Compare(a.Reason, b.Reason) })
	counts := map[string]int{}
	for _, s := range list {
		counts[s.Reason]++
	}
	var items []palette.Item
	for i, s := range list {
		items = append(items, palette.Item{
			ID: fmt.Sprint(i), Title: s.Path, Detail: s.Detail,
			Group: s.Reason + fmt.Sprintf(" (%d)", counts[s.Reason]),
		})
	}
	title := counted(m.runs.session.missed(), "file") + " left out"
	if n := len(list) - m.runs.session.missed(); n == len(list) {
		title = counted(n, "file") + " left out by rule"
	} else if n > 0 {
		title += fmt.Sprintf(", and %s by rule", count(n)) // the number that one has read, and why the list is longer
	}
	p := palette.New(title, "search; ↵ says why in full", items)
	return m.shell.longList(p, func(id string) tea.Cmd {
		for i, s := range list {
			if fmt.Sprint(i) == id {
				return m.shell.say(strings.TrimRight(fmt.Sprintf("%s is left out: %s, %s", brief(s.Path), brief(s.Reason), brief(s.Detail)), ", "), false)
			}
		}
		return nil
	})
}
