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

// callOther calls a tool of another program, if the user permits it. The call is recorded with its
// result: after a restart it is not made again. The result is a passage of its own, which may be
// cited by the names of the program and the tool.
func (b *toolbox) callOther(ctx *flow.Context, c Call) (Returned, error) {
	all, _ := b.others(ctx)
	for _, t := range all {
		if t.Name != c.Tool {
			continue
		}
		permitted, err := b.parts.Permits.Permit(ctx, t.Server, t.Original, c.Arguments)
		if err != nil {
			return Returned{}, err
		}
		if !permitted {
			return Returned{Declined: t.Name, Error: "the user does not permit calls of " + t.Name + ": use other tools"}, nil
		}
		text, err := flow.Do(ctx, "call", func(callCtx context.Context, _ string) (string, error) {
			return b.parts.Outside.Call(callCtx, t, json.RawMessage(c.Arguments))
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
