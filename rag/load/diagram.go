package load

import (
	"cmp"
	"slices"
	"strings"
)

// diagram writes the points of a diagram (SmartArt) as a list, in the order and depth of its
// connections.
func (o *office) diagram(part string) {
	if part == "" {
		return
	}
	root, err := o.p.tree(o.ctx, part)
	if err != nil || root == nil {
		o.unread("diagram")
		return
	}
	for _, item := range diagramItems(root) {
		o.out.listItem(item.level, item.text)
	}
}

type diagramItem struct {
	text  string
	level int
}

func diagramItems(root *node) []diagramItem {
	type connection struct {
		to    string
		order int
	}
	texts, start := map[string]string{}, ""
	var order []string
	root.child("ptLst").each("pt", func(pt *node) {
		id := pt.attr("modelId")
		switch pt.attr("type") {
		case "pres", "parTrans", "sibTrans":
			return
		case "doc":
			start = id
		}
		order = append(order, id)
		texts[id] = strings.TrimSpace(strings.Join(drawingParagraphs(pt.child("t")), " "))
	})
	below := map[string][]connection{}
	root.child("cxnLst").each("cxn", func(c *node) {
		if kind := c.attr("type"); kind == "" || kind == "parOf" {
			below[c.attr("srcId")] = append(below[c.attr("srcId")],
				connection{c.attr("destId"), numberIn(c.attr("srcOrd"))})
		}
	})
	var items []diagramItem
	seen := map[string]bool{}
	var visit func(id string, level int)
	visit = func(id string, level int) {
		if seen[id] || level > 32 {
			return
		}
		seen[id] = true
		if texts[id] != "" {
			items = append(items, diagramItem{texts[id], max(level, 0)})
		}
		next := below[id]
		slices.SortStableFunc(next, func(a, b connection) int { return cmp.Compare(a.order, b.order) })
		for _, c := range next {
			visit(c.to, level+1)
		}
	}
	visit(start, -1)
	for _, id := range order { // points without a connection to them
		visit(id, 0)
	}
	return items
}
