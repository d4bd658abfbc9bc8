package serve_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"weft/flow/serve"
)

// TestThePageOfTheDebuggerReadsTheEventsOfARunThatIsOver asks as the page does. Other clients are told
// the truth at once.
func TestThePageOfTheDebuggerReadsTheEventsOfARunThatIsOver(t *testing.T) {
	s := open(t, func(settings *serve.Settings) {
		settings.Debugger = fstest.MapFS{"app.js": {Data: []byte("run()")}, "app.css": {Data: []byte("a{}")}}
	})
	s.want(200, "GET", "/", "", "/app.js")
	s.want(200, "GET", "/app.js", "", "run()")
	s.want(404, "GET", "/other.js", "")
	s.want(200, "POST", "/workflows/quick/run", `{"handler_id":"one"}`)
	page := []string{"Sec-Fetch-Site", "same-origin", "Referer", s.http.URL + "/"}
	for range 2 { // it can be opened again
		if code, text := s.do("GET", "/handlers/one", "", page...); code != 202 || !strings.Contains(text, `"status":"running"`) {
			t.Errorf("before the events: %d %s", code, text)
		}
		if _, text := s.do("GET", "/events/one", "", page...); !strings.Contains(text, "StopEvent") {
			t.Error(text)
		}
		if code, text := s.do("GET", "/handlers/one", "", page...); code != 200 || !strings.Contains(text, `"status":"completed"`) {
			t.Errorf("after the events: %d %s", code, text)
		}
		s.want(200, "GET", "/handlers/one", "", `"status":"completed"`)
	}
}
