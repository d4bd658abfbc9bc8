// Package tools offers the documents of an index to models and programs: search, read, grep and
// list, and the types of ask and run, which start workflows.
//
// The package has two users with one set of tools: the MCP server, for agents that run elsewhere,
// and the workflow "agent". The command line's grep, read and list call the same functions. The
// tools change nothing and read the index only, never a file. Every result is bounded in size, is a
// plain struct with a JSON schema, and says if the index is incomplete. An error is an [*Error] if
// the caller can mend the call: it says what to do.
package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// A Tool is a function that a model can call.
type Tool struct {
	Name        string
	Title       string // for a person
	Description string // for a model
	Input       *jsonschema.Schema
	Output      *jsonschema.Schema

	call func(context.Context, json.RawMessage) (Result, error)
}

// A Result is what a tool returns.
type Result struct {
	Data    any    // follows the tool's Output schema
	Summary string // one line for a person
}

// Call calls the tool with arguments in JSON. Arguments are taken leniently: a number may be a
// string, null means left out. An argument that does not fit is an [*Error].
func (t *Tool) Call(ctx context.Context, arguments json.RawMessage) (Result, error) {
	return t.call(ctx, arguments)
}

// The names of the tools.
const (
	NameSearch = "search"
	NameRead   = "read"
	NameGrep   = "grep"
	NameList   = "list"
	NameAsk    = "ask"
	NameRun    = "run"
)

// Tools returns the tools that read the documents.
func (d *Documents) Tools() []*Tool {
	return []*Tool{
		define(NameSearch, "Search the documents", "Find the passages that best fit a question, by words and by meaning. Use it first for a question in natural language; use grep for exact names and codes. Read a passage with read before you rely on it.", d.Search),
		define(NameRead, "Read a document", "Read lines of one document, up to 200 at once, by its path, or around a passage by the id that search returned. Continue at next_line.", d.Read),
		define(NameGrep, "Find exact text", "Find the lines that match a regular expression (RE2). Use it for exact names, codes, error messages and numbers.", d.Grep),
		define(NameList, "List documents", "List the documents and folders of the corpus, or all documents that match a glob. Use it to learn what there is.", d.List),
	}
}

// summarised is the result of a tool's function.
type summarised interface{ Summary() string }

func define[In any, Out summarised](name, title, description string, f func(context.Context, In) (Out, error)) *Tool {
	t := Describe[In, Out](name, title, description)
	t.call = func(ctx context.Context, arguments json.RawMessage) (Result, error) {
		in, err := Decode[In](t, arguments)
		if err != nil {
			return Result{}, err
		}
		out, err := f(ctx, in)
		if err != nil {
			return Result{}, err
		}
		return Result{Data: out, Summary: out.Summary()}, nil
	}
	return t
}

// Describe returns a tool with the schemas of its types and without a function.
func Describe[In, Out any](name, title, description string) *Tool {
	return &Tool{Name: name, Title: title, Description: description, Input: schemaOf[In](), Output: schemaOf[Out]()}
}

// schemaOf returns the JSON schema of a type. It panics for a type that has none, which is a mistake
// in the program.
func schemaOf[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("tools: %v", err))
	}
	return s
}

// Decode decodes the arguments of a tool, leniently: see [Tool.Call].
func Decode[In any](t *Tool, arguments json.RawMessage) (in In, err error) {
	if len(bytes.TrimSpace(arguments)) == 0 {
		arguments = json.RawMessage("{}")
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil {
		return in, &Error{"the arguments of " + t.Name + " are no JSON object", usage(t)}
	}
	for name, value := range given {
		property, known := t.Input.Properties[name]
		if !known {
			return in, &Error{fmt.Sprintf("%s has no argument %q", t.Name, name), usage(t)}
		}
		mended, ok := mend(property, value)
		if !ok {
			return in, &Error{fmt.Sprintf("%s of %s is %s", name, t.Name, short(value)), "it must be " + article(kindOf(property))}
		}
		if given[name] = mended; mended == nil {
			delete(given, name)
		}
	}
	for _, name := range t.Input.Required {
		if _, ok := given[name]; !ok {
			return in, &Error{fmt.Sprintf("%s lacks the argument %s", t.Name, name), usage(t)}
		}
	}
	data, err := json.Marshal(given)
	if err == nil {
		err = json.Unmarshal(data, &in)
	}
	if err != nil {
		return in, &Error{fmt.Sprintf("the arguments of %s cannot be read: %v", t.Name, err), usage(t)}
	}
	return in, nil
}

// mend converts a value to the type of its property, and reports whether that is possible. It
// returns nil for null.
func mend(property *jsonschema.Schema, value json.RawMessage) (json.RawMessage, bool) {
	value = bytes.TrimSpace(value)
	if string(value) == "null" {
		return nil, true
	}
	var text string
	isText := json.Unmarshal(value, &text) == nil
	switch kindOf(property) {
	case "string":
		return value, isText
	case "integer":
		if isText {
			value = []byte(strings.TrimSpace(text))
		}
		n, err := strconv.ParseFloat(string(value), 64)
		return json.RawMessage(strconv.FormatInt(int64(n), 10)), err == nil && n == float64(int64(n))
	}
	return value, true
}

// kindOf returns the type that a property must have: "" for any.
func kindOf(s *jsonschema.Schema) string {
	if s.Type != "" {
		return s.Type
	}
	for _, t := range s.Types {
		if t != "null" {
			return t
		}
	}
	return ""
}

func article(kind string) string {
	if kind == "integer" {
		return "a whole number"
	}
	return "a " + kind
}

// usage says which arguments a tool takes.
func usage(t *Tool) string {
	names := t.Input.PropertyOrder
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(t.Input.Properties))
	}
	var all []string
	for _, name := range names {
		if !slices.Contains(t.Input.Required, name) {
			name += "?"
		}
		all = append(all, name)
	}
	return fmt.Sprintf("call it as %s(%s)", t.Name, strings.Join(all, ", "))
}

// short returns a value for an error.
func short(value json.RawMessage) string {
	text, _ := clip(string(value), 60)
	return text
}
