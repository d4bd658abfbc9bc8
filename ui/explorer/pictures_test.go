package explorer

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/run/runtest"
)

// screens is where the pictures of the whole screen are, for the readme and the manual.
const screens = "../../testdata/screens"

// The pictures of the whole screen are what it shows of the recorded runs of the nine workflows.
func TestThePicturesOfTheScreenAreWhatItShows(t *testing.T) {
	names, err := filepath.Glob("../../testdata/runs/*.jsonl")
	if err != nil || len(names) != 9 {
		t.Fatalf("%d recorded runs, %v", len(names), err)
	}
	for _, name := range names {
		workflow := filepath.Base(name[:len(name)-len(".jsonl")])
		t.Run(workflow, func(t *testing.T) {
			records := runtest.Read(t, name)
			e := newScripted(nil)
			tell(e.session, "Provider", map[string]any{"name": "Ollama", "model": "tiny-chat", "embedder": "hashed", "local": true})
			tell(e.session, "Corpus", map[string]any{"dir": "~/manual", "files": 5, "chunks": 17, "state": "ready"})
			l := newLoop(t, e)
			l.send(tea.WindowSizeMsg{Width: 120, Height: 40})
			l.drain()
			l.m.workflows[0].Name = workflow
			l.send(tea.PasteMsg{Content: runtest.Fold(records).Now().Question(runtest.Fold(records).Now().Root())})
			l.send(tea.KeyPressMsg{Code: tea.KeyEnter})
			l.now = records[len(records)-1].Time.Add(time.Second)
			l.send(batch{{track: l.m.tracks[len(l.m.tracks)-1].id, records: records, ended: true}})
			l.drain()
			l.send(tea.KeyPressMsg{Code: tea.KeyTab})
			_ = l.m.View()
			got := svg(l.m.canvas)
			file := filepath.Join(screens, workflow+".svg")
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
				t.Errorf("%s is not what the screen shows (go test -update accepts it):\n%s", file, l.m.canvas.Plain())
			}
			if len(got) > 40<<10 {
				t.Errorf("%s takes %d bytes, more than 40 kB", file, len(got))
			}
		})
	}
}
