package trace

import (
	"regexp"
	"strings"
)

// LabelParent is the name of the label of a run that holds the span of the program that has started
// it, in the form of the header traceparent of W3C Trace Context. See [flow.Labels].
const LabelParent = "traceparent"

// Version 00 has exactly these four parts; later versions may append further ones.
var parentForm = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$`)

// ValidParent reports whether a text has the form of a traceparent.
func ValidParent(traceparent string) bool {
	_, _, ok := parseParent(traceparent)
	return ok
}

func parseParent(text string) (trace, span string, ok bool) {
	m := parentForm.FindStringSubmatch(text)
	if m == nil || m[1] == "ff" || m[1] == "00" && m[4] != "" ||
		strings.Trim(m[2], "0") == "" || strings.Trim(m[3], "0") == "" {
		return "", "", false
	}
	return m[2], m[3], true
}

// Within makes the spans of a run part of another program's trace: those without a parent become
// children of the span in traceparent. Without a valid traceparent the spans stay as they are.
func Within(traceparent string, spans []Span) []Span {
	trace, parent, ok := parseParent(traceparent)
	if !ok {
		return spans
	}
	out := make([]Span, len(spans))
	for i, s := range spans {
		if s.Trace = trace; s.Parent == "" {
			s.Parent = parent
		}
		out[i] = s
	}
	return out
}
