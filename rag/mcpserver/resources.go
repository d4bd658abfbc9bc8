package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/rag/tools"
)

// The addresses of resources.
const (
	documentPrefix = "weft://doc/"
	runPrefix      = "weft://run/"
)

// mostDocument is the number of bytes of a document that a resource has.
const mostDocument = 256 << 10

func (s *server) addResources() {
	s.mcp.AddResourceTemplate(&mcp.ResourceTemplate{Name: "document", Title: "A document", URITemplate: documentPrefix + "{+path}",
		Description: "The text of a document, by its path in the corpus. The tool read shows parts of it, with line numbers.",
		MIMEType:    "text/plain"}, s.document)
	s.mcp.AddResourceTemplate(&mcp.ResourceTemplate{Name: "run", Title: "A run", URITemplate: runPrefix + "{id}",
		Description: "How a run of ask or run stands, and its result.", MIMEType: "application/json"}, s.runResource)
}

// document returns the text of a document.
func (s *server) document(ctx context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	uri := req.Params.URI
	at, err := url.PathUnescape(strings.TrimPrefix(uri, documentPrefix))
	if err != nil {
		return nil, mcp.ResourceNotFoundError(uri)
	}
	text, err := s.Documents.Text(ctx, at, mostDocument)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", mcp.ResourceNotFoundError(uri), err)
	}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: "text/plain", Text: text}}}, nil
}

// runResource returns what is known of a run, as JSON.
func (s *server) runResource(_ context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	uri := req.Params.URI
	kept, err := s.Runs.Kept(strings.TrimPrefix(uri, runPrefix))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", mcp.ResourceNotFoundError(uri), err)
	}
	data, err := json.Marshal(map[string]any{"run": kept.ID, "workflow": kept.Workflow, "question": kept.Question,
		"outcome": kept.Outcome, "reason": kept.Reason, "result": kept.Result, "notice": tools.Notice})
	if err != nil {
		return nil, err
	}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: "application/json", Text: string(data)}}}, nil
}

// The texts of the prompts. Each ends where the question follows.
const (
	answerPrompt = "Answer the question below from the documents that weft has indexed. Search for it; if it has exact names or codes, grep for them too. Read each passage before you rely on it. Say only what the documents say, and cite path and lines after each statement. If they do not answer the question, say so.\n\nQuestion: "
	reportPrompt = "Research the topic below in the documents that weft has indexed. List what there is, split the topic into questions, and search for each with the words that the documents would use; search again with words from what you have read. Read what you rely on. Write a report with a section for each question, cite path and lines after each statement, say where documents contradict each other, and list what they leave open.\n\nTopic: "
)

func (s *server) addPrompts() {
	for _, p := range []struct{ name, title, description, argument, about, text string }{
		{"answer", "Answer from the documents", "Answer a question from the documents, with citations", "question", "what to answer", answerPrompt},
		{"research", "Research in the documents", "Write a report on a topic from the documents, with citations", "topic", "what to report on", reportPrompt},
	} {
		s.mcp.AddPrompt(&mcp.Prompt{Name: p.name, Title: p.title, Description: p.description,
			Arguments: []*mcp.PromptArgument{{Name: p.argument, Description: p.about, Required: true}}},
			func(_ context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
				return &mcp.GetPromptResult{Description: p.description, Messages: []*mcp.PromptMessage{{
					Role: "user", Content: &mcp.TextContent{Text: p.text + req.Params.Arguments[p.argument]}}}}, nil
			})
	}
}
