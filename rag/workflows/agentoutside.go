package workflows

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"weft/flow"
	"weft/rag/chunk"
	"weft/rag/outside"
	"weft/rag/retrieve"
)

// others returns the tools of other programs, and a sentence for each that is left out.
func (b *toolbox) others(ctx context.Context) ([]outside.Tool, []string) {
	if b.parts.Outside == nil {
		return nil, nil
	}
	return b.parts.Outside.Tools(ctx)
}

// permitted reports whether a call may be made. Before the first call of a tool of another program
// it asks the user.
func (b *toolbox) permitted(ctx *flow.Context, c Call) (bool, error) {
	if b.named(c.Tool) == c.Tool {
		return true, nil
	}
	all, _ := b.others(ctx)
	for _, t := range all {
		if t.Name == c.Tool {
			return b.parts.Permits.Permit(ctx, t.Server, t.Original, c.Arguments)
		}
	}
	return true, nil // there is no such tool: the call reports that
}

// callOther calls a tool of another program that the user has permitted, and ends the call when
// limited is done. The call is recorded with its result: after a restart it is not made again. The
// result is a passage of its own, which may be cited by the names of the program and the tool.
func (b *toolbox) callOther(ctx *flow.Context, limited context.Context, c Call) (Returned, error) {
	all, _ := b.others(limited)
	for _, t := range all {
		if t.Name != c.Tool {
			continue
		}
		text, err := flow.Do(ctx, "call", func(context.Context, string) (string, error) {
			return b.parts.Outside.Call(limited, t, json.RawMessage(c.Arguments))
		})
		if mistake, ok := errors.AsType[*outside.MistakeError](err); ok {
			return Returned{Error: mistake.Error()}, nil
		}
		if err != nil {
			return Returned{}, err
		}
		if strings.TrimSpace(text) == "" {
			return Returned{Summary: t.Name + " returned nothing"}, nil
		}
		return Returned{Summary: t.Name + " returned this", Bytes: len(text), Passages: []retrieve.Hit{{Chunk: chunk.Chunk{
			Path: t.Server + "/" + t.Original, Line: 1, EndLine: 1 + strings.Count(text, "\n"), Text: text, Place: "result of a tool"}}}}, nil
	}
	return Returned{Error: "there is no tool " + c.Tool + " any more"}, nil
}
