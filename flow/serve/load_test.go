package serve_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/serve"
)

// A stamped event says when it was emitted.
type stamped struct {
	At time.Time `json:"at"`
}

// emitting emits a number of events once it is let.
func emitting(events int, start <-chan struct{}) flow.Definition {
	wf := flow.New[Question, Answer]("emitting")
	flow.Step(wf, "emit", func(c *flow.Context, _ Question) (Answer, error) {
		select {
		case <-start:
		case <-c.Done():
			return Answer{}, c.Err()
		}
		for range events {
			c.Emit(stamped{time.Now()})
		}
		return Answer{"done"}, nil
	}, flow.Workers(1000))
	return wf
}

// TestManyClientsAndManyRuns streams one run to many clients, of which some never read, and many runs
// at once. The long suite has the figures of docs/performance.md.
func TestManyClientsAndManyRuns(t *testing.T) {
	clients, runs, events := 10, 30, 100
	if os.Getenv("WEFT_LONG") != "" {
		clients, runs, events = 100, 300, 500
	}
	dir, err := journal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	start := make(chan struct{})
	server, err := serve.New(serve.Settings{Dir: dir}, emitting(events, start), quick())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, server: server}
	s.listen()
	defer s.stop()
	s.want(200, "POST", "/workflows/emitting/run-nowait", `{"handler_id":"one"}`)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var late []time.Duration
	read := func(path string) int {
		res, err := http.Get(s.http.URL + path)
		if err != nil {
			t.Error(err)
			return 0
		}
		defer res.Body.Close()
		n := 0
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			if !ok {
				continue
			}
			var ev struct {
				Type  string
				Value stamped
			}
			if err := json.Unmarshal([]byte(data), &ev); err != nil {
				t.Error(err)
				return n
			}
			if n++; ev.Type == "stamped" {
				mu.Lock()
				late = append(late, time.Since(ev.Value.At))
				mu.Unlock()
			}
		}
		return n
	}
	for range clients {
		wg.Go(func() {
			if n := read("/events/one"); n != events+2 {
				t.Errorf("a client has seen %d events of %d", n, events+2)
			}
		})
	}
	for range clients / 10 { // they connect and never read
		res, err := http.Get(s.http.URL + "/events/one")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
	}
	for end := time.Now().Add(2 * time.Minute); server.Stats().Streams < clients+clients/10; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d streams are open", server.Stats().Streams)
		}
	}
	began := time.Now()
	close(start)
	wg.Wait()
	streamed := time.Since(began)
	slices.Sort(late)
	began = time.Now()
	for i := range runs {
		wg.Go(func() {
			code, text := s.do("POST", "/workflows/quick/run", fmt.Sprintf(`{"start_event":{"text":"four"},"handler_id":"r%d"}`, i))
			if code != 200 || !strings.Contains(text, `"completed"`) {
				t.Errorf("%d %s", code, text)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	t.Logf("%d clients, %d events: %v in all, median %v, 99th percentile %v; %d runs at once: %v; heap %d MB, from the system %d MB",
		clients, events, streamed, late[len(late)/2], late[len(late)*99/100], runs, took, memory.HeapAlloc>>20, memory.Sys>>20)
	if live := memory.HeapAlloc >> 20; live > 100 {
		t.Errorf("%d MB are in use afterwards", live)
	}
}
