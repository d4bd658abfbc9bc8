// Package outside calls the tools of other programs, over the Model Context Protocol.
//
// What such a program says of itself is not trusted. Only tools that it declares to be read-only are
// offered; their names get the name of the server in front, so that they cannot take the place of
// weft's own; descriptions and schemas are cleaned and limited, and so is the text of results. A
// program gets no variables of weft's environment that may hold keys.
package outside

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/rag/lazyregexp"
	"weft/rag/proctree"
)

// Limits on what a server may send, and on how long it may take.
const (
	mostTools       = 32 // of one server
	mostName        = 64
	mostDescription = 400      // characters
	mostSchema      = 8 << 10  // bytes
	mostResult      = 16 << 10 // bytes
	connectTime     = 15 * time.Second
	callTime        = time.Minute

	// terminateTime is how long a server may take to end by itself, first when its input ends and
	// then after SIGTERM. Both together are less than weft has itself after a signal.
	terminateTime = 250 * time.Millisecond
)

// A Tool is a tool of a server.
type Tool struct {
	Name        string // unique among all tools, such as "files_read_text_file"
	Server      string // the name that the person gave to the server
	Original    string // the name that the server gave to the tool
	Description string
	Schema      json.RawMessage // of the arguments

	resolved *jsonschema.Resolved
}

// A MistakeError says what is wrong with the arguments of a call.
type MistakeError struct{ Text string }

func (e *MistakeError) Error() string { return e.Text }

// Servers are the configured servers. Each is started when it is first needed, and again after it
// has ended. It is safe for concurrent use.
type Servers struct {
	commands map[string][]string

	mu      sync.Mutex
	started map[string]*started
}

// started is a server that runs, or why it does not.
type started struct {
	session *mcp.ClientSession
	process *exec.Cmd
	tools   []Tool
	problem string
}

// New returns the servers with these commands, by their names.
func New(commands map[string][]string) *Servers {
	return &Servers{commands: commands, started: map[string]*started{}}
}

// Tools returns the tools of all servers, and a sentence for each server and tool that is left out.
func (s *Servers) Tools(ctx context.Context) (tools []Tool, problems []string) {
	for _, name := range slices.Sorted(maps.Keys(s.commands)) {
		r := s.server(ctx, name)
		tools = append(tools, r.tools...)
		if r.problem != "" {
			problems = append(problems, "the tool server "+name+": "+r.problem)
		}
	}
	return tools, problems
}

// server returns a server, which it starts if it does not run. A server that could not be started is
// not tried again.
func (s *Servers) server(ctx context.Context, name string) *started {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.started[name]
	if r == nil {
		r = &started{}
		if err := r.start(ctx, name, s.commands[name]); err != nil {
			if ctx.Err() != nil {
				return &started{problem: ctx.Err().Error()}
			}
			r.problem = err.Error()
		}
		s.started[name] = r
	}
	return r
}

func (r *started) start(ctx context.Context, name string, command []string) error {
	if len(command) == 0 {
		return errors.New("it has no command")
	}
	process := exec.Command(command[0], command[1:]...)
	proctree.Own(process)
	process.Env = slices.DeleteFunc(os.Environ(), secretVariable)
	client := mcp.NewClient(&mcp.Implementation{Name: "weft"}, &mcp.ClientOptions{Capabilities: &mcp.ClientCapabilities{}})
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: process, TerminateDuration: terminateTime}, nil)
	if err != nil {
		proctree.EndDescendants(process)
		return fmt.Errorf("it cannot be started: %s", clean(err.Error(), 200))
	}
	r.session, r.process = session, process
	var left []string
	for t, err := range session.Tools(ctx, nil) {
		if err != nil {
			left = append(left, "its tools cannot be listed: "+clean(err.Error(), 200))
			break
		}
		if len(r.tools) == mostTools {
			left = append(left, fmt.Sprintf("it has more than %d tools", mostTools))
			break
		}
		tool, err := offer(name, t)
		if err == nil && slices.ContainsFunc(r.tools, func(o Tool) bool { return o.Name == tool.Name }) {
			err = errors.New("another one has the same name")
		}
		if err != nil {
			left = append(left, fmt.Sprintf("%s is left out: %v", clean(t.Name, mostName), err))
			continue
		}
		r.tools = append(r.tools, tool)
	}
	r.problem = strings.Join(left, "; ")
	return nil
}

// secretVariable matches variables of the environment that weft reads keys from.
func secretVariable(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return strings.HasPrefix(name, "WEFT_") || strings.Contains(name, "API_KEY")
}

var notInName = lazyregexp.New(`[^A-Za-z0-9_-]+`)

// offer returns a server's tool as it is offered, or why it is not.
func offer(server string, t *mcp.Tool) (Tool, error) {
	if t.Annotations == nil || !t.Annotations.ReadOnlyHint {
		return Tool{}, errors.New("it is not declared to be read-only")
	}
	name := notInName.ReplaceAllString(server, "-") + "_" + notInName.ReplaceAllString(t.Name, "-")
	if t.Name == "" || len(name) > mostName {
		return Tool{}, fmt.Errorf("its name must have from 1 to %d letters, with that of the server", mostName)
	}
	data, err := json.Marshal(t.InputSchema)
	if err != nil || len(data) > mostSchema {
		return Tool{}, fmt.Errorf("the schema of its arguments is larger than %d bytes", mostSchema)
	}
	var loose any
	if err := json.Unmarshal(data, &loose); err != nil {
		return Tool{}, errors.New("the schema of its arguments cannot be read")
	}
	if data, err = json.Marshal(cleanSchema(loose)); err != nil { // it was JSON before
		panic(err)
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(data, &schema); err != nil {
		return Tool{}, errors.New("the schema of its arguments cannot be read")
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return Tool{}, errors.New("the schema of its arguments is not valid")
	}
	about := "From the program " + server + ", which says: " + cmp.Or(clean(t.Description, mostDescription), "nothing")
	return Tool{Name: name, Server: server, Original: t.Name, Description: about, Schema: data, resolved: resolved}, nil
}

// cleanSchema cleans the texts of a schema, and leaves out those that are for people.
func cleanSchema(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			text, isText := value.(string)
			switch {
			case key == "description" && isText:
				out[key] = clean(text, mostDescription/4)
			case (key == "title" || key == "$comment" || key == "examples" || key == "$schema") && (isText || key == "examples"):
			default:
				out[clean(key, mostName)] = cleanSchema(value)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = cleanSchema(v[i])
		}
		return out
	case string:
		return clean(v, mostDescription/4)
	}
	return v
}

// Call calls a tool and returns the text of its result. Arguments that do not fit the tool's schema
// are a [MistakeError], and so is an error that the tool itself reports.
func (s *Servers) Call(ctx context.Context, t Tool, arguments json.RawMessage) (string, error) {
	var given map[string]any
	if err := json.Unmarshal(arguments, &given); err != nil || given == nil {
		return "", &MistakeError{"the arguments of " + t.Name + " are no JSON object"}
	}
	if err := t.resolved.Validate(given); err != nil {
		return "", &MistakeError{"the arguments of " + t.Name + " do not fit: " + clean(err.Error(), 300)}
	}
	r := s.server(ctx, t.Server)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if r.session == nil {
		return "", &MistakeError{t.Name + " cannot be called: " + r.problem}
	}
	limited, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	got, err := r.session.CallTool(limited, &mcp.CallToolParams{Name: t.Original, Arguments: given})
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		if _, replied := errors.AsType[*jsonrpc.Error](err); !replied && limited.Err() == nil {
			s.forget(t.Server, r)
		}
		return "", &MistakeError{t.Name + " failed: " + clean(err.Error(), 300)}
	}
	text := cleanText(textOf(got), mostResult)
	if got.IsError {
		return "", &MistakeError{t.Name + " reports an error: " + clean(text, 600)}
	}
	return text, nil
}

// forget removes a server that has ended, so that it is started again.
func (s *Servers) forget(name string, r *started) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started[name] == r {
		delete(s.started, name)
	}
	r.end()
}

// end ends a server and the programs that it has started.
func (r *started) end() {
	if r.session != nil {
		r.session.Close() // it is not needed any more, however it ends
		proctree.EndDescendants(r.process)
	}
}

// textOf returns the text of a result. Parts that are not text are named.
func textOf(got *mcp.CallToolResult) string {
	var parts []string
	for _, c := range got.Content {
		switch c := c.(type) {
		case *mcp.TextContent:
			parts = append(parts, c.Text)
		default:
			parts = append(parts, "(a part that is no text is left out)")
		}
	}
	if len(parts) == 0 && got.StructuredContent != nil {
		if data, err := json.Marshal(got.StructuredContent); err == nil {
			parts = append(parts, string(data))
		}
	}
	return strings.Join(parts, "\n")
}

// Close ends all servers.
func (s *Servers) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ending sync.WaitGroup
	for _, r := range s.started {
		ending.Go(r.end)
	}
	ending.Wait()
	s.started = map[string]*started{}
}
