package cli

import (
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/show"
)

func TestTheProgressLineNamesASlowStepAndIsErased(t *testing.T) {
	var b strings.Builder
	p := &progress{w: &b}
	begin := time.Unix(1000, 0)
	p.record(flow.Record{Kind: flow.StepStarted, Execution: 1, Step: "retrieve", Time: begin})
	p.tick(begin.Add(400 * time.Millisecond))
	if b.String() != "" {
		t.Errorf("a fast step is shown: %q", b.String())
	}
	p.tick(begin.Add(700 * time.Millisecond))
	p.tick(begin.Add(1200 * time.Millisecond))
	if got := b.String(); got != "\r\x1b[Kretrieve running · 700ms\r\x1b[Kretrieve running · 1.2s" {
		t.Errorf("%q", got)
	}
	b.Reset()
	p.record(flow.Record{Kind: flow.EventEmitted, Execution: 1, Payload: show.Progress{Message: "waiting for the index", Waits: "the index", Done: 3, Total: 9, Unit: "files"}})
	p.tick(begin.Add(1300 * time.Millisecond))
	if got := b.String(); got != "\r\x1b[Kretrieve waiting for the index, 3 of 9 files · 1.3s" {
		t.Errorf("%q", got)
	}
	b.Reset()
	p.record(flow.Record{Kind: flow.StepFinished, Execution: 1, Step: "retrieve", Time: begin.Add(2 * time.Second)})
	p.record(flow.Record{Kind: flow.StepStarted, Execution: 2, Step: "rerank", Time: begin.Add(2 * time.Second)})
	p.tick(begin.Add(2100 * time.Millisecond))
	p.hide(true)
	p.tick(begin.Add(9 * time.Second))
	if got := b.String(); got != "\r\x1b[K" {
		t.Errorf("the line stays: %q", got)
	}
}
