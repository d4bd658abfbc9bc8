package explorer

import (
	"fmt"

	"weft/ui/canvas"
	"weft/ui/palette"
)

// compareItems lists what the shown run can be compared with: runs of the same question first, then
// other workflows, which are asked then, then the other runs.
func compareItems(r *runs) (items []palette.Item) {
	var rest []palette.Item
	for _, t := range r.others() {
		if t == r.shown || t.exchange == nil || t.run == nil {
			continue
		}
		i, _ := r.ordinal(t)
		it := compareItem("run", fmt.Sprint(t.id), fmt.Sprintf("run %d: %s", i, canvas.Line(t.title)), canvas.Line(t.workflow))
		if t.title == r.shown.title {
			items = append(items, it)
		} else {
			rest = append(rest, it)
		}
	}
	for _, w := range r.workflows {
		if w.Name != r.shown.workflow {
			items = append(items, compareItem("workflow", w.Name, "the answer of the workflow "+w.Name, "ask the same now"))
		}
	}
	return append(items, rest...)
}

// compareItem returns an item whose identifier says what is chosen.
func compareItem(kind, name, title, detail string) palette.Item {
	return palette.Item{ID: kind + " " + name, Title: title, Detail: detail}
}
