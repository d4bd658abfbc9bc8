// Package mcpserver offers a corpus to agents over the Model Context Protocol: the tools of package
// tools, documents and runs as resources, and two prompts.
//
// The server holds no state of its own between calls, so it serves both generations of the protocol:
// sessions, and the stateless revision 2026-07-28. A call of ask or run starts a run of the
// session behind it; the run's records become progress messages, and a run that waits for a person
// becomes a request for input, whose reply continues it. A call never takes longer than
// [Options.Patience]: then it returns the run's identifier, and the run continues.
package mcpserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/tools"
	"weft/rag/workflows"
)

// Runs are the runs of a session. It is safe for concurrent use.
type Runs interface {
	// Start starts a workflow on a question.
	Start(ctx context.Context, ask Ask) (Started, error)
	// Open returns a run that has not ended, if this process owns it or can continue it.
	Open(ctx context.Context, id string) (flow.Handle, error)
	// Kept returns what is kept of a run, ended or not.
	Kept(id string) (Kept, error)
	// Workflows returns the workflows, the default first.
	Workflows() []flow.Definition
	// Corpus describes what can be searched now.
	Corpus() Corpus
}

// An Ask is a question with the workflow that answers it.
type Ask struct {
	Workflow     string // "": the default
	Question     workflows.Question
	Conversation string // of an earlier run; "": none
	Client       string // the program that asks, as it calls itself
}

// Started is a run that was started.
type Started struct {
	Run          flow.Handle
	Conversation string
	Degraded     string // why the run is less than was asked for; "": it is not
}

// Kept is what is known of a run.
type Kept struct {
	ID       string
	Workflow string
	Question string
	Outcome  string          // as weft runs names it: "done", "running", "failed" …
	Reason   string          // why it is not simply done
	Ended    bool            // nothing follows
	Result   json.RawMessage // the stop event; nil: there is none
}

// Corpus describes a corpus for the server's instructions.
type Corpus struct {
	Title   string // its directories
	Model   string // that writes answers; "": none
	Missing string // what cannot be searched yet; "": nothing
	Unread  int    // files that could not be read
}

// Options configure a server.
type Options struct {
	Version   string
	Documents *tools.Documents
	Runs      Runs
	// Key seals the state of calls that wait for a person. With the same key a call can be continued
	// by another process.
	Key []byte
	// Patience is how long a call waits for a run; 0: 50 seconds. Some clients give up after 60.
	Patience time.Duration
	// Heartbeat is the longest time between two progress messages; 0: 10 seconds.
	Heartbeat time.Duration
}

const (
	defaultPatience  = 50 * time.Second
	defaultHeartbeat = 10 * time.Second
)

type server struct {
	Options
	mcp *mcp.Server
}

// New returns a server. It is ready to be connected to any number of clients.
func New(o Options) *mcp.Server {
	o.Patience, o.Heartbeat = cmp.Or(o.Patience, defaultPatience), cmp.Or(o.Heartbeat, defaultHeartbeat)
	s := &server{Options: o}
	s.mcp = mcp.NewServer(&mcp.Implementation{Name: "weft", Title: "weft", Version: o.Version,
		Description: "Search a directory of documents, and answer questions with citations"},
		// Logging is deprecated by the protocol, so it is not offered.
		&mcp.ServerOptions{Capabilities: &mcp.ServerCapabilities{}})
	for _, t := range o.Documents.Tools() {
		s.add(t, readOnly(true), func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			got, err := t.Call(ctx, req.Params.Arguments)
			return result(got.Data, got.Summary, err), nil
		})
	}
	s.addRuns()
	s.addResources()
	s.addPrompts()
	s.mcp.AddReceivingMiddleware(s.withInstructions)
	return s.mcp
}

// readOnly returns the annotations of a tool that reads documents only.
func readOnly(idempotent bool) *mcp.ToolAnnotations {
	closed := false
	return &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: idempotent, OpenWorldHint: &closed}
}

func (s *server) add(t *tools.Tool, hints *mcp.ToolAnnotations, handle mcp.ToolHandler) {
	s.mcp.AddTool(&mcp.Tool{Name: t.Name, Title: t.Title, Description: t.Description,
		InputSchema: t.Input, OutputSchema: t.Output, Annotations: hints}, handle)
}

// result returns a tool's result. An error is part of the result, so that the model sees it.
func result(data any, summary string, err error) *mcp.CallToolResult {
	if err != nil {
		return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: visible(reason(err))}}}
	}
	return &mcp.CallToolResult{StructuredContent: data, Content: []mcp.Content{&mcp.TextContent{Text: summary}}}
}

// reason returns what a model should know about an error: a failed step without the engine's words.
func reason(err error) string {
	var step *flow.StepError
	if errors.As(err, &step) {
		return "step " + step.Step + " failed: " + step.Err.Error()
	}
	return err.Error()
}

// visible replaces the characters of a text that a terminal would obey, or that reverse the order of
// others. An error repeats what the agent has sent, which may be from a hostile document.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// answerOf returns the answer of a stop event.
func answerOf(stop any) (a show.Answer, err error) {
	if a, ok := stop.(show.Answer); ok {
		return a, nil
	}
	data, err := json.Marshal(stop)
	if err == nil {
		err = json.Unmarshal(data, &a)
	}
	return a, err
}
