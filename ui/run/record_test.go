package run_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/run"
	"weft/ui/run/runtest"
)

// TestRecordsAreReturnedAsTheyWereApplied looks at usual records, and at ones that only a broken
// journal has.
func TestRecordsAreReturnedAsTheyWereApplied(t *testing.T) {
	rs := append(runtest.RAG(), runtest.Long(300)...)
	zone := time.FixedZone("", 2*3600)
	for _, at := range []time.Time{{}, time.Unix(1e9, 5), time.Unix(1e9, 5).UTC(), time.Unix(1e9, 5).In(zone), time.Date(9999, 1, 2, 3, 4, 5, 6, time.UTC), time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)} {
		rs = append(rs, flow.Record{Seq: math.MaxUint64, Time: at, Run: "other/1", Kind: flow.UnknownKind, Step: "a", Type: "b", Payload: json.RawMessage(`{}`),
			Error: "broken", Codes: []flow.ErrorCode{{}}, Due: at, Execution: math.MaxUint64, Event: 1, Cause: 2, Worker: 3, Attempt: 4, Attempts: 5, Index: 6})
	}
	var r run.Run
	for i, want := range rs {
		r.Apply(want)
		if got := r.Now().Record(i + 1); !reflect.DeepEqual(got, want) {
			t.Fatalf("record %d is\n%#v\nwant\n%#v", i+1, got, want)
		}
	}
	for i, want := range rs {
		if got := r.Now().Record(i + 1); !reflect.DeepEqual(got, want) {
			t.Fatalf("in the end record %d is\n%#v\nwant\n%#v", i+1, got, want)
		}
	}
}
