package serve

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestTheOpenAPIDocumentDescribesTheRoutes compares the document with the routes, both ways.
func TestTheOpenAPIDocumentDescribesTheRoutes(t *testing.T) {
	raw, err := json.Marshal(OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			ID         string `json:"operationId"`
			Parameters []struct {
				Name, In string
				Schema   map[string]any
			}
			Body      map[string]any                          `json:"requestBody"`
			Responses map[string]struct{ Description string } `json:"responses"`
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var described, shapes, ids []string
	for path, methods := range doc.Paths {
		for method, operation := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
			ids = append(ids, operation.ID)
		}
	}
	var served []string
	for _, r := range Routes() {
		name := r.Method + " " + r.Path
		served = append(served, name)
		operation := doc.Paths[r.Path][strings.ToLower(r.Method)]
		var query []string
		for _, p := range operation.Parameters {
			if p.In == "query" {
				query = append(query, p.Name)
			} else if !strings.Contains(r.Path, "{"+p.Name+"}") {
				t.Errorf("%s has no %s", name, p.Name)
			}
			if len(p.Schema) == 0 {
				t.Errorf("%s: the parameter %s has no schema", name, p.Name)
			}
		}
		if !slices.Equal(query, r.Query) || (operation.Body != nil) != r.Body || r.Body != (bodies[name] != nil) {
			t.Errorf("%s: parameters %v, body %v", name, query, operation.Body)
		}
		if len(operation.Responses) < 2 {
			t.Errorf("%s: it is not said what is answered", name)
		}
		for code, answer := range operation.Responses {
			if answer.Description == "" {
				t.Errorf("%s: the answer %s is not described", name, code)
			}
		}
	}
	for name := range answers {
		shapes = append(shapes, name)
	}
	slices.Sort(described)
	slices.Sort(served)
	slices.Sort(shapes)
	slices.Sort(ids)
	if !slices.Equal(described, served) || !slices.Equal(shapes, served) {
		t.Errorf("the document has %v,\nthe answers %v,\nthe routes %v", described, shapes, served)
	}
	if len(slices.Compact(ids)) != len(served) {
		t.Errorf("operations share a name: %v", ids)
	}
	known := slices.Collect(maps.Keys(schemas))
	for part := range strings.SplitSeq(string(raw), `"#/components/schemas/`) {
		if name, _, ok := strings.Cut(part, `"`); ok && !strings.HasPrefix(part, "{") && !slices.Contains(known, name) {
			t.Errorf("there is no schema %s", name)
		}
	}
}
