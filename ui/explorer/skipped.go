package explorer

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/flow/show"
	"weft/ui/palette"
)

// showSkipped lists the files that are not searched, by reason, and after them the remarks on others.
// Choosing one shows its details.
func (m *explorer) showSkipped() tea.Cmd {
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
	remarks := m.runs.session.remarks
	for i, remark := range remarks {
		items = append(items, palette.Item{
			ID: fmt.Sprint(len(list) + i), Title: remark.Path, Detail: remark.Text,
			Group: fmt.Sprintf("remark (%d)", len(remarks)),
		})
	}
	missed, partly := m.runs.session.missed(), m.runs.session.inPart()
	title := m.runs.session.lacking()
	if missed > 0 && partly > 0 {
		title += fmt.Sprintf(", %s read in part", count(partly))
	}
	// The header does not count files that a rule leaves out, but the list has them: name all.
	switch n := len(list) - missed - partly; {
	case len(list) == 0:
		title = counted(len(remarks), "remark") + ", no file is left out"
	case n == len(list):
		title = counted(n, "file") + " left out by rule"
	case n > 0:
		title += fmt.Sprintf(", and %s by rule", count(n))
	}
	p := palette.New(title, "search; ↵ says why in full, esc closes", items)
	return m.shell.longList(p, func(id string) tea.Cmd {
		for i, s := range list {
			if fmt.Sprint(i) == id {
				if s.Partly {
					return m.shell.say(brief(s.Path)+" "+brief(s.Detail), false)
				}
				return m.shell.say(strings.TrimRight(fmt.Sprintf("%s is left out: %s, %s", brief(s.Path), brief(s.Reason), brief(s.Detail)), ", "), false)
			}
		}
		for i, remark := range remarks {
			if fmt.Sprint(len(list)+i) == id {
				return m.shell.say(brief(remark.Path)+": "+brief(remark.Text), false)
			}
		}
		return nil
	})
}
