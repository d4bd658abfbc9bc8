package mcpserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/flow"
	"weft/rag/tools"
	"weft/rag/workflows"
)

// addRuns adds the tools that start runs.
func (s *server) addRuns() {
	var all []string
	for _, w := range s.Runs.Workflows() {
		all = append(all, fmt.Sprintf("%s (%s)", w.Name(), w.Description()))
	}
	which := " Workflows: " + strings.Join(all, "; ") + "."
	ask := tools.Describe[tools.AskInput, tools.AskOutput](tools.NameAsk, "Answer a question",
		"Answer a question from the documents, with citations. It takes seconds, or minutes with a slow model: if the result is still running, call ask again with its run."+which)
	s.add(ask, readOnly(false), func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		in, err := tools.Decode[tools.AskInput](ask, req.Params.Arguments)
		if err != nil {
			return result(nil, "", err), nil
		}
		return s.ask(ctx, req, in), nil
	})
	run := tools.Describe[tools.RunInput, tools.RunOutput](tools.NameRun, "Run a workflow",
		"Start a workflow with its start event and return its stop event, for programs that need all of it; ask is simpler."+which)
	run.Input.Properties["start"] = schemaOf[workflows.Question]()
	run.Output.Properties["result"] = &jsonschema.Schema{Type: "object",
		Description: "the stop event: question, text, sources, by, and why it is incomplete"}
	hints := readOnly(false)
	hints.ReadOnlyHint = false
	harmless := false
	hints.DestructiveHint = &harmless
	s.add(run, hints, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		in, err := tools.Decode[tools.RunInput](run, req.Params.Arguments)
		if err != nil {
			return result(nil, "", err), nil
		}
		return s.run(ctx, req, in), nil
	})
}

func schemaOf[T any]() *jsonschema.Schema {
	schema, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("mcpserver: %v", err)) // a mistake in the program
	}
	return schema
}

// ask handles a call of the tool ask.
func (s *server) ask(ctx context.Context, req *mcp.CallToolRequest, in tools.AskInput) *mcp.CallToolResult {
	var started Started
	var err error
	switch {
	case req.Params.RequestState != "": // a person was asked: the question has been started before
		started.Run, err = s.continued(ctx, req)
	case in.Run != "":
		started.Run, err = s.Runs.Open(ctx, in.Run)
		if err != nil {
			return s.askKept(in.Run, err)
		}
	case strings.TrimSpace(in.Question) == "":
		err = &tools.Error{Reason: "question is empty", Advice: "give a question, or the run of an earlier result"}
	default:
		started, err = s.Runs.Start(ctx, Ask{Workflow: in.Workflow, Conversation: in.Conversation, Client: clientName(req),
			Question: workflows.Question{Text: in.Question, Scope: scope(in.Under)}})
	}
	if err != nil {
		return result(nil, "", err)
	}
	end := s.follow(ctx, req, started.Run)
	if end.needs != nil {
		return end.needs
	}
	if end.err != nil {
		return result(nil, "", end.err)
	}
	out := tools.AskOutput{Status: end.status, Answer: end.text, Sources: []tools.Source{}, Waits: end.waits, Notice: tools.Notice}
	if end.status == tools.StatusDone {
		a, err := answerOf(end.stop)
		if err != nil {
			return result(nil, "", err)
		}
		out = tools.Answered(a)
	}
	if out.Degraded == "" {
		out.Degraded = started.Degraded
	}
	out.Run, out.Conversation = started.Run.ID(), started.Conversation
	return result(out, out.Summary(), nil)
}

// askKept returns the answer of a run that has ended before. openErr says why the run is not open.
func (s *server) askKept(id string, openErr error) *mcp.CallToolResult {
	kept, err := s.Runs.Kept(id)
	switch {
	case err != nil:
		return result(nil, "", err)
	case !kept.Ended:
		return result(nil, "", openErr)
	case kept.Result == nil:
		return result(nil, "", fmt.Errorf("run %s has no answer: it is %s, %s", kept.ID, kept.Outcome, kept.Reason))
	}
	a, err := answerOf(kept.Result)
	out := tools.Answered(a)
	out.Run = kept.ID
	return result(out, out.Summary(), err)
}

// scope returns the scope of a question; an empty path is the whole corpus.
func scope(under string) []string {
	if under = strings.TrimSpace(under); under == "" || under == "." {
		return nil
	}
	return []string{under}
}

// clientName returns the name of the program that has made a call.
func clientName(req *mcp.CallToolRequest) string {
	if c := req.ClientInfo(); c != nil {
		if name := strings.TrimSpace(printable(cmp.Or(c.Title, c.Name), 40)); name != "" {
			return name
		}
	}
	return "an agent"
}

// run handles a call of the tool run.
func (s *server) run(ctx context.Context, req *mcp.CallToolRequest, in tools.RunInput) *mcp.CallToolResult {
	var run flow.Handle
	var err error
	if req.Params.RequestState != "" {
		run, err = s.continued(ctx, req)
	} else {
		var q workflows.Question
		if json.Unmarshal(in.Start, &q) != nil || strings.TrimSpace(q.Text) == "" {
			err = &tools.Error{Reason: "start is no start event", Advice: `give an object with the question, such as {"text": "…"}`}
		} else {
			var started Started
			started, err = s.Runs.Start(ctx, Ask{Workflow: in.Workflow, Question: q, Client: clientName(req)})
			run = started.Run
		}
	}
	if err != nil {
		return result(nil, "", err)
	}
	end := s.follow(ctx, req, run)
	if end.needs != nil {
		return end.needs
	}
	if end.err != nil {
		return result(nil, "", end.err)
	}
	out := tools.RunOutput{Status: end.status, Run: run.ID(), Waits: end.waits, Notice: tools.Notice}
	if end.status == tools.StatusDone {
		data, err := json.Marshal(end.stop)
		if err != nil {
			return result(nil, "", err)
		}
		out.Result = data
	}
	return result(out, out.Summary(), nil)
}

// errCancelled is the cause of runs that their client has cancelled.
var errCancelled = errors.New("the agent that asked has cancelled it")
