//lint:file-ignore SA1019 older revisions have sampling and logging, and the suite tests them

package cli

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// The smallest picture and recording.
var (
	tinyPNG = decoded("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==")
	tinyWAV = decoded("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=")
)

func decoded(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

type object = map[string]any

// addConformanceFixtures adds to a server what the scenarios of @modelcontextprotocol/conformance call
// by name.
func addConformanceFixtures(server *mcp.Server) {
	addFixtureTools(server)
	addFixtureResources(server)
	addFixturePrompts(server)
	server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			switch method { // weft offers neither
			case "completion/complete":
				return &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{}}}, nil
			case "resources/subscribe", "resources/unsubscribe":
				return &mcp.ResultBase{}, nil
			}
			return next(ctx, method, req)
		}
	})
}

func fixtureText(format string, args ...any) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: fmt.Sprintf(format, args...)}}}
}

func addFixtureTools(server *mcp.Server) {
	add := func(name string, schema object, handle func(context.Context, *mcp.CallToolRequest, object) (*mcp.CallToolResult, error)) {
		server.AddTool(&mcp.Tool{Name: name, Description: "a fixture of the conformance suite", InputSchema: schema},
			func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				var in object
				if len(req.Params.Arguments) > 0 {
					if err := json.Unmarshal(req.Params.Arguments, &in); err != nil {
						return nil, err
					}
				}
				return handle(ctx, req, in)
			})
	}
	plain := object{"type": "object"}
	document := &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "test://embedded-resource", MIMEType: "text/plain", Text: "This is an embedded resource"}}
	picture := &mcp.ImageContent{Data: tinyPNG, MIMEType: "image/png"}
	for name, content := range map[string][]mcp.Content{
		"test_simple_text":            {&mcp.TextContent{Text: "This is a simple text response for testing."}},
		"test_image_content":          {picture},
		"test_audio_content":          {&mcp.AudioContent{Data: tinyWAV, MIMEType: "audio/wav"}},
		"test_embedded_resource":      {document},
		"test_multiple_content_types": {&mcp.TextContent{Text: "This is text content"}, picture, document},
	} {
		add(name, plain, func(context.Context, *mcp.CallToolRequest, object) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: content}, nil
		})
	}
	add("test_error_handling", plain, func(context.Context, *mcp.CallToolRequest, object) (*mcp.CallToolResult, error) {
		failed := fixtureText("%v", errors.New("this tool intentionally returns an error for testing"))
		failed.IsError = true
		return failed, nil
	})
	add("test_tool_with_logging", plain, func(ctx context.Context, req *mcp.CallToolRequest, _ object) (*mcp.CallToolResult, error) {
		for _, text := range []string{"started", "under way", "done"} {
			if err := req.Session.Log(ctx, &mcp.LoggingMessageParams{Level: "info", Data: text}); err != nil {
				return nil, err
			}
		}
		return fixtureText("logged"), nil
	})
	add("test_tool_with_progress", plain, func(ctx context.Context, req *mcp.CallToolRequest, _ object) (*mcp.CallToolResult, error) {
		for _, done := range []float64{0, 50, 100} {
			if err := req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: req.Params.GetProgressToken(),
				Progress: done, Total: 100, Message: "under way"}); err != nil {
				return nil, err
			}
			time.Sleep(50 * time.Millisecond) // the suite's client drops what arrives with the result
		}
		return fixtureText("%v", req.Params.GetProgressToken()), nil
	})
	add("test_sampling", object{"type": "object", "properties": object{"prompt": object{"type": "string"}}, "required": []string{"prompt"}},
		func(ctx context.Context, req *mcp.CallToolRequest, in object) (*mcp.CallToolResult, error) {
			got, err := req.Session.CreateMessage(ctx, &mcp.CreateMessageParams{MaxTokens: 100,
				Messages: []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: fmt.Sprint(in["prompt"])}}}})
			if err != nil {
				return nil, err
			}
			return fixtureText("LLM response: %v", got.Content.(*mcp.TextContent).Text), nil
		})
	elicit := func(schema object) func(context.Context, *mcp.CallToolRequest, object) (*mcp.CallToolResult, error) {
		return func(ctx context.Context, req *mcp.CallToolRequest, in object) (*mcp.CallToolResult, error) {
			message, _ := in["message"].(string)
			got, err := req.Session.Elicit(ctx, &mcp.ElicitParams{Message: message + " ", RequestedSchema: schema})
			if err != nil {
				return nil, err
			}
			return fixtureText("Elicitation result: action=%s, content=%v", got.Action, got.Content), nil
		}
	}
	add("test_elicitation", object{"type": "object", "properties": object{"message": object{"type": "string"}}, "required": []string{"message"}},
		elicit(object{"type": "object", "properties": object{"username": object{"type": "string"}}, "required": []string{"username"}}))
	add("test_elicitation_sep1034_defaults", plain, elicit(object{"type": "object", "properties": object{
		"name": object{"type": "string", "default": "John Doe"}, "age": object{"type": "integer", "default": 30},
		"score": object{"type": "number", "default": 95.5}, "verified": object{"type": "boolean", "default": true},
		"status": object{"type": "string", "enum": []string{"active", "inactive", "pending"}, "default": "active"}}}))
	options := []string{"option1", "option2", "option3"}
	titled := []object{{"const": "value1", "title": "First Option"}, {"const": "value2", "title": "Second Option"}, {"const": "value3", "title": "Third Option"}}
	add("test_elicitation_sep1330_enums", plain, elicit(object{"type": "object", "properties": object{
		"untitledSingle": object{"type": "string", "enum": options}, "titledSingle": object{"type": "string", "oneOf": titled},
		"legacyEnum":    object{"type": "string", "enum": []string{"opt1", "opt2", "opt3"}, "enumNames": []string{"Option One", "Option Two", "Option Three"}},
		"untitledMulti": object{"type": "array", "minItems": 1, "maxItems": 3, "items": object{"type": "string", "enum": options}},
		"titledMulti":   object{"type": "array", "minItems": 1, "maxItems": 3, "items": object{"anyOf": titled}}}}))
	add("json_schema_2020_12_tool", object{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
		"$defs":      object{"address": object{"type": "object", "properties": object{"street": object{"type": "string"}, "city": object{"type": "string"}}}},
		"properties": object{"name": object{"type": "string"}, "address": object{"$ref": "#/$defs/address"}}, "additionalProperties": false},
		func(_ context.Context, _ *mcp.CallToolRequest, in object) (*mcp.CallToolResult, error) {
			return fixtureText("%v", in), nil
		})
	add("test_reconnection", plain, func(ctx context.Context, req *mcp.CallToolRequest, _ object) (*mcp.CallToolResult, error) {
		req.Extra.CloseSSEStream(mcp.CloseSSEStreamArgs{RetryAfter: 10 * time.Millisecond})
		time.Sleep(100 * time.Millisecond) // the result is sent while the client is not connected, or after that
		return fixtureText("reconnected"), nil
	})
}

func addFixtureResources(server *mcp.Server) {
	read := func(mime, text string, blob []byte) mcp.ResourceHandler {
		return func(_ context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: req.Params.URI, MIMEType: mime, Text: text, Blob: blob}}}, nil
		}
	}
	server.AddResource(&mcp.Resource{Name: "static-text", URI: "test://static-text", MIMEType: "text/plain"},
		read("text/plain", "This is the content of the static text resource.", nil))
	server.AddResource(&mcp.Resource{Name: "static-binary", URI: "test://static-binary", MIMEType: "image/png"}, read("image/png", "", tinyPNG))
	server.AddResource(&mcp.Resource{Name: "watched", URI: "test://watched-resource", MIMEType: "text/plain"}, read("text/plain", "watched", nil))
	server.AddResourceTemplate(&mcp.ResourceTemplate{Name: "template", URITemplate: "test://template/{id}/data", MIMEType: "application/json"},
		read("application/json", `{"id":"123","templateTest":true,"data":"Data for ID: 123"}`, nil))
}

func addFixturePrompts(server *mcp.Server) {
	add := func(name string, arguments []string, messages func(map[string]string) []mcp.Content) {
		p := &mcp.Prompt{Name: name, Description: "a fixture of the conformance suite"}
		for _, a := range arguments {
			p.Arguments = append(p.Arguments, &mcp.PromptArgument{Name: a, Description: a, Required: true})
		}
		server.AddPrompt(p, func(_ context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			got := &mcp.GetPromptResult{}
			for _, c := range messages(req.Params.Arguments) {
				got.Messages = append(got.Messages, &mcp.PromptMessage{Role: "user", Content: c})
			}
			return got, nil
		})
	}
	add("test_simple_prompt", nil, func(map[string]string) []mcp.Content {
		return []mcp.Content{&mcp.TextContent{Text: "This is a simple prompt for testing."}}
	})
	add("test_prompt_with_arguments", []string{"arg1", "arg2"}, func(in map[string]string) []mcp.Content {
		return []mcp.Content{&mcp.TextContent{Text: fmt.Sprintf("Prompt with arguments: arg1='%s', arg2='%s'", in["arg1"], in["arg2"])}}
	})
	add("test_prompt_with_embedded_resource", []string{"resourceUri"}, func(in map[string]string) []mcp.Content {
		return []mcp.Content{&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: in["resourceUri"], MIMEType: "text/plain", Text: "embedded"}},
			&mcp.TextContent{Text: "Please process the embedded resource above."}}
	})
	add("test_prompt_with_image", nil, func(map[string]string) []mcp.Content {
		return []mcp.Content{&mcp.ImageContent{Data: tinyPNG, MIMEType: "image/png"}, &mcp.TextContent{Text: "Please analyze the image above."}}
	})
}
