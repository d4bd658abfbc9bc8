package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/rag/tools"
)

// TestAReplyAfterARestartOfTheMCPServerContinuesTheRun parks a call of the workflow approve, ends the
// server, and gives the reply to a later one. A state that the server has not signed is refused.
func TestAReplyAfterARestartOfTheMCPServerContinuesTheRun(t *testing.T) {
	st, dir := agentSettings(t), harbourDir(t)
	fill := func(p *mcp.ElicitParams) *mcp.ElicitResult {
		t.Errorf("the client is asked %q, but the test replies itself", p.Message)
		return &mcp.ElicitResult{Action: "cancel"}
	}
	byHand := func(o *mcp.ClientOptions) { o.MultiRoundTrip = &mcp.MultiRoundTripOptions{Disabled: true} }
	arguments := map[string]any{"question": "What does a berth cost?", "workflow": "approve"}
	var parked *mcp.CallToolResult
	t.Run("before", func(t *testing.T) {
		parked = connect(t, st, dir, "2026-07-28", fill, byHand).call(t, "ask", arguments, nil)
	})
	if len(parked.InputRequests) != 1 || parked.RequestState == "" {
		t.Fatalf("the call does not wait for a person: %+v", parked)
	}
	a := connect(t, st, dir, "2026-07-28", fill, byHand)
	reply := func(state string) *mcp.CallToolResult {
		responses := mcp.InputResponseMap{}
		for name := range parked.InputRequests {
			responses[name] = &mcp.ElicitResult{Action: "accept", Content: map[string]any{"keep": "1"}}
		}
		got, err := a.CallTool(t.Context(), &mcp.CallToolParams{Name: "ask", Arguments: arguments,
			InputResponses: responses, RequestState: state})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, forged := range []string{"x", "e30.", "e30." + strings.Repeat("A", 43), "A" + parked.RequestState} {
		if got := reply(forged); !got.IsError || !strings.Contains(text(got), "ask again") {
			t.Errorf("the forged state %q is answered with %+v", forged, got)
		}
	}
	done := reply(parked.RequestState)
	data, err := json.Marshal(done.StructuredContent)
	var got tools.AskOutput
	if err == nil && !done.IsError {
		err = json.Unmarshal(data, &got)
	}
	if err != nil || got.Status != tools.StatusDone || got.Declined || !strings.Contains(got.Answer, "14 euros") {
		t.Errorf("%v %q: %+v", err, text(done), got)
	}
}
