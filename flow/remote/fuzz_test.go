package remote

import (
	"bufio"
	"strings"
	"testing"
	"time"

	"weft/flow"
)

// FuzzForeignEvents reads any stream of a server. The records that are made of it are numbered without
// a gap, their times never go back, no execution begins twice, and nothing comes after the end.
func FuzzForeignEvents(f *testing.F) {
	const change = `data: {"type":"StepStateChanged","value":{"name":"a","step_state":"%","worker_id":"0","input_event_name":"StartEvent","output_event_name":"B"}}` + "\n\n"
	f.Add("id: 0\n" + strings.Replace(change, "%", "running", 1) + "id: 1\n" + strings.Replace(change, "%", "not_running", 1) +
		`data: {"type":"StopEvent","value":{}}` + "\n\n")
	f.Add(strings.Replace(change, "%", "preparing", 1) + strings.Replace(change, "%", "running", 2) + `data: {"type":"X","types":["InputRequiredEvent"],"value":1}` + "\n\n")
	f.Add("data: {\"type\":\"WorkflowFailedEvent\",\n: alive\ndata: \"value\":{\"step_name\":\"a\"}}\r\n\r\n")
	f.Add(`data: {"type":"StepStateChanged","value":{"name":"a","step_state":"running","worker_id":1e300}}` + "\n\ndata: null\n\n")
	f.Add(strings.Replace(change, "%", "running", 1) + `data: {"type":"AgentStream","value":{"delta":"a","thinking_delta":"b"}}` + "\n\n" +
		`data: {"type":"StreamEvent","value":{"delta":1}}` + "\n\n")
	f.Fuzz(func(t *testing.T, stream string) {
		now := time.Unix(0, 0)
		m := newTranslator("r", flow.Graph{Name: "w", Start: "StartEvent", Stop: "StopEvent", Steps: []flow.GraphStep{{Name: "a", Gives: []string{"B"}}}},
			human{types: []string{"Reply"}}, func() time.Time { now = now.Add(time.Second); return now })
		m.begin(nil)
		_ = readEvents(bufio.NewReader(strings.NewReader(stream)), func() {}, func(e received) bool { // its errors end the connection
			m.event(e.envelope)
			return !m.over
		})
		m.at = m.now()
		m.settle("", "")
		last, begun := flow.Record{Time: time.Unix(0, 0)}, map[uint64]bool{}
		for _, r := range m.take() {
			if r.Seq != last.Seq+1 || r.Time.Before(last.Time) {
				t.Fatalf("%+v comes after %+v", r, last)
			}
			if last.Kind == flow.RunFinished || last.Kind == flow.RunFailed || last.Kind == flow.RunCancelled {
				t.Fatalf("%+v comes after the end", r)
			}
			if r.Kind == flow.StepStarted && begun[r.Execution] || r.Kind == flow.StepFinished && !begun[r.Execution] {
				t.Fatalf("%+v: begun %v", r, begun[r.Execution])
			}
			begun[r.Execution] = begun[r.Execution] || r.Kind == flow.StepStarted
			last = r
		}
	})
}
