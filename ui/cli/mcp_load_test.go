package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/rag/llm/fakeopenai"
	"weft/rag/tools"
)

// TestAnMCPClientDoesNotWaitForTheModelOfAnother connects 20 clients to one process. The model is
// silent in the middle of the answers to ten of them; the other ten get their answers meanwhile.
func TestAnMCPClientDoesNotWaitForTheModelOfAnother(t *testing.T) {
	const half = 10
	model, url := fakeopenai.Start(t, "hang_after=2", "tiny-chat")
	h := startAgentHost(t, harbourDir(t), nil, "WEFT_OFFLINE=false", "WEFT_BASE_URL="+url)
	clients := make([]*agent, 2*half)
	for i := range clients {
		clients[i] = connectOver(t, h.transport(), protocols[i%len(protocols)], nil)
	}
	ctx, cancel := context.WithCancel(t.Context())
	silent := make(chan error, half)
	for _, a := range clients[:half] {
		go func() {
			_, err := a.CallTool(ctx, &mcp.CallToolParams{Name: "ask", Arguments: map[string]any{"question": "What does a berth cost?"}})
			silent <- err
		}()
	}
	waitUntil(t, "the model is silent for half of the clients", func() bool { return model.Stats().Active >= half })
	model.Configure("hang_after=-1")
	t.Run("others", func(t *testing.T) {
		for i, a := range clients[half:] {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				var found tools.SearchOutput
				a.call(t, "search", map[string]any{"query": "What does a berth cost?"}, &found)
				var got tools.AskOutput
				a.call(t, "ask", map[string]any{"question": "What does a berth cost?"}, &got)
				if len(found.Hits) == 0 || got.Status != tools.StatusDone || got.By != "tiny-chat" || got.Answer == "" {
					t.Errorf("found %+v, answered %+v", found, got)
				}
			})
		}
	})
	if active := model.Stats().Active; active != half {
		t.Errorf("the model is silent for %d clients, want %d", active, half)
	}
	cancel()
	for range half {
		if err := <-silent; err == nil {
			t.Error("a cancelled call has a result")
		}
	}
}

// BenchmarkAnMCPSearch measures searches over 10,000 passages through a client over HTTP, as the
// median of a call in milliseconds. The documents are made of 2,000 invented words.
func BenchmarkAnMCPSearch(b *testing.B) {
	const documents, sections = 500, 20
	syllables := []string{"ba", "ke", "lo", "mi", "nu", "ra", "so", "ti", "ve", "za", "pu", "do", "fe"}
	word := func(n int) string {
		n = n * n % 1999
		return syllables[n%13] + syllables[n/13%13] + syllables[n/169%13]
	}
	dir := b.TempDir()
	for d := range documents {
		var text strings.Builder
		for s := range sections {
			fmt.Fprintf(&text, "# %s %s\n\n", word(d), word(d*sections+s))
			for w := range 60 {
				fmt.Fprintf(&text, "%s ", word(d*7919+s*104729+w*w*31))
			}
			text.WriteString("\n\n")
		}
		write(b, dir, fmt.Sprintf("%d.md", d), text.String())
	}
	h := startAgentHost(b, dir, nil)
	a := connectOver(b, h.transport(), "2026-07-28", nil)
	search := func(n int) {
		got, err := a.CallTool(b.Context(), &mcp.CallToolParams{Name: "search",
			Arguments: map[string]any{"query": fmt.Sprintf("where does %s meet %s and %s?", word(n), word(n*3+1), word(n*7+2))}})
		if err != nil || got.IsError {
			b.Fatalf("%v %+v", err, got)
		}
	}
	search(0) // waits for the index
	var took []time.Duration
	for n := 1; b.Loop(); n++ {
		begun := time.Now()
		search(n)
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
}
