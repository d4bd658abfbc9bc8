// Package observe logs and counts the requests to an HTTP server of workflows.
//
//	s, err := serve.New(…)
//	o := observe.New(logger, s.Stats)
//	mux := http.NewServeMux()
//	mux.Handle("/", s)
//	mux.Handle("GET /metrics", o.Metrics())
//	server := &http.Server{Handler: o.Watch(guard.New(mux, …))}
//
// Each request is a line of the log and is counted for Prometheus, also one that a guard refuses.
// Neither has the query of the address, which may hold a token.
package observe

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"weft/flow/serve"
	"weft/flow/trace"
)

// An Observer logs and counts requests.
type Observer struct {
	log      *slog.Logger
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
}

// New returns an observer that logs to a logger. stats are the figures of the server that is
// observed; nil: there are none.
func New(log *slog.Logger, stats func() serve.Stats) *Observer {
	o := &Observer{
		log: log, registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "weft_http_requests_total", Help: "Requests that were answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "weft_http_request_seconds", Help: "Time until a request was answered; of a stream, until it ended.",
			Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10, 60, 600},
		}, []string{"route"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "weft_http_requests_open", Help: "Requests that are being answered.",
		}),
	}
	o.registry.MustRegister(o.requests, o.seconds, o.open, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if stats != nil {
		gauge := func(name, help string, value func(serve.Stats) int) {
			o.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
				func() float64 { return float64(value(stats())) }))
		}
		gauge("weft_runs_live", "Runs in memory.", func(s serve.Stats) int { return s.Live })
		gauge("weft_streams_open", "Open streams of events and records.", func(s serve.Stats) int { return s.Streams })
	}
	return o
}

// Metrics returns the handler that Prometheus reads.
func (o *Observer) Metrics() http.Handler {
	return promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{})
}

// Watch returns a handler that passes requests to next, and logs and counts them.
func (o *Observer) Watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		o.open.Inc()
		answered := &recorder{ResponseWriter: w}
		defer func() {
			o.open.Dec()
			o.note(r, answered, time.Since(began))
		}()
		next.ServeHTTP(answered, r)
	})
}

// methods are those that are counted by name. A client can invent any number of others.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions}

// note logs and counts a request that was answered.
func (o *Observer) note(r *http.Request, answered *recorder, took time.Duration) {
	status := answered.status
	if status == 0 {
		status = http.StatusOK // nothing was written
	}
	// The pattern is set by the mux that has routed the request. A refused request has none.
	route := r.Pattern
	if _, path, ok := strings.Cut(route, " "); ok {
		route = path
	}
	if route == "" || route == "/" {
		route = "other"
	}
	method := r.Method
	if !slices.Contains(methods, method) {
		method = "other"
	}
	o.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	o.seconds.WithLabelValues(route).Observe(took.Seconds())
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("path", r.URL.Path), slog.Int("status", status),
		slog.Int64("bytes", answered.bytes), slog.Duration("took", took.Round(time.Microsecond)),
		slog.String("from", r.RemoteAddr),
	}
	if parent := r.Header.Get(trace.LabelParent); trace.ValidParent(parent) {
		attrs = append(attrs, slog.String("trace", strings.Split(parent, "-")[1]))
	}
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	o.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// A recorder notes the status and the length of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK { // not one of the codes before the final one
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the methods of the wrapped writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
