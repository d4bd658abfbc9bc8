package serve

import (
	"net/http"
	"regexp"
	"strings"
)

// The parts of the OpenAPI document that say what requests and answers hold. A test compares their
// keys with the routes.
type object = map[string]any

// An answerShape is what a route answers: the codes of success, and the schema of the body.
type answerShape struct {
	codes  []string
	kind   string // the media type
	schema any
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func property(name string, schema any) object {
	return object{"type": "object", "required": []string{name}, "properties": object{name: schema}}
}

func list(of any) object { return object{"type": "array", "items": of} }

const (
	mediaJSON  = "application/json"
	mediaSSE   = "text/event-stream"
	mediaLines = "application/x-ndjson"
)

var (
	schemaText = object{"type": "string"}
	schemaAny  = object{"type": "object", "description": "a JSON Schema"}
)

// answers holds what the routes answer, by method and path.
var answers = map[string]answerShape{
	"GET /health":                          {[]string{"200", "503"}, mediaJSON, property("status", schemaText)},
	"GET /openapi.json":                    {[]string{"200"}, mediaJSON, object{"type": "object"}},
	"GET /workflows":                       {[]string{"200"}, mediaJSON, property("workflows", list(schemaText))},
	"GET /workflows/{name}/schema":         {[]string{"200"}, mediaJSON, object{"type": "object", "properties": object{"start": schemaAny, "stop": schemaAny}}},
	"GET /workflows/{name}/representation": {[]string{"200"}, mediaJSON, property("graph", ref("Graph"))},
	"GET /workflows/{name}/events":         {[]string{"200"}, mediaJSON, property("events", list(schemaAny))},
	"POST /workflows/{name}/run":           {[]string{"200", "500"}, mediaJSON, ref("Handler")},
	"POST /workflows/{name}/run-nowait":    {[]string{"200"}, mediaJSON, ref("Handler")},
	"GET /handlers":                        {[]string{"200"}, mediaJSON, property("handlers", list(ref("Handler")))},
	"GET /handlers/{id}":                   {[]string{"200", "202", "500"}, mediaJSON, ref("Handler")},
	"POST /handlers/{id}/cancel":           {[]string{"200"}, mediaJSON, property("status", object{"enum": []string{"cancelled", "deleted"}})},
	"GET /events/{id}":                     {[]string{"200"}, mediaSSE, ref("Event")},
	"POST /events/{id}":                    {[]string{"200"}, mediaJSON, property("status", object{"const": "sent"})},
	"GET /results/{id}":                    {[]string{"200", "202", "500"}, mediaJSON, ref("Handler")},
	"GET /runs/{id}/records":               {[]string{"200"}, mediaLines, object{"type": "object", "description": "a record of the journal"}},
	"POST /runs/{id}/debug":                {[]string{"200"}, mediaJSON, property("explanation", object{"type": "object", "description": "what the run is doing, and what its parts wait for"})},
}

// bodies holds the bodies that routes take, by method and path.
var bodies = map[string]object{
	"POST /workflows/{name}/run":        ref("Start"),
	"POST /workflows/{name}/run-nowait": ref("Start"),
	"POST /events/{id}":                 ref("Send"),
	"POST /runs/{id}/debug":             ref("Debug"),
}

// parameters holds the schemas of the query parameters, by name.
var parameters = map[string]object{
	"status":                 list(object{"enum": []string{statusRunning, statusCompleted, statusFailed, statusCancelled}}),
	"workflow_name":          list(schemaText),
	"purge":                  {"type": "boolean", "default": false},
	"sse":                    {"type": "boolean", "default": true},
	"include_internal":       {"type": "boolean", "default": false},
	"include_qualified_name": {"type": "boolean", "default": true},
	"after_sequence":         {"type": "string", "pattern": "^(-1|[0-9]+|now)$", "default": "-1"},
	"after":                  {"type": "string", "pattern": "^(-1|[0-9]+|now)$", "default": "-1"},
}

var (
	schemaTime     = object{"type": "string", "format": "date-time"}
	schemaNullable = func(kind string) object { return object{"type": []string{kind, "null"}} }
)

var schemas = object{
	"Error": property("detail", schemaText),
	"Event": object{"type": "object", "required": []string{"value", "type", "types"}, "properties": object{
		"value": object{"type": "object"}, "type": schemaText, "types": list(schemaText), "qualified_name": schemaText,
	}},
	"Handler": object{"type": "object", "required": []string{"handler_id", "workflow_name", "run_id", "status"}, "properties": object{
		"handler_id": schemaText, "workflow_name": schemaText, "run_id": schemaText,
		"status":     object{"enum": []string{statusRunning, statusCompleted, statusFailed, statusCancelled}},
		"state":      object{"enum": []string{statusRunning, stateWaiting, stateSuspended, stateInterrupted, statusCompleted, statusFailed, statusCancelled}},
		"started_at": schemaTime, "updated_at": schemaTime,
		"completed_at": object{"type": []string{"string", "null"}, "format": "date-time"},
		"error":        schemaNullable("string"),
		"result":       object{"anyOf": []any{ref("Event"), object{"type": "null"}}},
	}},
	"Graph": object{"type": "object", "properties": object{
		"name": schemaText, "description": schemaText,
		"nodes": list(object{"type": "object"}), "edges": list(object{"type": "object"}),
	}},
	"Start": object{"type": "object", "properties": object{
		"start_event": object{"description": "fits the start schema of the workflow"},
		"handler_id":  object{"type": "string", "description": "of the new run; one is chosen if it is left out"},
		"breakpoints": ref("Breakpoints"),
	}},
	"Breakpoints": object{"type": "object", "description": "before which executions a run pauses", "properties": object{
		"steps": list(schemaText), "events": list(schemaText),
	}},
	"Debug": object{"type": "object", "properties": object{
		"action":      object{"enum": []string{actionPause, actionContinue, actionStep}},
		"breakpoints": ref("Breakpoints"),
	}},
	"Send": object{"type": "object", "required": []string{"event"}, "properties": object{
		"event": object{"description": "an object with type and value, or a string that holds one"},
		"step":  object{"type": "string", "description": "the only step that is to get it"},
		"await": object{"type": "integer", "description": "the number of the wait that it answers, the _await of an InputRequiredEvent"},
	}},
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// OpenAPI returns a description of the routes as an OpenAPI 3.1 document, ready to be encoded as
// JSON.
func OpenAPI() map[string]any {
	paths := object{}
	for _, r := range routes {
		name := r.Method + " " + r.Path
		operation := object{
			"operationId": strings.Trim(regexp.MustCompile(`\W+`).ReplaceAllString(strings.ToLower(name), "_"), "_"),
			"summary":     r.About, "responses": responses(answers[name]),
		}
		params := []object{}
		for _, m := range placeholder.FindAllStringSubmatch(r.Path, -1) {
			params = append(params, object{"name": m[1], "in": "path", "required": true, "schema": schemaText})
		}
		for _, q := range r.Query {
			params = append(params, object{"name": q, "in": "query", "schema": parameters[q]})
		}
		if len(params) > 0 {
			operation["parameters"] = params
		}
		if r.Body {
			operation["requestBody"] = object{"content": object{mediaJSON: object{"schema": bodies[name]}}}
		}
		at, ok := paths[r.Path].(object)
		if !ok {
			at = object{}
			paths[r.Path] = at
		}
		at[strings.ToLower(r.Method)] = operation
	}
	return object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Workflows", "version": "1.1", "description": "Start, watch and answer the runs of workflows."},
		"paths":      paths,
		"components": object{"schemas": schemas, "securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}}},
		"security":   []object{{"token": []string{}}, {}},
	}
}

func responses(shape answerShape) object {
	all := object{"default": object{"description": "an error", "content": object{mediaJSON: object{"schema": ref("Error")}}}}
	for _, code := range shape.codes {
		all[code] = object{"description": codeWords[code], "content": object{shape.kind: object{"schema": shape.schema}}}
	}
	return all
}

var codeWords = map[string]string{
	"200": "done", "202": "the run is under way", "500": "the run has failed", "503": "the server is shutting down",
}

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, OpenAPI())
}
