package workflows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/chunk"
	"weft/rag/llm"
	"weft/rag/outside"
	"weft/rag/retrieve"
	"weft/rag/tools"
)

// A toolbox holds the tools of an agent.
type toolbox struct {
	search Search
	parts  Parts
	known  []*tools.Tool // for their names and schemas; calls are made with the scope of the question
}

func newToolbox(p Parts) *toolbox {
	return &toolbox{search: p.Search, parts: p, known: (&tools.Documents{}).Tools()}
}

// documents returns the documents in a scope.
func (b *toolbox) documents(scope []string) *tools.Documents {
	return &tools.Documents{Missing: b.parts.Missing, Scope: scope,
		Retriever: func(ctx context.Context) (*retrieve.Retriever, error) {
			return b.search(ctx, func(show.Progress) {})
		}}
}

// offered returns the tools in the form that the model is given.
func (b *toolbox) offered(ctx *flow.Context) (out []llm.Tool) {
	for _, t := range b.known {
		schema, err := json.Marshal(t.Input)
		if err != nil { // schemas of types have a JSON form
			panic(err)
		}
		out = append(out, llm.Tool{Name: t.Name, Description: t.Description, Schema: schema})
	}
	others, problems := b.others(ctx)
	for _, t := range others {
		out = append(out, llm.Tool{Name: t.Name, Description: t.Description, Schema: t.Schema})
	}
	for _, p := range problems {
		ctx.Emit(show.Notice{Level: show.Warning, Text: p})
	}
	return out
}

// resolve returns the calls of a turn to be made, and how many of them were made before. Names are
// read leniently. Of equal calls only the first is returned.
func (b *toolbox) resolve(ctx context.Context, number int, wanted []show.ToolCall, l ledger) (calls []Call, repeats int) {
	made, now := map[string]bool{}, map[string]bool{}
	others, _ := b.others(ctx)
	for _, c := range l.calls() {
		made[b.key(c)] = true
	}
	for i, c := range wanted {
		k := b.key(c)
		if made[k] {
			repeats++
		}
		if made[k] || now[k] {
			continue
		}
		now[k] = true
		tool := b.named(c.Name)
		if slices.ContainsFunc(others, func(t outside.Tool) bool { return t.Name == c.Name }) {
			tool = c.Name
		}
		call := Call{Tool: tool, Arguments: c.Arguments, Round: number, N: i}
		call.Label = labelOf(call, c.Name)
		calls = append(calls, call)
	}
	return calls, repeats
}

// key is the same for equal calls: the order of their arguments does not matter.
func (b *toolbox) key(c show.ToolCall) string {
	var fields map[string]any
	arguments := []byte(c.Arguments)
	if json.Unmarshal(arguments, &fields) == nil {
		if sorted, err := json.Marshal(fields); err == nil {
			arguments = sorted
		}
	}
	return c.Name + " " + string(arguments)
}

var notLetters = regexp.MustCompile(`[^a-z]+`)

// named returns the tool that a model means by a name, or "". Models write "Search", "functions.read"
// and "search_documents".
func (b *toolbox) named(name string) string {
	words := strings.Fields(notLetters.ReplaceAllString(strings.ToLower(name), " "))
	found := ""
	for _, t := range b.known {
		if t.Name == name {
			return name
		}
		if slices.Contains(words, t.Name) {
			if found != "" && found != t.Name {
				return ""
			}
			found = t.Name
		}
	}
	return found
}

// mostLabel is the length of a label, in characters.
const mostLabel = 60

// labelOf returns the tool and the first argument that says what is looked for.
func labelOf(c Call, written string) string {
	var fields map[string]any
	label := c.Tool
	if label == "" {
		label = written + "?"
	}
	if json.Unmarshal([]byte(c.Arguments), &fields) == nil {
		for _, name := range []string{"query", "pattern", "path", "glob", "under", "id"} {
			if v, ok := fields[name].(string); ok && v != "" {
				label += " " + v
				break
			}
		}
		if line, ok := fields["line"].(float64); ok {
			label += ":" + strconv.Itoa(int(line))
		}
	}
	label = strings.Join(strings.Fields(label), " ")
	if r := []rune(label); len(r) > mostLabel {
		label = string(r[:mostLabel-1]) + "…"
	}
	return label
}

// call calls a tool, and ends the call when limited is done. A mistake of the model is in the Error
// of the result; the error returned is one of the index.
func (b *toolbox) call(ctx *flow.Context, limited context.Context, c Call, scope []string) (Returned, error) {
	if c.Tool == "" {
		var names []string
		for _, t := range b.known {
			names = append(names, t.Name)
		}
		others, _ := b.others(ctx)
		for _, t := range others {
			names = append(names, t.Name)
		}
		return Returned{Error: "there is no such tool: there are " + strings.Join(names, ", ") +
			"; call one with its name and a JSON object of arguments"}, nil
	}
	for _, t := range b.documents(scope).Tools() {
		if t.Name != c.Tool {
			continue
		}
		got, err := t.Call(limited, json.RawMessage(c.Arguments))
		if mistake, ok := errors.AsType[*tools.Error](err); ok {
			return Returned{Error: mistake.Error()}, nil
		}
		if err != nil {
			return Returned{}, err
		}
		r := read(got.Data)
		r.Summary = got.Summary
		for _, p := range r.Passages {
			r.Bytes += len(p.Text)
		}
		r.Bytes += len(r.Text)
		return r, nil
	}
	return b.callOther(ctx, limited, c)
}

// read returns the passages and the text in a tool's result.
func read(data any) (r Returned) {
	switch out := data.(type) {
	case tools.SearchOutput:
		for _, h := range out.Hits {
			r.Passages = append(r.Passages, h.Passage())
		}
	case tools.ReadOutput:
		r.Passages = []retrieve.Hit{{Chunk: chunk.Chunk{Path: out.Path, Line: out.Line, EndLine: out.EndLine,
			Place: out.Place, Text: withoutNumbers(out.Text)}, Notes: out.Notes}}
	case tools.GrepOutput:
		r.Passages = matching(out.Matches)
	case tools.ListOutput:
		var b strings.Builder
		for _, e := range out.Entries {
			b.WriteString(e.Path)
			if e.Folder {
				fmt.Fprintf(&b, "/ (%d documents)", e.Documents)
			}
			b.WriteByte('\n')
		}
		r.Text = b.String()
	}
	return r
}

var lineNumber = regexp.MustCompile(`(?m)^\d+\t`)

// withoutNumbers removes the line numbers that the tool read puts before each line.
func withoutNumbers(text string) string {
	return strings.TrimRight(lineNumber.ReplaceAllString(text, ""), "\n")
}

// matching returns the matching lines as passages: one for neighbouring lines of a document.
func matching(matches []tools.Match) (out []retrieve.Hit) {
	for _, m := range matches {
		if n := len(out) - 1; n >= 0 && out[n].Path == m.Path && out[n].Place == m.Place && m.Line <= out[n].EndLine+1 {
			out[n].Text += "\n" + m.Text
			out[n].EndLine = m.Line
			continue
		}
		out = append(out, retrieve.Hit{Chunk: chunk.Chunk{Path: m.Path, Line: m.Line, EndLine: m.Line, Place: m.Place, Text: m.Text}})
	}
	return out
}
