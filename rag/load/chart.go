package load

import (
	"slices"
	"strings"
)

// maxPoints is how many points of a chart series are written.
const maxPoints = 2000

// chart writes the data of a chart (ECMA-376, DrawingML charts), one line per series: "Ships by
// month, Tons: May 42; June 50".
func (o *office) chart(part string) {
	if part == "" {
		return
	}
	root, err := o.p.tree(o.ctx, part)
	if err != nil || root == nil {
		o.unread("chart")
		return
	}
	for _, line := range chartLines(root) {
		o.out.paragraph(line)
	}
}

func chartLines(root *node) []string {
	title := chartText(root.child("chart", "title"))
	var axes []string
	root.child("chart", "plotArea").all("title", func(t *node) {
		if s := chartText(t); s != "" {
			axes = append(axes, s)
		}
	})
	var lines []string
	root.child("chart", "plotArea").all("ser", func(series *node) {
		name := tidy(firstOf(chartPoints(series.child("tx"))))
		if name == "" {
			name = tidy(series.child("tx", "v").content())
		}
		labels := chartPoints(firstChild(series, "cat", "xVal"))
		values := chartPoints(firstChild(series, "val", "yVal"))
		sizes := chartPoints(series.child("bubbleSize"))
		var b strings.Builder
		for i, value := range values {
			if tidy(value) == "" {
				continue
			}
			if i == maxPoints {
				b.WriteString(" …")
				break
			}
			if b.Len() > 0 {
				b.WriteString("; ")
			}
			if i < len(labels) && labels[i] != "" {
				b.WriteString(tidy(labels[i]) + " ")
			}
			b.WriteString(tidy(value))
			if i < len(sizes) && sizes[i] != "" {
				b.WriteString(" (" + tidy(sizes[i]) + ")")
			}
		}
		head := joinDistinct(", ", title, name)
		switch {
		case b.Len() == 0 && name == "":
		case head == "":
			lines = append(lines, "Chart: "+b.String())
		default:
			lines = append(lines, head+": "+b.String())
		}
	})
	if len(lines) == 0 && title != "" {
		lines = append(lines, title)
	}
	if len(axes) > 0 {
		lines = append(lines, joinDistinct(" ", title, "(axes: "+strings.Join(axes, "; ")+")"))
	}
	return lines
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// firstChild returns the first child with one of the names, or nil.
func firstChild(n *node, names ...string) *node {
	for _, k := range n.kids {
		if slices.Contains(names, k.name) {
			return k
		}
	}
	return nil
}

// joinDistinct joins the distinct non-empty parts.
func joinDistinct(separator string, parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" && !slices.Contains(kept, part) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}

// chartText returns the text of a title.
func chartText(title *node) string {
	tx := title.child("tx")
	if rich := tx.child("rich"); rich != nil {
		return tidy(strings.Join(drawingParagraphs(rich), " "))
	}
	return tidy(firstOf(chartPoints(tx)))
}

// chartPoints returns the values of a reference to a table, which the chart stores, by index.
// Categories of several levels are joined: "2024 May".
func chartPoints(n *node) []string {
	if n == nil {
		return nil
	}
	var caches []*node
	for _, name := range []string{"strCache", "numCache", "strLit", "numLit", "lvl"} {
		n.all(name, func(c *node) { caches = append(caches, c) })
	}
	var points []string
	for at, cache := range slices.Backward(caches) {
		format := cache.child("formatCode").content()
		level := make([]string, len(points))
		cache.each("pt", func(pt *node) {
			i := numberIn(pt.attr("idx"))
			if i > maxPoints {
				return
			}
			for len(level) <= i {
				level = append(level, "")
			}
			level[i] = pt.child("v").content()
			if code := pt.attr("formatCode"); code != "" {
				level[i] = formatCell(level[i], code, false)
			} else if format != "" {
				level[i] = formatCell(level[i], format, false)
			}
		})
		if at < len(caches)-1 { // outer levels come last in the file and have a value for each group
			points = joinLevels(points, level)
		} else {
			points = level
		}
	}
	return points
}

// joinLevels prepends the outer level's value to each inner value of its group.
func joinLevels(outer, inner []string) []string {
	last := ""
	for i := range inner {
		if i < len(outer) && outer[i] != "" {
			last = outer[i]
		}
		inner[i] = joinDistinct(" ", last, inner[i])
	}
	return inner
}

// drawingParagraphs returns the paragraphs of a text body of DrawingML (a:p with a:r and a:t).
func drawingParagraphs(body *node) []string {
	var list []string
	body.all("p", func(p *node) { list = append(list, drawingText(p)) })
	return list
}

// drawingText returns the text of one paragraph of DrawingML.
func drawingText(p *node) string {
	var b strings.Builder
	var write func(n *node)
	write = func(n *node) {
		for _, k := range n.kids {
			switch k.name {
			case "t":
				b.WriteString(k.content())
			case "br":
				b.WriteByte('\n')
			case "tab":
				b.WriteByte('\t')
			case "oMath":
				spaced(&b, mathText(k))
			case "AlternateContent":
				write(alternative(k))
			case "pPr", "rPr", "endParaRPr":
			case "fld":
				if !strings.HasPrefix(k.attr("type"), "slidenum") {
					write(k)
				}
			default:
				write(k)
			}
		}
	}
	write(p)
	return b.String()
}
