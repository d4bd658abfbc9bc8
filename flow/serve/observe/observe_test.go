package observe_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weft/flow/serve"
	"weft/flow/serve/guard"
	"weft/flow/serve/observe"
)

func TestRequestsAreLoggedAndCountedWithoutTheirToken(t *testing.T) {
	var log bytes.Buffer
	o := observe.New(slog.New(slog.NewJSONHandler(&log, nil)), func() serve.Stats { return serve.Stats{Live: 3, Streams: 2} })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /runs/{id}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "run") })
	mux.HandleFunc("/", http.NotFound)
	mux.Handle("GET /metrics", o.Metrics())
	h := o.Watch(guard.New(mux, guard.Settings{Token: "secret"}))
	do := func(method, target string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://localhost"+target, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	bearer := []string{"Authorization", "Bearer secret"}
	do("GET", "/runs/1", append(bearer, "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")...)
	do("GET", "/runs/2", bearer...)
	do("GET", "/runs/2")
	do("GET", "/runs/2?token=secret")
	do("BREW", "/elsewhere", bearer...)
	metrics := do("GET", "/metrics", bearer...).Body.String()
	for _, want := range []string{
		`weft_http_requests_total{method="GET",route="/runs/{id}",status="200"} 2`,
		`weft_http_requests_total{method="GET",route="other",status="401"} 1`,
		`weft_http_requests_total{method="other",route="other",status="404"} 1`,
		`weft_runs_live 3`, `weft_streams_open 2`, `weft_http_request_seconds_count{route="/runs/{id}"} 2`, "go_goroutines",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
	if strings.Contains(log.String(), "secret") || strings.Contains(metrics, "secret") {
		t.Errorf("the token is in the log or the metrics:\n%s", log.String())
	}
	var first struct {
		Msg, Method, Path, Trace string
		Status, Bytes            int
	}
	line, _, _ := strings.Cut(log.String(), "\n")
	if err := json.Unmarshal([]byte(line), &first); err != nil {
		t.Fatal(err)
	}
	if first.Msg != "request" || first.Method != "GET" || first.Path != "/runs/1" || first.Status != 200 || first.Bytes != 3 ||
		first.Trace != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("%+v", first)
	}
	if n := strings.Count(log.String(), "\n"); n != 6 {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
}

func TestAStreamCanBeFlushedThroughAnObserver(t *testing.T) {
	o := observe.New(slog.New(slog.DiscardHandler), nil)
	w := httptest.NewRecorder()
	o.Watch(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if !w.Flushed {
		t.Error("nothing was flushed")
	}
}
