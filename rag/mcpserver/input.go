package mcpserver

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/tools"
	"weft/rag/workflows"
)

// statelessVersion is the first revision of the protocol in which a call that needs input is made
// again with the reply as often as needed. For older clients the library asks once in between.
const statelessVersion = "2026-07-28"

// replyName names the only request for input of a call.
const replyName = "reply"

// A parked is the state of a call that waits for a person.
type parked struct {
	Run   string `json:"run"`
	Await uint64 `json:"await"`
	Type  string `json:"type"` // of the reply
}

var errState = errors.New("the state of this call cannot be read: ask again")

// seal returns a state with a signature, so that a client can only give back what it was given.
func (s *server) seal(p parked) string {
	data, _ := json.Marshal(p) // cannot fail: the fields are plain
	return base64.RawURLEncoding.EncodeToString(data) + "." + base64.RawURLEncoding.EncodeToString(s.sign(data))
}

func (s *server) sign(data []byte) []byte {
	mac := hmac.New(sha256.New, s.Key)
	mac.Write(data)
	return mac.Sum(nil)
}

func (s *server) unseal(state string) (p parked, err error) {
	text, signature, _ := strings.Cut(state, ".")
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return p, errState
	}
	mac, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(mac, s.sign(data)) || json.Unmarshal(data, &p) != nil {
		return parked{}, errState
	}
	return p, nil
}

// waiting returns the result of a call whose run waits for a person. A client that can ask one is
// asked to; otherwise the result says how a person replies.
func (s *server) waiting(req *mcp.CallToolRequest, run flow.Handle, r flow.Record) ending {
	state := parked{Run: run.ID(), Await: r.Event, Type: r.Type}
	form, err := formOf(r)
	asked := len(req.Params.InputResponses) > 0 && req.ProtocolVersion() < statelessVersion
	caps := req.ClientCapabilities()
	if err == nil && !asked && caps != nil && caps.Elicitation != nil {
		return ending{needs: &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{replyName: form}, RequestState: s.seal(state)}}
	}
	text, reply := "step "+r.Step+" asks for a decision", "REPLY"
	if err == nil {
		text = form.Message
	} else if p, ok := permissionOf(r); ok {
		text, reply = p.Text, `'{"allow": true}'`
	}
	return ending{status: tools.StatusWaiting, waits: fmt.Sprintf("%s\n\nA person can reply in weft, or with: weft runs answer %s %s. Then call ask with this run.", text, run.ID(), reply)}
}

// permissionOf returns what a run asks before it calls a tool of another program. The client is not
// given a form for it: its agent must not permit in place of a person.
func permissionOf(r flow.Record) (answer.Calling, bool) {
	var prompt struct{ Prompt answer.Calling }
	data, err := r.JSON()
	ok := err == nil && r.Type == "Permission" && json.Unmarshal(data, &prompt) == nil
	return prompt.Prompt, ok
}

// continued hands the reply of a call to the run that waits for it, and returns the run.
func (s *server) continued(ctx context.Context, req *mcp.CallToolRequest) (flow.Handle, error) {
	p, err := s.unseal(req.Params.RequestState)
	if err != nil {
		return nil, err
	}
	got, ok := req.Params.InputResponses[replyName].(*mcp.ElicitResult)
	if !ok {
		return nil, errors.New("the reply is missing: call again with it, or ask again")
	}
	run, err := s.Runs.Open(ctx, p.Run)
	if err != nil {
		return nil, err
	}
	reply, err := replyOf(p.Type, got)
	if err != nil {
		return nil, err
	}
	if err := run.Reply(p.Await, reply); err != nil && !errors.Is(err, flow.ErrNotAwaited) {
		return nil, err
	}
	return run, nil
}

// formOf returns the form for the prompt of an await.
func formOf(r flow.Record) (*mcp.ElicitParams, error) {
	var prompt struct {
		Prompt json.RawMessage `json:"prompt"`
	}
	data, err := r.JSON()
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &prompt); err != nil {
		return nil, err
	}
	if r.Type == "Approval" {
		var p workflows.Proposal
		if err := json.Unmarshal(prompt.Prompt, &p); err != nil {
			return nil, err
		}
		return approvalForm(p), nil
	}
	return nil, fmt.Errorf("a %s cannot be asked for here", r.Type)
}

// mostTitle is the length of the line about one proposed source, in characters.
const mostTitle = 100

// approvalForm returns the form for a proposal. Forms of the protocol have plain fields only, so the
// sources to keep are a text with their numbers.
func approvalForm(p workflows.Proposal) *mcp.ElicitParams {
	var b strings.Builder
	b.WriteString(p.Text + "\n")
	for i, h := range p.Passages {
		at := fmt.Sprintf("%s:%d", h.Path, h.Line)
		if h.Place != "" {
			at = h.Path + ", " + h.Place
		}
		title := []rune(fmt.Sprintf("%d. %s (%.2f) %s", i+1, at, h.Score, strings.Join(h.Heading, " › ")))
		b.WriteString(strings.ReplaceAll(string(title[:min(len(title), mostTitle)]), "\n", " ") + "\n")
	}
	var keep []string
	for _, n := range p.Default.Keep {
		keep = append(keep, strconv.Itoa(n))
	}
	type object = map[string]any
	return &mcp.ElicitParams{Mode: "form", Message: b.String(), RequestedSchema: object{
		"type": "object", "required": []string{"keep"},
		"properties": object{
			"keep":    object{"type": "string", "title": "Answer from", "description": "numbers of the sources, such as 1, 3; all; or none", "default": strings.Join(keep, ", ")},
			"query":   object{"type": "string", "title": "Search for", "description": "another query is searched for, and proposed again", "default": p.Default.Query},
			"decline": object{"type": "boolean", "title": "End without an answer", "default": false},
		},
	}}
}

// mostSources is more sources than a proposal has.
const mostSources = 1000

// replyOf returns the reply of a person for an await.
func replyOf(kind string, got *mcp.ElicitResult) (any, error) {
	if kind != "Approval" {
		return nil, fmt.Errorf("a %s cannot be given here", kind)
	}
	if got.Action != "accept" {
		return workflows.Approval{Decline: true}, nil
	}
	text := func(name string) string {
		v, _ := got.Content[name].(string)
		return strings.TrimSpace(v)
	}
	decline, _ := got.Content["decline"].(bool)
	reply := workflows.Approval{Query: text("query"), Decline: decline}
	switch keep := strings.ToLower(text("keep")); keep {
	case "none", "":
	case "all":
		for n := range mostSources {
			reply.Keep = append(reply.Keep, n+1)
		}
	default:
		for _, word := range strings.FieldsFunc(keep, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
			n, err := strconv.Atoi(word)
			if err != nil {
				return nil, &tools.Error{Reason: fmt.Sprintf("keep is %q", keep), Advice: "give numbers such as 1, 3, or all, or none"}
			}
			reply.Keep = append(reply.Keep, n)
		}
	}
	return reply, nil
}
