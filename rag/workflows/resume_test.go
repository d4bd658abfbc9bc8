package workflows

import (
	"encoding/json"
	"slices"
	"testing"

	"weft/flow"
)

// TestEveryWorkflowResumesFromEveryRecord cuts each workflow's journal after every single record
// and resumes from it, as after a crash.
func TestEveryWorkflowResumesFromEveryRecord(t *testing.T) {
	t.Parallel()
	p := offline(t)
	mute, lame := p, p
	mute.Faults, lame.Faults = Faults{Writer: {Error: 1}}, Faults{"structure": {Error: 1}}
	for name, wf := range map[string]*Workflow{
		"rag": RAG(p), "simple": Simple(p), "routing": Routing(p), "parallel": Parallel(p),
		"streaming": Streaming(p), "fallback": Fallback(p),
		"refine": Refine(p), "approve": Approve(p), "research": Research(p), "agent": Agent(p),
		"fallback that falls back": Fallback(mute), "parallel without a source": Parallel(lame),
	} {
		t.Run(name, func(t *testing.T) {
			want, records, err := run(t, wf, Question{Text: "How do I cancel a run and where is the index kept?"}, asProposed{})
			if err != nil {
				t.Fatal(err)
			}
			var proposed []int // the reply keeps all proposed passages
			for i := range want.Sources {
				proposed = append(proposed, i+1)
			}
			for n := 1; n < len(records); n++ {
				past := stored(t, records[:n])
				again, err := wf.Resume(t.Context(), slices.Values(past))
				if err != nil {
					t.Fatalf("after record %d, %v %s: %v", n, records[n-1].Kind, records[n-1].Step, err)
				}
				replied := false
				for _, r := range past {
					replied = replied || r.Kind == flow.EventSent && r.Type == "Approval"
				}
				for r := range again.Records(t.Context(), 0) {
					if r.Kind == flow.AwaitOpened && !replied {
						replied = true
						if err := again.Send(Approval{Keep: proposed}); err != nil {
							t.Error(err)
						}
					}
				}
				got, err := again.Wait(t.Context())
				if err != nil || got.Text != want.Text || len(got.Sources) != len(want.Sources) ||
					(got.Degraded == "") != (want.Degraded == "") {
					t.Fatalf("after record %d, %v %s: %v\n%s\nwant\n%s", n, records[n-1].Kind,
						records[n-1].Step, err, got.Text, want.Text)
				}
			}
		})
	}
}

// stored returns a journal as it would be read from disk.
func stored(t *testing.T, records []flow.Record) (out []flow.Record) {
	t.Helper()
	for _, r := range records {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back flow.Record
		if err := json.Unmarshal(line, &back); err != nil {
			t.Fatal(err)
		}
		out = append(out, back)
	}
	return out
}
