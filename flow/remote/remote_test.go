package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/host"
	"weft/flow/journal"
	"weft/flow/serve"
	"weft/flow/serve/guard"
)

type (
	count struct {
		To int `json:"to"`
	}
	counted  struct{ N int }
	finished struct{ N int }
	approval struct {
		Yes bool `json:"yes"`
	}
)

// counting emits numbers, and ends when the gate is open.
func counting(gate <-chan struct{}) flow.Definition {
	wf := flow.New[count, finished]("count")
	flow.Step(wf, "emit", func(c *flow.Context, in count) (finished, error) {
		for n := range in.To {
			c.Emit(counted{n})
		}
		select {
		case <-gate:
			return finished{in.To}, nil
		case <-c.Done():
			return finished{}, c.Err()
		}
	})
	return wf
}

// A site is a server behind one address, at which it can be replaced by a new one.
type site struct {
	t      *testing.T
	dir    *journal.Dir
	flows  []flow.Definition
	http   *httptest.Server
	server atomic.Pointer[serve.Server]
}

func newSite(t *testing.T, token string, flows ...flow.Definition) *site {
	dir, err := journal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, dir: dir, flows: flows}
	s.start()
	s.http = httptest.NewServer(guard.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.server.Load().ServeHTTP(w, r)
	}), guard.Settings{Token: token}))
	t.Cleanup(func() { s.server.Load().Close(); s.http.Close() })
	return s
}

func (s *site) start() {
	server, err := serve.New(serve.Settings{Dir: s.dir, Host: host.Settings{ReleaseAfter: time.Millisecond}}, s.flows...)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.server.Store(server)
}

func (s *site) restart() {
	s.server.Load().Close()
	s.start()
}

func client(t *testing.T, address, token string) *Client {
	t.Helper()
	c, err := New(address, token)
	if err != nil {
		t.Fatal(err)
	}
	c.pause = 100 * time.Microsecond
	return c
}

// lines returns records as the lines of JSON that they are sent as.
func lines(t *testing.T, records []flow.Record) (all []string) {
	t.Helper()
	for _, r := range records {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(line))
	}
	return all
}

// A badProxy damages the streams of records that pass it, for a number of connections.
type badProxy struct {
	to     string
	seed   uint64
	faults int64
	served atomic.Int64 // connections, of which an earlier one may still be open
}

func (p *badProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	served := p.served.Add(1)
	rng := rand.New(rand.NewPCG(p.seed, uint64(served)))
	if served > p.faults {
		p.pass(w, r, func(out func(string), line string) { out(line) })
		return
	}
	var seen []string
	held, left := "", 1+rng.IntN(6000)
	switch rng.IntN(7) {
	case 0:
		w.WriteHeader(http.StatusServiceUnavailable)
	case 1:
		panic(http.ErrAbortHandler)
	case 2: // cut at any byte
		p.pass(w, r, func(out func(string), line string) {
			if left -= len(line); left <= 0 {
				out(line[:len(line)+left])
				panic(http.ErrAbortHandler)
			}
			out(line)
		})
	case 3: // lines come again
		p.pass(w, r, func(out func(string), line string) {
			seen = append(seen, line)
			out(line)
			if rng.IntN(3) == 0 {
				out(seen[rng.IntN(len(seen))])
			}
		})
	case 4: // lines change places
		p.pass(w, r, func(out func(string), line string) {
			switch {
			case held != "":
				out(line + held)
				held = ""
			case rng.IntN(4) == 0:
				held = line
			default:
				out(line)
			}
		})
	case 5: // in small pieces, with signs of life between lines
		p.pass(w, r, func(out func(string), line string) {
			for len(line) > 0 {
				n := min(len(line), 1+rng.IntN(200))
				out(line[:n])
				line = line[n:]
			}
			out("\n")
		})
	case 6: // a line is lost or damaged
		p.pass(w, r, func(out func(string), line string) {
			switch rng.IntN(12) {
			case 0:
			case 1:
				out(line[:len(line)/2] + "\n")
			default:
				out(line)
			}
		})
	}
}

// pass passes the lines of an answer to change, which writes what is made of them.
func (p *badProxy) pass(w http.ResponseWriter, r *http.Request, change func(out func(string), line string)) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, p.to+r.URL.RequestURI(), nil)
	if err != nil {
		panic(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer res.Body.Close()
	w.WriteHeader(res.StatusCode)
	out := func(s string) {
		if _, err := io.WriteString(w, s); err != nil {
			panic(http.ErrAbortHandler)
		}
		_ = http.NewResponseController(w).Flush()
	}
	for in := bufio.NewReader(res.Body); ; {
		line, err := in.ReadString('\n')
		if err == nil {
			change(out, line)
			continue
		}
		if err != io.EOF {
			panic(http.ErrAbortHandler)
		}
		return
	}
}

// TestEveryRecordComesOnceWhateverTheConnectionDoes follows runs through a bad proxy, and starts the
// server again in the middle of every third run.
func TestEveryRecordComesOnceWhateverTheConnectionDoes(t *testing.T) {
	seeds := 30
	if os.Getenv("WEFT_LONG") != "" {
		seeds = 1000
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		gate := make(chan struct{})
		s := newSite(t, "", counting(gate))
		run, err := client(t, s.http.URL, "").Start(t.Context(), "count", json.RawMessage(`{"to":40}`))
		if err != nil {
			t.Fatal(err)
		}
		proxy := httptest.NewServer(&badProxy{to: s.http.URL, seed: uint64(seed), faults: 2 + rng.Int64N(12)})
		middle := 1 + rng.IntN(20)
		var got []flow.Record
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
		for r, err := range client(t, proxy.URL, "").Open(run.ID()).Follow(ctx, 0) {
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if got = append(got, r); len(got) == middle {
				if seed%3 == 0 {
					s.restart()
				}
				close(gate)
			}
		}
		stop()
		file, err := s.dir.Read(run.ID())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(lines(t, got), lines(t, file.Records)) {
			t.Errorf("seed %d: %d records were followed, and the journal has %d", seed, len(got), len(file.Records))
		}
		if last := got[len(got)-1]; last.Kind != flow.RunFinished {
			t.Errorf("seed %d: the last record is %v", seed, last.Kind)
		}
		proxy.Close()
		s.server.Load().Close()
		s.http.Close()
	}
}

func TestAnswersAndCancels(t *testing.T) {
	wf := flow.New[count, finished]("asking")
	flow.Step(wf, "ask", func(c *flow.Context, in count) (finished, error) {
		reply, err := flow.Await[approval](c, "k", in)
		if err == nil && !reply.Yes {
			err = errors.New("declined")
		}
		return finished{in.To}, err
	}, flow.Awaits[approval]())
	s := newSite(t, "secret", wf)
	c := client(t, s.http.URL+"/?token=secret", "")
	graphs, err := c.Workflows(t.Context())
	if err != nil || len(graphs) != 1 || graphs[0].Name != "asking" || graphs[0].Steps[0].Awaits[0] != "approval" {
		t.Fatalf("%+v %v", graphs, err)
	}
	opened := func(run *Run) (await flow.Record) {
		for r := range run.Records(t.Context(), 0) {
			if r.Kind == flow.AwaitOpened {
				return r
			}
		}
		t.Fatal("the run does not ask")
		return
	}
	last := func(run *Run) (last flow.Record) {
		for r := range run.Records(t.Context(), 0) {
			last = r
		}
		return last
	}
	for want, act := range map[flow.Kind]func(*Run) error{
		flow.RunFinished: func(r *Run) error {
			return r.Reply(t.Context(), opened(r).Event, "approval", json.RawMessage(`{"yes":true}`))
		},
		flow.RunFailed: func(r *Run) error {
			opened(r)
			return r.SendJSON(t.Context(), "approval", json.RawMessage(`{"yes":false}`))
		},
		flow.RunCancelled: func(r *Run) error { opened(r); return r.Cancel(t.Context()) },
	} {
		run, err := c.Start(t.Context(), "asking", json.RawMessage(`{"to":1}`))
		if err == nil {
			err = act(run)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := last(run); got.Kind != want {
			t.Errorf("the run ended with %v, want %v", got.Kind, want)
		}
		if err := run.Cancel(t.Context()); err != nil {
			t.Errorf("a run that is over is cancelled: %v", err)
		}
	}
}

func TestARefusalOfTheServerIsReported(t *testing.T) {
	s := newSite(t, "secret", counting(nil))
	for _, tc := range []struct{ token, id, want string }{
		{"secret", "none", "there is no such handler"},
		{"wrong", "none", "the server wants a token"},
	} {
		var err error
		for _, err = range client(t, s.http.URL, tc.token).Open(tc.id).Follow(t.Context(), 0) {
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v: %v", tc, err)
		}
	}
	if _, err := New("localhost:8765", ""); err == nil {
		t.Error("an address without a scheme is taken")
	}
}

// TestServersWithoutWorkflowsAreRefused says of each kind of server why.
func TestServersWithoutWorkflowsAreRefused(t *testing.T) {
	for _, tc := range []struct {
		name, answer string // to GET /workflows; "-": there is none
		want         error
	}{
		{"one without workflows", `{"workflows":[]}`, errNoWorkflows},
		{"a web page for every address", "<!doctype html>", errNoServer},
		{"other JSON", `{"items":[]}`, errNoServer},
		{"nothing there", "-", errNoServer},
		{"an answer without a body", "", errNoServer},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tc.answer == "-" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			fmt.Fprint(w, tc.answer)
		}))
		if _, err := client(t, server.URL, "").Workflows(t.Context()); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
		server.Close()
	}
}

// TestARunIsPausedFromElsewhere stops a run before two steps, continues it, and lets the last execution
// start. The breakpoint of another run is still there after the run was released.
func TestARunIsPausedFromElsewhere(t *testing.T) {
	type asked struct{ N int }
	wf := flow.New[count, finished]("steps")
	flow.Step(wf, "first", func(_ *flow.Context, in count) (counted, error) { return counted{in.To}, nil })
	flow.Step(wf, "ask", func(c *flow.Context, in counted) (asked, error) {
		if in.N == 0 {
			return asked{}, nil
		}
		_, err := flow.Await[approval](c, "k", "is it right?")
		return asked{}, err
	}, flow.Awaits[approval]())
	flow.Step(wf, "last", func(*flow.Context, asked) (finished, error) { return finished{1}, nil })
	s := newSite(t, "", wf)
	c := client(t, s.http.URL, "")
	c.SetBreakpoints(Breakpoints{Steps: []string{"ask"}, Events: []string{"asked"}})
	run, err := c.Start(t.Context(), "steps", json.RawMessage(`{"to":0}`))
	if err != nil {
		t.Fatal(err)
	}
	var pauses []string
	for r := range run.Records(t.Context(), 0) {
		if r.Kind != flow.RunPaused {
			continue
		}
		pauses = append(pauses, r.Step)
		explained, err := run.Explain(t.Context())
		if err != nil || !explained.Paused || len(explained.Steps) != 1 || explained.Steps[0].Step != r.Step {
			t.Errorf("%+v %v", explained, err)
		}
		act := run.Continue
		if r.Step == "last" {
			act = run.StepOnce
		}
		if err := act(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(pauses, []string{"ask", "last"}) {
		t.Errorf("it has paused before %q", pauses)
	}
	if err := run.Pause(t.Context()); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("a run that has ended is paused: %v", err)
	}

	replied := false
	c.SetBreakpoints(Breakpoints{})
	if run, err = c.Start(t.Context(), "steps", json.RawMessage(`{"to":1}`)); err != nil {
		t.Fatal(err)
	}
	for r := range run.Records(t.Context(), 0) {
		switch {
		case r.Kind == flow.AwaitOpened:
			err = run.SetBreakpoints(t.Context(), Breakpoints{Steps: []string{"last"}})
		case r.Kind == flow.RunSuspended && !replied: // once more, if the breakpoints were set after it was released
			if explained, e := run.Explain(t.Context()); e != nil || len(explained.OpenAwaits()) != 1 {
				t.Errorf("%+v %v", explained, e)
			}
			replied = true
			err = run.SendJSON(t.Context(), "approval", json.RawMessage(`{"yes":true}`))
		case r.Kind == flow.RunPaused:
			if r.Step != "last" {
				t.Errorf("it has paused before %q", r.Step)
			}
			pauses = append(pauses, r.Step)
			err = run.SetBreakpoints(t.Context(), Breakpoints{})
			err = errors.Join(err, run.Continue(t.Context()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(pauses) != 3 {
		t.Errorf("it has paused before %q", pauses)
	}
	routes := http.NewServeMux() // of a server that has the run, but no debugger
	routes.HandleFunc("GET /handlers/x", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"status":"running"}`)) })
	foreign := httptest.NewServer(routes)
	defer foreign.Close()
	if err := client(t, foreign.URL, "").Open("x").Pause(t.Context()); !errors.Is(err, errNoDebugger) {
		t.Errorf("%v", err)
	}
}

// TestTheLossOfTheConnectionIsReported cuts each connection but the last.
func TestTheLossOfTheConnectionIsReported(t *testing.T) {
	gate := make(chan struct{})
	close(gate)
	s := newSite(t, "", counting(gate))
	run, err := client(t, s.http.URL, "").Start(t.Context(), "count", json.RawMessage(`{"to":3}`))
	if err != nil {
		t.Fatal(err)
	}
	var cut atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cut.Add(1) <= 2 {
			panic(http.ErrAbortHandler)
		}
		(&badProxy{to: s.http.URL}).ServeHTTP(w, r)
	}))
	defer proxy.Close()
	c := client(t, proxy.URL, "")
	var link []bool
	c.OnLink(func(err error) { link = append(link, err == nil) })
	for range c.Open(run.ID()).Records(t.Context(), 0) {
	}
	if !slices.Equal(link, []bool{false, true}) {
		t.Errorf("reported: %v", link)
	}
}
