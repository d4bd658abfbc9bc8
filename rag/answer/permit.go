package answer

import (
	"encoding/json"
	"fmt"

	"weft/flow"
)

// Calling is the question to the user before a tool of another program is first called.
type Calling struct {
	Text      string          `json:"text"` // the question in words
	Server    string          `json:"server"`
	Tool      string          `json:"tool"`
	Arguments string          `json:"arguments"`
	Schema    json.RawMessage `json:"schema"` // of the reply, a Permission
}

// Permission is the reply to [Calling].
type Permission struct {
	Allow bool `json:"allow"`
}

var permissionSchema = json.RawMessage(`{"type":"object","required":["allow"],"properties":{"allow":{"type":"boolean","title":"Call it?","default":false}}}`)

// Permit reports whether a tool of another program may be called. It asks the user before the first
// call, so the calling step must declare flow.Awaits[Permission]. Without a gate nothing is permitted.
func (g *Gate) Permit(ctx *flow.Context, server, tool, arguments string) (bool, error) {
	if g == nil {
		return false, nil
	}
	key := "tool:" + server + "/" + tool
	if g.Allowed(key) {
		return true, nil
	}
	text := fmt.Sprintf("The model wants to call the tool %s of the program %s, with %s. The program gets these arguments, and what it returns goes to the model. It is remembered for this tool.",
		tool, server, arguments)
	reply, err := flow.Await[Permission](ctx, "permission "+key, Calling{text, server, tool, arguments, permissionSchema})
	if err != nil || !reply.Allow {
		return false, err
	}
	if err := g.Allow(key); err != nil {
		return false, fmt.Errorf("your permission could not be remembered: %w", err)
	}
	return true, nil
}
