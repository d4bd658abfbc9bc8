package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/flow"
	"weft/flow/show"
)

type (
	job  struct{ Name string }
	hole struct{ Name string }
)

// A message is one that a client was sent, and when, counted from the start of the call.
type message struct {
	text string
	at   time.Duration
}

// messagesOf returns the progress messages that a client is sent while a run with one step is
// followed. It is called inside a bubble of synctest, whose clock is not the machine's.
func messagesOf(t *testing.T, work func(ctx *flow.Context)) []message {
	t.Helper()
	wf := flow.New[job, hole]("work")
	flow.Step(wf, "dig", func(ctx *flow.Context, j job) (hole, error) {
		work(ctx)
		return hole(j), nil
	})
	s := &server{Options: Options{Patience: time.Hour, Heartbeat: defaultHeartbeat}}
	served := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	served.AddTool(&mcp.Tool{Name: "work", InputSchema: json.RawMessage(`{"type":"object"}`)},
		func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			run, err := wf.Start(ctx, job{"a hole"})
			if err != nil {
				return nil, err
			}
			return &mcp.CallToolResult{Content: []mcp.Content{}}, s.follow(ctx, req, run).err
		})
	begun := time.Now()
	var got []message
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			got = append(got, message{r.Params.Message, time.Since(begun)}) // handled one after another
		}})
	clientEnd, serverEnd := mcp.NewInMemoryTransports()
	ended := make(chan error, 1)
	go func() { ended <- served.Run(t.Context(), serverEnd) }()
	session, err := client.Connect(t.Context(), clientEnd, nil)
	if err != nil {
		t.Fatal(err)
	}
	params := &mcp.CallToolParams{Name: "work"}
	params.SetProgressToken("work")
	if _, err := session.CallTool(t.Context(), params); err != nil {
		t.Error(err)
	}
	synctest.Wait()
	session.Close()
	<-ended
	synctest.Wait()
	return got
}

func TestAnMCPClientHearsOfARunThatIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := messagesOf(t, func(*flow.Context) { time.Sleep(5 * defaultHeartbeat) })
		beats := 0
		for i, m := range got {
			if strings.HasPrefix(m.text, "dig (") {
				beats++
			}
			if i > 0 && m.at-got[i-1].at > defaultHeartbeat+messageInterval {
				t.Errorf("there is no message between %v and %v", got[i-1], m)
			}
		}
		if beats < 4 {
			t.Errorf("%d heartbeats in %v", beats, got)
		}
	})
}

// TestAnMCPClientIsNotFloodedWithProgress reports much at once: the client gets few messages, and the
// last one.
func TestAnMCPClientIsNotFloodedWithProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const reports, during = 1000, 2 * time.Second
		got := messagesOf(t, func(ctx *flow.Context) {
			for n := range reports {
				ctx.Emit(show.Progress{Message: fmt.Sprintf("spade %d", n+1)})
				time.Sleep(during / reports)
			}
			time.Sleep(2 * messageInterval)
		})
		if most := burst + int(during/messageInterval) + 4; len(got) > most || len(got) < int(during/messageInterval) {
			t.Errorf("%d messages, at most %d were expected", len(got), most)
		}
		if !slices.ContainsFunc(got, func(m message) bool { return m.text == fmt.Sprintf("dig: spade %d", reports) }) {
			t.Errorf("the last report is missing: %v", got)
		}
	})
}
