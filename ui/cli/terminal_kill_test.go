//go:build !windows

package cli

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/show"
	"weft/rag/llm/fakeopenai"
	"weft/ui/history"
)

// TestKillsOfTheExplorerLoseNoRun kills the explorer 200 times while questions are answered: without
// a model, and with one. The next start announces and lists every run. A question whose answer was
// on the screen is finished, and each other one resumes to the answer of an undisturbed run. A call
// of a model whose answer had been recorded is not made again.
func TestKillsOfTheExplorerLoseNoRun(t *testing.T) {
	if os.Getenv("WEFT_LONG") == "" {
		t.Skip("kills the explorer 200 times: in the long suite")
	}
	kills := 100 // of each
	if testing.Short() {
		kills = 10
	}
	t.Run("offline", func(t *testing.T) {
		t.Parallel()
		newKilledExplorer(t, nil).rounds(kills)
	})
	t.Run("with a model", func(t *testing.T) {
		t.Parallel()
		counter := &callCounter{Server: fakeopenai.New("tps=200", "tiny-chat")}
		server := httptest.NewServer(counter)
		t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
		x := newKilledExplorer(t, map[string]string{"WEFT_OFFLINE": "false", "WEFT_BASE_URL": server.URL + "/v1", "WEFT_MODEL": "tiny-chat"})
		x.server = counter
		x.rounds(kills)
	})
}

// A callCounter is a model server that counts the requests for answers.
type callCounter struct {
	*fakeopenai.Server
	chats atomic.Int64
}

func (c *callCounter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/chat/completions") {
		c.chats.Add(1)
	}
	c.Server.ServeHTTP(w, r)
}

// A killedExplorer starts the explorer in one home again and again, and kills it each time.
type killedExplorer struct {
	*testing.T
	home   string
	env    map[string]string
	store  *history.Store
	want   map[string]string // the answers of undisturbed runs, by workflow and question
	known  map[string]bool   // the runs of earlier rounds
	ended  map[string]bool   // the runs that have ended after they were resumed
	server *callCounter      // nil: there is no model

	finished, resumed, calls int
}

var (
	killedQuestions = []string{"is the sea deep?", "is the sea deep and is the lake shallow?", "is the lake shallow?"}
	killedWorkflows = []string{"rag", "research", "parallel", "refine"}
	// Without a model a question is answered too quickly to be interrupted often.
	killedDelays = map[string]string{
		"rag": "retrieve:delay=20ms,synthesize:delay=30ms", "research": "retrieve:delay=20ms,synthesize:delay=30ms",
		"parallel": "vector:delay=20ms,keyword:delay=30ms,merge:delay=20ms", "refine": "draft:delay=20ms,judge:delay=20ms",
	}
)

func newKilledExplorer(t *testing.T, env map[string]string) *killedExplorer {
	x := &killedExplorer{T: t, home: seaHome(t), env: env, want: map[string]string{}, known: map[string]bool{}, ended: map[string]bool{}}
	for _, w := range killedWorkflows {
		for _, q := range killedQuestions {
			cmd := command(t, x.home, "ask", "--json", "-w", w, q, "docs")
			for k, v := range env {
				cmd.Env = append(cmd.Env, k+"="+v)
			}
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("weft ask: %v\n%s", err, out)
			}
			x.want[w+q] = resultOf(t, string(out)).Text
		}
	}
	var err error
	if x.store, err = history.Open(filepath.Join(x.home, "state", "runs")); err != nil {
		t.Fatal(err)
	}
	for id := range mustList(t, x.store) {
		x.known[id] = true
	}
	return x
}

func (x *killedExplorer) rounds(kills int) {
	for i := range kills {
		if ok := x.Run(fmt.Sprint(i), func(t *testing.T) { x.round(t, i) }); !ok {
			return
		}
	}
	x.Logf("%d questions were finished before a kill, %d runs were resumed, which had recorded %d answers of the model", x.finished, x.resumed, x.calls)
	if x.finished == 0 || x.resumed == 0 || x.server != nil && x.calls == 0 {
		x.Error("the kills came all too early or all too late")
	}
}

// round starts the explorer, resumes what the kill before has interrupted, asks again, and kills.
func (x *killedExplorer) round(t *testing.T, number int) {
	workflow := killedWorkflows[number%len(killedWorkflows)]
	args := []string{"-w", workflow, "docs"}
	if x.server == nil {
		args = append(args, "--fault", killedDelays[workflow])
	}
	s := start{home: x.home, env: x.env, args: args}.open(t)
	s.see("Ask a question")
	x.resumeAll(t, s)

	// One question, or a second one while the first is answered; a kill in the middle, or as soon
	// as the answer is on the screen.
	question := killedQuestions[rand.IntN(len(killedQuestions))]
	asked := []string{question}
	s.press("^n") // a follow-up would be understood by what was asked before
	s.write(question)
	s.see("❯ " + question)
	s.press("↵")
	at := uint64(1 + rand.IntN(30))
	if x.server != nil {
		at *= 4 // the pieces of text that the model writes are records
	}
	switch {
	case number%5 == 3:
		at = 1 << 40 // when it has ended
	case number%3 == 2 && number%5 != 4:
		asked = append(asked, killedQuestions[0])
		s.press("^n")
		s.write(killedQuestions[0])
		s.press("↵")
	}
	if onScreen := number%5 == 4; onScreen { // the round before has left nothing to resume, whose answer would be seen
		s.see("✓ answered")
		at = 0
	}
	id := followUntil(t, x.store, x.known, func(r flow.Record) bool { return r.Seq >= at })
	shown := s.text()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended

	left := mustList(t, x.store)
	if (at == 0 || at == 1<<40) && left[id].Outcome != history.Done {
		t.Errorf("a run that had ended is %+v after the kill; the screen was\n%s", left[id], shown)
	}
	for other, r := range left {
		if x.known[other] {
			continue
		}
		switch r.Outcome {
		case history.Done:
			x.finished++
			x.check(t, r)
		case history.Interrupted:
		default:
			t.Errorf("after the kill a run is %+v", r)
		}
		if r.Question != asked[0] && r.Question != asked[len(asked)-1] || r.Workflow != workflow {
			t.Errorf("a run answers %q by %s, and %q were asked of %s", r.Question, r.Workflow, asked, workflow)
		}
	}
	if left[id].ID == "" {
		t.Errorf("the run %s is not listed; the screen was\n%s", id, shown)
	}
}

// resumeAll checks that all runs are announced and listed, and resumes those that were interrupted.
func (x *killedExplorer) resumeAll(t *testing.T, s *terminal) {
	all := mustList(t, x.store)
	var interrupted []history.Run
	for id, r := range all {
		if r.Outcome == history.Interrupted {
			interrupted = append(interrupted, r)
		}
		x.known[id] = true
	}
	// A journal in which no record was written yet when the kill came is not listed.
	files, err := filepath.Glob(filepath.Join(x.store.Path(), "*"+journal.Suffix))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		x.known[strings.TrimSuffix(filepath.Base(name), journal.Suffix)] = true
	}
	if text := unfinishedText(0, len(interrupted)); text != "" {
		s.see(text)
	}
	for i := range interrupted {
		var before int64
		if x.server != nil {
			before = x.server.chats.Load()
		}
		s.press("^r")
		s.see("history of", fmt.Sprintf("%d runs", len(all)))
		s.press("/")
		s.write("interrupted")
		s.see(fmt.Sprintf("%d of %d runs", len(interrupted)-i, len(all)))
		s.press("↵", "c")
		s.gone("history of")
		r := x.untilDone(t, interrupted)
		x.check(t, r)
		x.resumed++
		again, kept := x.callsAgain(t, r)
		x.calls += kept
		if x.server != nil && x.server.chats.Load()-before != int64(again) {
			t.Errorf("%s: %d calls of the model were made, and %d recorded", r.ID, x.server.chats.Load()-before, again)
		}
		s.see("✓ answered")
	}
}

// untilDone waits until one more of the runs has ended, and returns it.
func (x *killedExplorer) untilDone(t *testing.T, runs []history.Run) history.Run {
	t.Helper()
	for end := time.Now().Add(noticeTimeout); time.Now().Before(end); {
		left := mustList(t, x.store)
		for _, r := range runs {
			if now := left[r.ID]; now.Outcome != history.Interrupted && now.Outcome.Ended() && !x.ended[r.ID] {
				x.ended[r.ID] = true
				return now
			}
		}
	}
	t.Fatalf("none of the %d runs ends", len(runs))
	return history.Run{}
}

// callsAgain returns how many calls of a model a run has made since it was resumed, and how many
// answers it had recorded before. A step whose answer had been recorded calls no model again.
func (x *killedExplorer) callsAgain(t *testing.T, r history.Run) (again, recorded int) {
	t.Helper()
	file, err := x.store.Read(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := 0 // where the run was taken over the last time
	for i, rec := range file.Records {
		if rec.Kind == flow.RunAdopted {
			last = i
		}
	}
	answered := map[uint64]bool{}
	for i, rec := range file.Records {
		if rec.Kind != flow.EventEmitted || rec.Type != show.TypeModelCall {
			continue
		}
		var call show.ModelCall
		if raw, err := rec.JSON(); err != nil || json.Unmarshal(raw, &call) != nil || call.Operation != "chat" {
			continue
		}
		switch {
		case call.State == show.CallDone && i < last:
			answered[rec.Execution] = true
			recorded++
		case call.State == show.CallQueued && i > last:
			again++
			if answered[rec.Execution] {
				t.Errorf("step %s of %s calls the model again, although the answer had been recorded", rec.Step, r.ID)
			}
		}
	}
	return again, recorded
}

// check compares the answer of a run that has ended with that of an undisturbed one.
func (x *killedExplorer) check(t *testing.T, r history.Run) {
	t.Helper()
	file, err := x.store.Read(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var a show.Answer
	raw, err := file.Records[len(file.Records)-1].JSON()
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if want := x.want[r.Workflow+r.Question]; err != nil || r.Outcome != history.Done || a.Text != want {
		t.Errorf("%s of %q is %s with the answer %q, %v; want %q", r.Workflow, r.Question, r.Outcome, a.Text, err, want)
	}
}
