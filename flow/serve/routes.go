package serve

import "net/http"

// A Route is an address that a Server answers.
type Route struct {
	Method string
	Path   string   // as http.ServeMux has it, with {name} and {id}
	Query  []string // the parameters that it understands
	Body   bool     // it takes a JSON object
	About  string   // what it does, in a line

	serve func(*Server, http.ResponseWriter, *http.Request)
}

var routes []Route

// The routes are set here, because one of their handlers lists them.
func init() {
	routes = []Route{
		{"GET", "/health", nil, false, "whether the server works", (*Server).health},
		{"GET", "/openapi.json", nil, false, "the routes as an OpenAPI document", (*Server).openAPI},
		{"GET", "/workflows", nil, false, "the names of the workflows", (*Server).workflows},
		{"GET", "/workflows/{name}/schema", nil, false, "the JSON schemas of the start and the stop event", (*Server).schema},
		{"GET", "/workflows/{name}/representation", nil, false, "the graph of a workflow", (*Server).representation},
		{"GET", "/workflows/{name}/events", nil, false, "the JSON schemas of the events, first those that a run awaits", (*Server).eventTypes},
		{"POST", "/workflows/{name}/run", nil, true, "start a run and wait for its end", (*Server).run},
		{"POST", "/workflows/{name}/run-nowait", nil, true, "start a run", (*Server).runNowait},
		{"GET", "/handlers", []string{"status", "workflow_name"}, false, "the runs, the newest first", (*Server).handlers},
		{"GET", "/handlers/{id}", nil, false, "a run: 200 ended, 202 under way, 500 failed", (*Server).handler},
		{"POST", "/handlers/{id}/cancel", []string{"purge"}, false, "cancel a run; with purge=true also delete it", (*Server).cancel},
		{"GET", "/events/{id}", []string{"sse", "include_internal", "after_sequence", "include_qualified_name"}, false, "the events of a run as they come", (*Server).events},
		{"POST", "/events/{id}", nil, true, "send an event to a run", (*Server).send},
		{"GET", "/results/{id}", nil, false, "the same as /handlers/{id}", (*Server).handler},
		{"GET", "/runs/{id}/records", []string{"after"}, false, "the journal of a run as lines of JSON, as they come", (*Server).records},
		{"POST", "/runs/{id}/debug", nil, true, "pause, continue or step a run, set its breakpoints, and say what it is doing", (*Server).debug},
	}
}

// Routes returns the addresses that a Server answers.
func Routes() []Route { return append([]Route{}, routes...) }
