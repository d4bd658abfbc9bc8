package explorer

import (
	"context"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/run/runtest"
)

// screens is where the pictures of the whole screen are, for the readme and the manual.
const screens = "../../testdata/screens"

// A recorded run is a finished run that is replayed.
type recorded []flow.Record

func (r recorded) ID() string { return r[0].Run }
func (r recorded) Records(_ context.Context, after uint64) iter.Seq[flow.Record] {
	return func(yield func(flow.Record) bool) {
		for _, rec := range r[min(int(after), len(r)):] {
			if !yield(rec) {
				return
			}
		}
	}
}
func (recorded) Cancel(error)                           {}
func (recorded) Pause()                                 {}
func (recorded) Continue()                              {}
func (recorded) StepOnce()                              {}
func (recorded) Explain() flow.Explanation              { return flow.Explanation{} }
func (recorded) Reply(uint64, any) error                { return nil }
func (recorded) SendJSON(string, json.RawMessage) error { return nil }

// A replay answers every question with a recorded run.
type replay struct {
	*scripted
	run recorded
}

func (e replay) Ask(string, string) (Run, error) { return e.run, nil }
func (e replay) Workflows() []flow.Graph         { return []flow.Graph{{Name: e.run[0].Step}} }

// The pictures of the whole screen are compared with what a terminal shows of the recorded runs of
// the ten workflows.
func TestThePicturesOfTheScreenAreWhatItShows(t *testing.T) {
	names, err := filepath.Glob("../../testdata/runs/*.jsonl")
	if err != nil || len(names) != 10 {
		t.Fatalf("%d recorded runs, %v", len(names), err)
	}
	for _, name := range names {
		workflow := filepath.Base(name[:len(name)-len(".jsonl")])
		t.Run(workflow, func(t *testing.T) {
			records := runtest.Read(t, name)
			v := runtest.Fold(records).Now()
			const w, h = 120, 40
			var got string
			synctest.Test(t, func(t *testing.T) {
				e := newScripted(nil)
				tell(e.session, show.Provider{Name: "Ollama", Model: "tiny-chat", Embedder: "hashed", Local: true})
				tell(e.session, show.Corpus{Dir: "~/manual", Files: 5, Chunks: 17, State: show.CorpusReady})
				s := open(t, replay{e, records}, Options{Theme: "dark"}, w, h)
				s.press(v.Root().Question(v), "enter")
				s.wait(5 * time.Second)
				s.press("tab")
				got = svg(w, h, s.cells(w, h))
				s.close()
			})
			comparePicture(t, workflow+".svg", got, 40<<10)
		})
	}
}

// comparePicture compares a picture with the file of that name, or writes the file with -update. A
// picture may have at most a number of bytes.
func comparePicture(t *testing.T, name, got string, most int) {
	t.Helper()
	file := filepath.Join(screens, name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the screen shows (go test -update accepts it)", file)
	}
	if len(got) > most {
		t.Errorf("%s takes %d bytes, more than %d", file, len(got), most)
	}
}
