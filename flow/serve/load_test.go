package serve_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
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
	At  time.Time `json:"at"`
	Pad string    `json:"pad,omitempty"` // makes it as long as a passage
}

// emitting returns a workflow that emits a number of events, each with a pad, once start is closed.
func emitting(events int, pad string, start <-chan struct{}) flow.Definition {
	wf := flow.New[Question, Answer]("emitting")
	flow.Step(wf, "emit", func(c *flow.Context, _ Question) (Answer, error) {
		select {
		case <-start:
		case <-c.Done():
			return Answer{}, c.Err()
		}
		for range events {
			c.Emit(stamped{time.Now(), pad})
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
	server, err := serve.New(serve.Settings{Dir: dir}, emitting(events, "", start), quick())
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

// TestClientsThatDoNotReadDoNotSlowARun runs a workflow whose events are more than the buffers of a
// connection hold, alone and beside clients that never read. The buffers are small, so that filling them
// is not what takes the time. The run ends while these clients are stuck in the middle of their streams.
// The figures of both are logged.
func TestClientsThatDoNotReadDoNotSlowARun(t *testing.T) {
	rounds, stalled, events := 1, 3, 2000
	if os.Getenv("WEFT_LONG") != "" {
		rounds, stalled, events = 9, 20, 5000
	}
	took := map[int][]time.Duration{}
	for range rounds {
		for _, clients := range []int{0, stalled} {
			took[clients] = append(took[clients], runBeside(t, clients, events))
		}
	}
	for clients, all := range took {
		slices.Sort(all)
		t.Logf("%d events of 8 kB beside %d clients that do not read: %v in the median, %v to %v", events, clients, all[len(all)/2], all[0], all[len(all)-1])
	}
}

// runBeside returns how long a run takes beside clients that connect and never read.
func runBeside(t *testing.T, clients, events int) time.Duration {
	t.Helper()
	dir, err := journal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	start := make(chan struct{})
	server, err := serve.New(serve.Settings{Dir: dir}, emitting(events, strings.Repeat("x", 8<<10), start))
	if err != nil {
		t.Fatal(err)
	}
	small := func(c net.Conn) net.Conn {
		tcp := c.(*net.TCPConn)
		if err := errors.Join(tcp.SetReadBuffer(4<<10), tcp.SetWriteBuffer(4<<10)); err != nil {
			t.Error(err)
		}
		return c
	}
	s := &site{t: t, server: server, http: httptest.NewUnstartedServer(server)}
	s.http.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateNew {
			small(c)
		}
	}
	s.http.Start()
	defer s.stop()
	slow := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return small(c), nil
	}}}
	s.want(200, "POST", "/workflows/emitting/run-nowait", `{"handler_id":"one"}`)
	for range clients {
		res, err := slow.Get(s.http.URL + "/events/one")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
	}
	began := time.Now()
	close(start)
	s.until("/handlers/one", `"status":"completed"`)
	if open := server.Stats().Streams; open != clients {
		t.Errorf("%d of %d streams are open when the run has ended", open, clients)
	}
	_, last, err := dir.Last("one")
	if err != nil {
		t.Fatal(err)
	}
	return last.Time.Sub(began)
}
