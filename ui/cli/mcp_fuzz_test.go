package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// served serves a corpus, and returns the server without a transport.
func served(t testing.TB, st *settings, dir string) *mcp.Server {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan *mcp.Server, 1), make(chan error, 1)
	go func() {
		ended <- serveMCP(ctx, st, []string{dir}, io.Discard, func(ctx context.Context, server *mcp.Server, _ []byte, _ func(string)) error {
			ready <- server
			<-ctx.Done()
			return nil
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	select {
	case server := <-ready:
		return server
	case err := <-ended:
		ended <- err
		t.Fatalf("the server ended with %v", err)
	}
	return nil
}

// protocolLine returns why a line of the output is not a message of the protocol, or nil.
// The responses to a batch, which clients of older revisions may send, are an array on one line.
func protocolLine(line []byte) error {
	if batch, ok := bytes.CutPrefix(line, []byte("[")); ok && len(batch) > 1 {
		var messages []json.RawMessage
		if err := json.Unmarshal(line, &messages); err != nil {
			return err
		}
		for _, m := range messages {
			if err := protocolMessage(m); err != nil {
				return err
			}
		}
		return nil
	}
	return protocolMessage(line)
}

func protocolMessage(data []byte) error {
	message, err := jsonrpc.DecodeMessage(data)
	if err != nil {
		return err
	}
	if r, ok := message.(*jsonrpc.Response); ok && r.Error == nil && len(r.Result) == 0 {
		return errors.New("a response with neither a result nor an error")
	}
	return nil
}

// requestLines returns what a client sends: one request a line.
func requestLines(requests ...string) []byte { return []byte(strings.Join(requests, "\n") + "\n") }

// FuzzStandardInputOfMCP writes anything to the input of weft mcp. The output has messages of the
// protocol only, and the server ends when its input ends.
func FuzzStandardInputOfMCP(f *testing.F) {
	const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}`
	const ready = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	call := func(tool, arguments string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"method":"tools/call","params":{"name":%q,"arguments":%s,"_meta":{"progressToken":1}}}`, tool, tool, arguments)
	}
	for _, input := range [][]byte{
		{}, []byte("\n"), []byte("hello\n"), requestLines("{}", "[]", "null", "7"), []byte("\x00\x1b[31m\xff\n"), []byte(hello),
		requestLines(hello, ready, `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`, `{"jsonrpc":"2.0","id":3,"method":"prompts/list"}`),
		requestLines(hello, ready, call("search", `{"query":"berth"}`), call("read", `{"path":"harbour.md"}`), call("list", `{}`)),
		requestLines(hello, ready, call("grep", `{"pattern":"[0-9]+ euros"}`), call("grep", `{"pattern":"("}`), call("none", `{}`)),
		requestLines(hello, ready, call("ask", `{"question":"What does a berth cost?","workflow":"approve"}`)),
		requestLines(hello, ready, call("run", `{"workflow":"rag","start":{"text":"What?"}}`), `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"run"}}`),
		requestLines(hello, ready, call("ask", `7`), `{"jsonrpc":"2.0","id":"ask","method":"ping"}`, `{"jsonrpc":"2.0","id":"ask","result":{}}`),
		requestLines(hello, ready, `{"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":"weft://doc/../x"}}`),
		requestLines(strings.Replace(hello, "2025-11-25", "2025-03-26", 1), ready, `[{"jsonrpc":"2.0","id":5,"method":"ping"},{"jsonrpc":"2.0","id":6,"method":"none"}]`),
		requestLines(`{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
			`"io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}`),
	} {
		f.Add(input)
	}
	server := served(f, agentSettings(f), harbourDir(f))
	f.Fuzz(func(t *testing.T, input []byte) {
		in, typed := io.Pipe()
		out := &outputLines{wrote: make(chan struct{}, 1)}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = onStdio(in, out)(t.Context(), server, nil, nil) // input that cannot be parsed may be an error
			in.Close()
		}()
		_, _ = typed.Write(input) // fails if the server has ended before
		out.await(callsIn(input), ended)
		typed.Close()
		select {
		case <-ended:
		case <-time.After(noticeTimeout):
			t.Fatal("the input has ended, and the server has not")
		}
		for line := range bytes.Lines(out.all()) {
			text, whole := bytes.CutSuffix(line, []byte("\n"))
			if err := protocolLine(text); err != nil || !whole {
				t.Errorf("the output has the line %q: %v", line, err)
			}
		}
	})
}

// callsIn returns how many lines of an input are calls.
func callsIn(input []byte) (n int) {
	for line := range bytes.Lines(input) {
		if message, err := jsonrpc.DecodeMessage(bytes.TrimSpace(line)); err == nil {
			if r, ok := message.(*jsonrpc.Request); ok && r.IsCall() {
				n++
			}
		}
	}
	return n
}

// outputLines holds what a server writes.
type outputLines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{} // receives after a write
}

func (o *outputLines) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.wrote <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *outputLines) all() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.text.Bytes())
}

// await waits for a number of responses, or the end of the server. The wait is short and may be in
// vain: calls that are cancelled or have the same id get fewer responses.
func (o *outputLines) await(n int, ended <-chan struct{}) {
	limit := time.After(200 * time.Millisecond)
	for bytes.Count(o.all(), []byte(`"result":`))+bytes.Count(o.all(), []byte(`"error":`)) < n {
		select {
		case <-o.wrote:
		case <-ended:
			return
		case <-limit:
			return
		}
	}
}
