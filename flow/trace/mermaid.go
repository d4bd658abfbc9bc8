package trace

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// WriteMermaid writes spans as a Gantt chart in the language of Mermaid, which many programs that
// show Markdown draw: one section for each workflow and step.
func WriteMermaid(w io.Writer, spans []Span) error {
	out := bufio.NewWriter(w)
	title := "run"
	if len(spans) > 0 {
		title = spans[0].Name
	}
	fmt.Fprintf(out, "gantt\n    title %s\n    dateFormat x\n    axisFormat %%H:%%M:%%S.%%L\n", mermaidText(title))
	sections := map[string][]Span{}
	var order []string
	for _, s := range spans {
		section := s.Name
		if s.Lane != "" && s.Kind != "attempt" {
			section = s.Lane[:strings.LastIndexByte(s.Lane, ' ')]
		}
		if sections[section] == nil {
			order = append(order, section)
		}
		sections[section] = append(sections[section], s)
	}
	for _, section := range order {
		fmt.Fprintf(out, "    section %s\n", mermaidText(section))
		for _, s := range sections[section] {
			tag := [...]string{"active, ", "done, ", "crit, ", ""}[s.Status]
			start := s.Start.UnixMilli()
			fmt.Fprintf(out, "    %s :%sid%s, %d, %d\n", mermaidText(s.Name), tag, s.ID, start, max(start+1, s.End.UnixMilli()))
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	return nil
}

// mermaidText returns a text without the characters that have a meaning in a Gantt chart.
func mermaidText(s string) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ._-/·", r) {
			return r
		}
		return '_'
	}, s)
	if text = strings.TrimSpace(text); text == "" {
		return "_"
	}
	return text
}
