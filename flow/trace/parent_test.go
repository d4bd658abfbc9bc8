package trace_test

import (
	"testing"

	"weft/flow/trace"
)

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestSpansBecomePartOfTheCallersTrace(t *testing.T) {
	spans := []trace.Span{{Trace: "t", ID: "a", Name: "run"}, {Trace: "t", ID: "b", Parent: "a"}}
	got := trace.Within(traceparent, spans)
	if got[0].Trace != "0af7651916cd43dd8448eb211c80319c" || got[0].Parent != "b7ad6b7169203331" ||
		got[1].Trace != got[0].Trace || got[1].Parent != "a" || spans[0].Trace != "t" {
		t.Errorf("%+v", got)
	}
	if same := trace.Within("nonsense", spans); same[0].Parent != "" || same[0].Trace != "t" {
		t.Errorf("%+v", same)
	}
}

func TestWhichTraceparentsAreValid(t *testing.T) {
	for text, want := range map[string]bool{
		traceparent:                       true,
		"01" + traceparent[2:] + "-later": true,
		traceparent + "-later":            false, // version 00 has four parts
		"ff" + traceparent[2:]:            false,
		"":                                false, "00-0af7": false,
		"00-00000000000000000000000000000000-b7ad6b7169203331-01": false,
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01": false,
		"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01": false,
		traceparent + "\n": false,
	} {
		if got := trace.ValidParent(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
