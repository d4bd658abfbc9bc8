package explorer

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/fork"
	"weft/ui/history"
	"weft/ui/run/runtest"
)

// An archive has kept runs, which can be compared and forked.
type archive struct {
	*scripted
	listed
	kept map[string][]flow.Record
}

func (a *archive) Kept(id string) (flow.Header, []flow.Record, error) {
	return flow.Header{Run: id}, a.kept[id], nil
}

func (a *archive) Preview(id string) string {
	answer, _ := runtest.Fold(a.kept[id]).Now().Answer()
	return strings.Join(strings.Fields(answer.Text), " ")
}

func (a *archive) Fork(fork.Request) (Run, string, error) { return nil, "", nil }
func (a *archive) EventTypes(string) []flow.EventType     { return nil }
func (a *archive) Models() []string                       { return []string{"large-chat"} }
func (a *archive) AskModel(_, _, _ string) (Run, error)   { return nil, nil }

func (a *archive) Price(_ string, read, written int) string {
	return fmt.Sprintf("%.4f USD", float64(read+4*written)/1e6)
}

// add adds a recorded run, as of a time of the day.
func (a *archive) add(t *testing.T, workflow, talk string, hour, minute int) {
	file := "../../testdata/runs/" + workflow + ".jsonl"
	records := runtest.Read(t, file)
	id, first := workflow, records[0].Time
	start := time.Date(2026, 11, 23, hour, minute, 0, 0, time.Local)
	for i := range records {
		records[i].Time = start.Add(records[i].Time.Sub(first))
	}
	v := runtest.Fold(records).Now()
	r := history.Summarise(flow.Header{Run: id, Workflow: workflow, Labels: map[string]string{history.LabelQuestion: v.Root().Question(v)}}, records)
	st, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	r.ID, r.Directory, r.Talk, r.Bytes = id, a.dir, talk, st.Size()
	a.kept[id] = records
	a.listed.runs = append(a.listed.runs, r)
}

// The pictures of history, comparison and fork are what a terminal shows of recorded runs.
func TestThePicturesOfPastRunsAreWhatTheScreenShows(t *testing.T) {
	for _, c := range []struct {
		theme string
		on    sheet
		w, h  int
	}{{"dark", darkSheet, 80, 24}, {"light", lightSheet, 200, 50}} {
		synctest.Test(t, func(t *testing.T) {
			began, noon := time.Now(), time.Date(2026, 11, 23, 17, 0, 0, 0, time.Local)
			e := &archive{scripted: newScripted(nil), listed: listed{dir: "/manual"}, kept: map[string][]flow.Record{}}
			e.add(t, "parallel", "", 16, 52)
			e.add(t, "rag", "parallel", 16, 50)
			e.add(t, "fallback", "", 16, 40)
			e.add(t, "research", "", 11, 5)
			e.listed.runs[0].Talk, e.listed.runs[1].Talk = "rag", ""
			tell(e.session, show.Provider{Name: "Ollama", Model: "tiny-chat", Embedder: "hashed", Local: true})
			tell(e.session, show.Corpus{Dir: "/manual", Files: 5, Chunks: 17, State: show.CorpusReady})
			s := open(t, e, Options{Theme: c.theme, Now: func() time.Time { return noon.Add(time.Since(began)) }}, c.w, c.h)
			draw := func(name string) {
				comparePicture(t, name+"-"+c.theme+".svg", svgOn(c.on, c.w, c.h, s.cells(c.w, c.h)), 80<<10)
			}
			s.press("\x12")
			s.wait(time.Second)
			draw("history")
			s.press("down", "D")
			s.press("up", "D")
			s.wait(time.Second)
			draw("compare")
			s.press("esc", "\x12")
			s.wait(time.Second)
			s.press("down", "E")
			s.wait(time.Second)
			s.press("]", "]", "tab", "down", "space")
			s.wait(time.Second)
			draw("fork")
			s.press("esc")
			s.close()
		})
	}
}
