package cli

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/rag/tools"
)

// TestNoMCPResultHasControlCharacters serves a document whose name and text have terminal escapes
// and bidirectional controls, as a tool's results and as a resource. The name that a result gives
// can still be read.
func TestNoMCPResultHasControlCharacters(t *testing.T) {
	dir := harbourDir(t)
	name := "berth\x1b]0;owned\a\u202efees.md"
	if err := os.WriteFile(filepath.Join(dir, name), []byte("# Berth \x1b[2Jfees\n\nThe berth\u202e fee of Zeebrugge is 77 euros.\x07\n"), 0o600); err != nil {
		t.Skip("this system has no such names")
	}
	a := connect(t, agentSettings(t), dir, "2026-07-28", nil)
	check := func(what, text string) {
		t.Helper()
		for _, r := range text {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%s has %U in %q", what, r, text)
				return
			}
		}
	}
	path := ""
	for _, call := range []struct {
		tool      string
		arguments map[string]any
	}{
		{"search", map[string]any{"query": "berth fee of Zeebrugge"}}, {"grep", map[string]any{"pattern": "Zeebrugge"}}, {"list", map[string]any{}},
		{"ask", map[string]any{"question": "What is the berth fee of Zeebrugge?"}}, {"read", nil}, {"read", map[string]any{"path": "berth fees.md"}},
	} {
		if call.tool == "read" && call.arguments == nil {
			call.arguments = map[string]any{"path": path}
		}
		var value any
		result := a.call(t, call.tool, call.arguments, &value)
		check(call.tool+"'s text", text(result))
		var visit func(any)
		visit = func(v any) {
			switch v := v.(type) {
			case string:
				check(call.tool, v)
				if strings.HasSuffix(v, "fees.md") {
					path = v
				}
			case []any:
				for _, e := range v {
					visit(e)
				}
			case map[string]any:
				for _, e := range v {
					visit(e)
				}
			}
		}
		visit(value)
	}
	for tool, arguments := range map[string]map[string]any{
		"read": {"path": "no\x1b[31msuch\u202e.md"}, "grep": {"pattern": "(\x1b[31m"}, "list": {"under": "no\x1b[31m"},
		"search": {"query": "x", "under": "no\x1b[31m"}, "ask": {"run": "no\x1b[31m"}, "run": {"workflow": "no\x1b[31m", "start": map[string]any{"text": "x"}},
	} {
		if got := a.call(t, tool, arguments, nil); !got.IsError {
			t.Errorf("%s of %q is no error", tool, arguments)
		} else {
			check("the error of "+tool, text(got))
		}
	}
	var read tools.ReadOutput
	got := a.call(t, "read", map[string]any{"path": path}, &read)
	if data, err := json.Marshal(read); err != nil || !strings.Contains(string(data), "77 euros") {
		t.Errorf("reading %q: %v %s %q", path, err, data, text(got))
	}
	doc, err := a.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "weft://doc/" + url.PathEscape(path)})
	if err != nil || !strings.Contains(doc.Contents[0].Text, "77 euros") {
		t.Fatalf("%v %+v", err, doc)
	}
	check("the resource", doc.Contents[0].Text)
}
