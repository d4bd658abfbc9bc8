package trace

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Content says whether what was emitted, such as passages and prompts, is written.
type Content bool

// The values of a Content.
const (
	Names    Content = false // the names of the events and when they were
	Payloads Content = true  // their payloads too
)

type otlpAttr struct {
	Key   string         `json:"key"`
	Value map[string]any `json:"value"`
}

type otlpEvent struct {
	Time  string     `json:"timeUnixNano"`
	Name  string     `json:"name"`
	Attrs []otlpAttr `json:"attributes,omitempty"`
}

type otlpLink struct {
	Trace string `json:"traceId"`
	Span  string `json:"spanId"`
}

type otlpSpan struct {
	Trace  string         `json:"traceId"`
	ID     string         `json:"spanId"`
	Parent string         `json:"parentSpanId,omitempty"`
	Name   string         `json:"name"`
	Kind   int            `json:"kind"`
	Start  string         `json:"startTimeUnixNano"`
	End    string         `json:"endTimeUnixNano"`
	Attrs  []otlpAttr     `json:"attributes,omitempty"`
	Events []otlpEvent    `json:"events,omitempty"`
	Links  []otlpLink     `json:"links,omitempty"`
	Status map[string]any `json:"status"`
}

// attr returns an attribute in the JSON of protocol buffers, in which 64-bit integers are strings.
func attr(key string, value any) otlpAttr {
	return otlpAttr{key, anyValue(value)}
}

func anyValue(value any) map[string]any {
	switch v := value.(type) {
	case int:
		return map[string]any{"intValue": strconv.Itoa(v)}
	case float64:
		return map[string]any{"doubleValue": v}
	case []string:
		values := []any{}
		for _, item := range v {
			values = append(values, anyValue(item))
		}
		return map[string]any{"arrayValue": map[string]any{"values": values}}
	}
	return map[string]any{"stringValue": fmt.Sprint(value)}
}

// WriteOTLP writes spans in the JSON encoding of the OpenTelemetry protocol
// (ExportTraceServiceRequest), as a collector takes them at /v1/traces.
func WriteOTLP(w io.Writer, spans []Span, content Content) error {
	const internal, client = 1, 3
	out := make([]otlpSpan, 0, len(spans))
	for _, s := range spans {
		o := otlpSpan{
			Trace: s.Trace, ID: s.ID, Parent: s.Parent, Name: s.Name, Kind: internal,
			Start: strconv.FormatInt(s.Start.UnixNano(), 10), End: strconv.FormatInt(s.End.UnixNano(), 10),
		}
		if s.Kind == "request" {
			o.Kind = client
		}
		for _, a := range append([]Attr{{"weft.kind", s.Kind}}, s.Attrs...) {
			o.Attrs = append(o.Attrs, attr(a.Key, a.Value))
		}
		switch s.Status { // 0 unset, 1 ok, 2 error
		case OK:
			o.Status = map[string]any{"code": 1}
		case Failed:
			o.Status = map[string]any{"code": 2, "message": s.Error}
		case Cancelled:
			o.Status = map[string]any{"code": 0}
			o.Attrs = append(o.Attrs, attr("weft.cancelled", s.Error))
		default:
			o.Status = map[string]any{"code": 0}
		}
		for _, e := range s.Events {
			event := otlpEvent{Time: strconv.FormatInt(e.Time.UnixNano(), 10), Name: e.Name}
			if content {
				event.Attrs = []otlpAttr{attr("payload", e.JSON)}
			}
			o.Events = append(o.Events, event)
		}
		for _, c := range s.Caused {
			o.Links = append(o.Links, otlpLink{s.Trace, c})
		}
		out = append(out, o)
	}
	doc := map[string]any{"resourceSpans": []any{map[string]any{
		"resource":   map[string]any{"attributes": []otlpAttr{attr("service.name", "weft")}},
		"scopeSpans": []any{map[string]any{"scope": map[string]any{"name": "weft/flow/trace"}, "spans": out}},
	}}}
	if err := json.NewEncoder(w).Encode(doc); err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	return nil
}

// WriteChrome writes spans as the trace event format that Perfetto and chrome://tracing open: one
// row for each worker of each step.
func WriteChrome(w io.Writer, spans []Span, content Content) error {
	var rows chromeRows
	events := []map[string]any{}
	for _, s := range spans {
		row, name := rows.place(s)
		if name != "" {
			events = append(events, map[string]any{"ph": "M", "name": "thread_name", "pid": 1, "tid": row, "args": map[string]string{"name": name}})
		}
		args := map[string]any{"status": [...]string{"unfinished", "ok", "failed", "cancelled"}[s.Status]}
		for _, a := range s.Attrs {
			args[a.Key] = a.Value
		}
		if s.Error != "" {
			args["error"] = s.Error
		}
		micro := func(ns int64) float64 { return float64(ns) / 1e3 }
		events = append(events, map[string]any{
			"ph": "X", "name": s.Name, "cat": s.Kind, "pid": 1, "tid": row,
			"ts": micro(s.Start.UnixNano()), "dur": micro(s.End.Sub(s.Start).Nanoseconds()), "args": args,
		})
		for _, e := range s.Events {
			args := map[string]string{}
			if content {
				args["payload"] = e.JSON
			}
			events = append(events, map[string]any{"ph": "i", "s": "t", "name": e.Name, "pid": 1, "tid": row, "ts": micro(e.Time.UnixNano()), "args": args})
		}
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"}); err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	return nil
}

// chromeRows places spans in rows. The spans of a row lie within each other or beside each other, as
// the format demands of a thread: spans of one lane that overlap otherwise, such as those of the
// same step in two sub-workflows, get further rows.
type chromeRows struct {
	lanes map[string][]*chromeRow
	n     int // rows so far
}

type chromeRow struct {
	id   int
	open []time.Time // the ends of the spans that contain the current moment, outermost first
}

// place returns the row of a span, and the row's name if it is new. Spans come in the order of their
// starts.
func (c *chromeRows) place(s Span) (row int, name string) {
	if c.lanes == nil {
		c.lanes = map[string][]*chromeRow{}
	}
	lane := s.Lane
	if lane == "" {
		lane = s.Kind + " " + s.Name
	}
	for _, r := range c.lanes[lane] {
		for len(r.open) > 0 && !r.open[len(r.open)-1].After(s.Start) {
			r.open = r.open[:len(r.open)-1]
		}
		if len(r.open) == 0 || !s.End.After(r.open[len(r.open)-1]) {
			r.open = append(r.open, s.End)
			return r.id, ""
		}
	}
	c.n++
	c.lanes[lane] = append(c.lanes[lane], &chromeRow{c.n, []time.Time{s.End}})
	if n := len(c.lanes[lane]); n > 1 {
		lane += fmt.Sprintf(" (%d)", n)
	}
	return c.n, lane
}
