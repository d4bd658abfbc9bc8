package timeline_test

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/run/runtest"
	"weft/ui/timeline"
)

const manual = "../../docs/timeline.md"

// queue is a run of three searches for which there are two workers.
func queue() []flow.Record {
	j, start := runtest.New("parallel", "Question", nil)
	d := j.Run("dispatch", 1, start)
	j.Wait(60)
	var sent []*runtest.Exec
	for _, name := range []string{"vector", "keyword", "structure"} {
		sent = append(sent, j.Queue("search", d.Send("SearchIn", runtest.P{"source": name})))
	}
	d.End()
	sent[0].Start(1)
	sent[1].Start(2)
	j.Wait(310)
	sent[1].Done("Searched", nil)
	sent[2].Start(2)
	j.Wait(90)
	sent[0].Done("Searched", nil)
	j.Wait(100)
	sent[2].Done("Searched", nil)
	m := j.Run("merge", 1, start)
	j.Wait(140)
	m.Finish("Answer", nil)
	return j.Records
}

// cancelled is a run that the user cancelled while its answer was streaming.
func cancelled() []flow.Record {
	rs := runtest.RAGLive()
	last := rs[len(rs)-1]
	step := flow.Record{Time: last.Time.Add(30 * time.Millisecond), Run: last.Run, Kind: flow.StepCancelled, Step: last.Step, Execution: last.Execution, Worker: last.Worker, Attempt: last.Attempt}
	run := flow.Record{Time: step.Time, Run: last.Run, Kind: flow.RunCancelled, Error: "cancelled"}
	return append(rs[:len(rs):len(rs)], step, run)
}

// pausedRun is a run that a person has paused while its first step was running.
func pausedRun() []flow.Record {
	rs := runtest.RAG()
	end := slices.IndexFunc(rs, func(r flow.Record) bool { return r.Kind == flow.StepFinished })
	pause := flow.Record{Time: rs[end].Time.Add(-50 * time.Millisecond), Run: rs[0].Run, Kind: flow.RunPaused}
	return append(slices.Insert(slices.Clone(rs[:end]), end, pause), rs[end])
}

// planned is the graph of the workflow in the pictures of an unfinished run.
func planned() flow.Graph { return steps("retrieve", "rerank", "synthesize", "judge") }

// The pictures of the manual are what the timeline draws.
func TestThePicturesOfTheManualAreCurrent(t *testing.T) {
	update := flag.Lookup("update").Value.String() == "true"
	drawn := map[string]bool{}
	for _, p := range []struct {
		name  string
		rs    []flow.Record
		after time.Duration
		graph flow.Graph
		w     int
		do    func(*timeline.Model)
	}{
		{"answer", runtest.RAG(), 0, flow.Graph{}, 96, nil},
		{"live", runtest.RAGLive(), 200 * time.Millisecond, planned(), 96, nil},
		{"queue", queue(), 0, flow.Graph{}, 96, nil},
		{"retries", runtest.Retries(), 0, flow.Graph{}, 96, nil},
		{"back-off", runtest.Backoff(), 300 * time.Millisecond, steps("search·docs", "search·web", "synthesize"), 96, nil},
		{"person", runtest.Human(), 4 * time.Second, steps("retrieve", "rerank", "approve", "synthesize"), 96, nil},
		{"gap", runtest.HumanDone(), 0, flow.Graph{}, 96, nil},
		{"cancelled", cancelled(), 0, flow.Graph{}, 96, nil},
		{"fan-out", runtest.FanOut(128, false), 0, flow.Graph{}, 96, nil},
		{"workers", runtest.FanOut(128, false), 0, flow.Graph{Steps: []flow.GraphStep{{Name: "split", Workers: 1}, {Name: "embed", Workers: 4}, {Name: "store", Workers: 1}}}, 96, func(m *timeline.Model) { m.Workers() }},
		{"loop", runtest.Loop(3), 0, flow.Graph{}, 96, nil},
		{"sub-workflow", runtest.Sub(), 0, flow.Graph{}, 96, nil},
		{"sub-workers", runtest.Sub(), 0, flow.Graph{}, 96, func(m *timeline.Model) { m.Workers() }},
		{"selected", runtest.RAG(), 0, flow.Graph{}, 96, func(m *timeline.Model) { m.Move(2) }},
		{"critical", runtest.Sub(), 0, flow.Graph{}, 96, func(m *timeline.Model) { m.Critical() }},
		{"held", pausedRun(), 300 * time.Millisecond, planned(), 96, nil},
		{"past", runtest.RAG(), 0, flow.Graph{}, 96, func(m *timeline.Model) { m.ScrubTo(30) }},
		{"list", runtest.Retries(), 0, flow.Graph{}, 58, nil},
		{"line", runtest.RAGLive(), 0, flow.Graph{}, 38, nil},
	} {
		m := show(t, p.rs, "mono", p.after)
		m.SetRun(m.View().Run(), p.graph)
		m.SetSize(p.w, 24)
		if p.do != nil {
			p.do(m)
		}
		h := m.Rows()
		if p.w < 40 {
			h = 1
		}
		runtest.Pictured(t, manual, p.name, draw(m, p.w, h).Plain(), update)
		drawn[p.name] = true
	}
	for name := range runtest.Pictures(t, manual) {
		if !drawn[name] {
			t.Errorf("%s shows a picture %s that no test draws", manual, name)
		}
	}
}

// Every mark that the manual explains appears in one of its pictures.
func TestTheManualHasAPictureOfEveryMark(t *testing.T) {
	data, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range runtest.Pictures(t, manual) {
		all.WriteString(p)
	}
	_, table, _ := strings.Cut(string(data), "| mark | meaning |")
	table, _, _ = strings.Cut(table, "\n### ")
	rows := regexp.MustCompile("(?m)^\\| `(.+?)` \\|").FindAllStringSubmatch(table, -1)
	if len(rows) < 20 {
		t.Fatalf("only %d marks are explained", len(rows))
	}
	for _, row := range rows {
		// A digit makes it an example that must appear literally
		one := strings.ContainsAny(row[1], "0123456789")
		if one && !strings.Contains(all.String(), row[1]) || !strings.ContainsAny(all.String(), row[1]) {
			t.Errorf("%s is in no picture", row[1])
		}
	}
}
