package fold

import (
	"fmt"
	"strings"
)

// Mermaid returns the graph as a Mermaid flowchart.
func (g Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	ids := map[string]string{}
	fmt.Fprintf(&b, "  start((start))\n")
	for i, s := range g.Steps {
		ids[s.Name] = fmt.Sprintf("s%d", i+1)
		open, shut := "[", "]"
		switch s.Kind {
		case "each":
			open, shut = "[/", "\\]"
		case "join", "collect":
			open, shut = "[\\", "/]"
		case "recover":
			open, shut = "{{", "}}"
		case "workflow":
			open, shut = "[[", "]]"
		}
		label := s.Name
		if s.Count > 0 {
			label = fmt.Sprintf("%s ×%d", label, s.Count)
		}
		fmt.Fprintf(&b, "  %s%s%s%s\n", ids[s.Name], open, quote(label), shut)
	}
	fmt.Fprintf(&b, "  stop((stop))\n")
	world := false
	for _, e := range g.Edges {
		from, to, arrow := ids[e.From], ids[e.To], "-->"
		if e.From == "" {
			from = "start"
		}
		if e.To == "" {
			to = "stop"
		}
		switch e.Kind {
		case "reply", "external":
			from, arrow = "world", "-.->"
			if !world {
				world = true
				b.WriteString("  world([outside])\n")
			}
		case "failure":
			arrow = "-.->"
		case "join":
			arrow = "==>"
		}
		label := e.Event
		if e.Count > 0 {
			label = fmt.Sprintf("%s ×%d", label, e.Count)
		}
		fmt.Fprintf(&b, "  %s %s|%s| %s\n", from, arrow, quote(label), to)
	}
	return b.String()
}

// quote escapes a text for Mermaid.
func quote(s string) string {
	return `"` + strings.NewReplacer(`"`, "#quot;", "\n", " ", "<", "&lt;", ">", "&gt;").Replace(s) + `"`
}
