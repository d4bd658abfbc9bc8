package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/trace"
)

type (
	start struct{ N int }
	reply struct{ OK bool }
	stop  struct{ N int }
	note  struct{ Text string }
	mid   struct{ N int }
	res   struct{ OK bool }
)

func traced(t *testing.T) []trace.Span {
	child := flow.New[mid, res]("child")
	flow.Step(child, "ask", func(c *flow.Context, m mid) (res, error) {
		c.Emit(note{"asking"})
		r, err := flow.Await[reply](c, "k", note{"?"})
		return res(r), err
	}, flow.Awaits[reply]())
	wf := flow.New[start, stop]("traced")
	flow.Step(wf, "fail", func(c *flow.Context, s start) (mid, error) {
		time.Sleep(time.Second)
		if c.Attempt() == 1 {
			return mid{}, errors.New("boom")
		}
		return mid(s), nil
	}, flow.Retry(flow.Policy{Attempts: 2, Delay: time.Minute}))
	flow.Sub(wf, "child", child)
	flow.Step(wf, "slow", func(c *flow.Context, s start) (*stop, error) { <-c.Done(); return nil, c.Err() })
	flow.Step(wf, "end", func(c *flow.Context, r res) (stop, error) { return stop{1}, nil })
	run, err := wf.Start(t.Context(), start{1})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Hour)
	if err := run.Send(reply{true}); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return trace.Spans(run.Records(t.Context(), 0))
}

func TestR52_SpansAreMadeOfRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans := traced(t)
		type line struct {
			kind, name string
			status     trace.Status
			d          time.Duration
		}
		var got []line
		ids := map[string]trace.Span{}
		for _, s := range spans {
			got = append(got, line{s.Kind, s.Name, s.Status, s.End.Sub(s.Start)})
			if ids[s.ID].ID != "" || len(s.ID) != 16 || len(s.Trace) != 32 || s.Trace != spans[0].Trace {
				t.Errorf("span %+v", s)
			}
			if s.Parent != "" && ids[s.Parent].ID == "" {
				t.Errorf("span %s has a parent that does not come before it", s.Name)
			}
			ids[s.ID] = s
		}
		want := []line{
			{"run", "traced", trace.OK, time.Hour},
			{"attempt", "fail", trace.Failed, time.Second},
			{"attempt", "slow", trace.Cancelled, time.Hour}, // a cancel is not an error
			{"attempt", "fail", trace.OK, time.Second},
			{"attempt", "child", trace.OK, time.Hour - 62*time.Second},
			{"run", "child", trace.OK, time.Hour - 62*time.Second},
			{"attempt", "ask", trace.OK, time.Hour - 62*time.Second},
			{"await", "await reply", trace.OK, time.Hour - 62*time.Second}, // neither is an await
			{"attempt", "end", trace.OK, 0},
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
		if ask := spans[6]; len(ask.Events) != 1 || ask.Events[0].Name != "note" || ids[ask.Parent].Name != "child" {
			t.Errorf("ask: %+v", ask)
		}
		if end := spans[8]; len(end.Caused) != 1 || ids[end.Caused[0]].Name != "child" {
			t.Errorf("end was caused by %v", end.Caused)
		}
	})
}

func TestSpansAreWrittenForOtherTools(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans := traced(t)
		var b bytes.Buffer
		if err := trace.WriteOTLP(&b, spans, trace.Payloads); err != nil {
			t.Fatal(err)
		}
		var otlp struct {
			ResourceSpans []struct {
				ScopeSpans []struct {
					Spans []struct {
						Name, TraceID, SpanID, ParentSpanID, StartTimeUnixNano string
						Status                                                 struct{ Code int }
					}
				}
			}
		}
		if err := json.Unmarshal(b.Bytes(), &otlp); err != nil {
			t.Fatal(err)
		}
		written := otlp.ResourceSpans[0].ScopeSpans[0].Spans
		failed := 0
		for i, s := range written {
			if s.Name != spans[i].Name || s.SpanID != spans[i].ID || s.ParentSpanID != spans[i].Parent {
				t.Errorf("span %d is written as %+v", i, s)
			}
			if s.Status.Code == 2 {
				failed++
			}
		}
		if len(written) != len(spans) || failed != 1 {
			t.Errorf("%d of %d spans, %d failed", len(written), len(spans), failed)
		}
		b.Reset()
		if err := trace.WriteChrome(&b, spans, trace.Payloads); err != nil {
			t.Fatal(err)
		}
		var chrome struct{ TraceEvents []struct{ Ph, Name string } }
		if err := json.Unmarshal(b.Bytes(), &chrome); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range chrome.TraceEvents {
			if e.Ph == "X" {
				n++
			}
		}
		if n != len(spans) {
			t.Errorf("%d of %d spans", n, len(spans))
		}
	})
}
