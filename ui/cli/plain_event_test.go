package cli

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/workflows"
)

// TestPlainLinesSayWhatEventsCarry checks the plain output of a value of each event type that it
// has words for.
func TestPlainLinesSayWhatEventsCarry(t *testing.T) {
	for _, c := range []struct {
		event any
		clear string // a field to leave empty, because it would hide the others
		want  string
	}{
		{show.Progress{}, "", "the message 1 of 2 the unit"},
		{show.ModelCall{}, "", "ModelCall the model: the state the reason"},
		{workflows.Injected{}, "", "the message"},
		{workflows.Searched{}, "", "Searched the source: the error"},
		{workflows.Searched{}, "Error", "Searched the source: 1 passages in 21ms"},
		{workflows.Retrieved{}, "", "Retrieved: 1 passages"},
		{workflows.SearchIn{}, "Query", "SearchIn the source"},
		{workflows.Asked{}, "", `Asked "the question"`},
		{workflows.Question{}, "", `Question "the text"`},
		{workflows.Round{}, "", `Round 1 "the query"`},
		{workflows.Rejected{}, "", "Rejected: the reason"},
	} {
		value := reflect.New(reflect.TypeOf(c.event)).Elem()
		fill(value, "", new(int))
		if c.clear != "" {
			if f := value.FieldByName(c.clear); f.IsValid() {
				f.SetZero()
			}
		}
		if f := value.FieldByName("TookMS"); f.IsValid() {
			f.SetFloat(21)
		}
		data, err := json.Marshal(value.Interface())
		if err != nil {
			t.Fatal(err)
		}
		rec := flow.Record{Kind: flow.EventEmitted, Type: value.Type().Name(), Payload: json.RawMessage(data)}
		if got := summary(rec); got != c.want {
			t.Errorf("%T: %q, want %q", c.event, got, c.want)
		}
	}
}

func TestAReportListsRemarksAndASummaryDoesNot(t *testing.T) {
	indexed := flow.Record{Kind: flow.RunFinished, Payload: show.Indexed{Text: "2 files, 3 passages",
		Remarks: []show.Remark{{Path: "old.txt", Text: "its encoding is not stated: read as koi8-r"}}}}
	var report, summary strings.Builder
	showIndexing(&report, indexed, true)
	showIndexing(&summary, indexed, false)
	if !strings.Contains(report.String(), "\nremark       old.txt its encoding is not stated: read as koi8-r\n") {
		t.Errorf("report: %q", report.String())
	}
	if strings.Count(summary.String(), "\n") != 1 {
		t.Errorf("summary: %q", summary.String())
	}
}

func TestPlainOutputSaysWhatIsNotReadOfACitedDocument(t *testing.T) {
	var b strings.Builder
	note := []string{"pages 121–196 took too long"}
	printRest(&b, show.Answer{Text: "Yes. [1]", Sources: []show.Source{
		{N: 1, Cited: true, Passage: show.Passage{Path: "a.pdf", Place: "page 3", Notes: note}},
		{N: 2, Cited: true, Passage: show.Passage{Path: "a.pdf", Place: "page 4", Notes: note}},
		{N: 3, Passage: show.Passage{Path: "b.pdf", Place: "page 1", Notes: note}},
		{N: 4, Cited: true, Passage: show.Passage{Path: "c.txt", Remarks: []string{"its encoding is not stated"}}},
	}})
	if got := b.String(); strings.Count(got, "[note: a.pdf is read in part: pages 121–196 took too long]") != 1 ||
		strings.Contains(got, "b.pdf is read") || strings.Contains(got, "encoding") {
		t.Errorf("%s", got)
	}
}
