package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/flow"
	"weft/flow/remote"
	"weft/rag/tools"
	"weft/ui/history"
)

// serveTimeout limits how long the tests wait for a server.
const serveTimeout = 2 * time.Minute

// A servedProgram is weft serve, which a test has started.
type servedProgram struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string // without a slash at the end
	link   string // with the token
	token  string
	stderr *lockedBuffer
	ended  chan struct{}
}

// A lockedBuffer is what a program has written so far.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serveIn starts weft serve on the directory docs of a home and waits until it listens.
func serveIn(t *testing.T, home string, args ...string) *servedProgram {
	t.Helper()
	return serveWith(t, home, nil, args...)
}

// serveWith is serveIn with further variables in the environment.
func serveWith(t *testing.T, home string, env []string, args ...string) *servedProgram {
	t.Helper()
	if !slices.Contains(args, "--addr") {
		args = append(args, "--addr", "127.0.0.1:0")
	}
	p := &servedProgram{t: t, cmd: command(t, home, append([]string{"serve", "docs"}, args...)...),
		stderr: &lockedBuffer{}, ended: make(chan struct{})}
	p.cmd.Stderr = p.stderr
	p.cmd.Env = append(p.cmd.Env, env...)
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); <-p.ended })
	late := time.AfterFunc(serveTimeout, func() { _ = p.cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for p.link == "" && lines.Scan() {
		if m := regexp.MustCompile(`^Open (http://[^/]+)(/\S*)`).FindStringSubmatch(lines.Text()); m != nil {
			p.url, p.link = m[1], m[1]+m[2]
			_, p.token, _ = strings.Cut(m[2], "token=")
		}
	}
	late.Stop()
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = p.cmd.Wait() // the exit code is in cmd.ProcessState
		close(p.ended)
	}()
	if p.link == "" {
		<-p.ended
		t.Fatalf("weft serve does not listen: %s", p.stderr)
	}
	return p
}

// end sends a signal and returns the exit code.
func (p *servedProgram) end(s os.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(serveTimeout):
		p.t.Fatal("weft serve does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// open sends a request with the token, and further headers in pairs.
func (p *servedProgram) open(method, path, body string, headers ...string) *http.Response {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.t.Context(), serveTimeout)
	p.t.Cleanup(stop)
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.stderr)
	}
	return res
}

// want sends a request and returns the body of its answer, which must have a status and contain parts.
func (p *servedProgram) want(status int, method, path, body string, parts ...string) string {
	p.t.Helper()
	res := p.open(method, path, body)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		p.t.Fatalf("%s %s: %d %s %v, want %d\n%s", method, path, res.StatusCode, raw, err, status, p.stderr)
	}
	for _, part := range parts {
		if !strings.Contains(string(raw), part) {
			p.t.Errorf("%s %s: %s lacks %s", method, path, raw, part)
		}
	}
	return string(raw)
}

// A streamed is an event of a stream.
type streamed struct{ id, typ, data string }

// read reads the events of a run after one, until enough holds or the stream ends.
func (p *servedProgram) read(id, after string, enough func(streamed) bool) (all []streamed) {
	p.t.Helper()
	var headers []string
	if after != "" {
		headers = []string{"Last-Event-ID", after}
	}
	res := p.open("GET", "/events/"+id+"?include_internal=true", "", headers...)
	defer res.Body.Close()
	var ev streamed
	lines := bufio.NewReader(res.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return all
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			ev.id = value
		case "data":
			var data struct{ Type string }
			if err := json.Unmarshal([]byte(value), &data); err != nil {
				p.t.Fatal(err)
			}
			ev.typ, ev.data = data.Type, value
			all = append(all, ev)
			if enough != nil && enough(ev) {
				return all
			}
		}
	}
}

const askAboutSea = `{"start_event":{"text":"is the sea deep?"},"handler_id":"sea"}`

// TestAServerThatIsKilledContinuesItsRuns kills a server in the middle of many runs. The next one
// continues all of them, and a client that connects again misses no event and gets none twice.
func TestAServerThatIsKilledContinuesItsRuns(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	p := serveIn(t, home, "--fault", "synthesize:delay=10m")
	p.want(200, "POST", "/workflows/rag/run-nowait", askAboutSea, `"handler_id":"sea"`, `"status":"running"`)
	before := p.read("sea", "", func(ev streamed) bool {
		return strings.Contains(ev.data, `"name":"synthesize"`) && strings.Contains(ev.data, `"step_state":"running"`)
	})
	var others []string // at other steps, because the server is killed as soon as they have begun
	for i := range 20 {
		others = append(others, fmt.Sprintf("other%d", i))
		p.want(200, "POST", "/workflows/rag/run-nowait", strings.Replace(askAboutSea, `:"sea"`, `:"`+others[i]+`"`, 1))
	}
	// A run can be continued once its first record is written, which is soon after the response.
	st, err := history.Open(filepath.Join(home, "state", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range others {
		for _, err := range st.Journals().Follow(t.Context(), id, 0, time.Millisecond) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	p.end(syscall.SIGKILL)
	next := serveIn(t, home, "--addr", strings.TrimPrefix(p.url, "http://"))
	if next.token != p.token {
		t.Errorf("the token was %s and is %s", p.token, next.token)
	}
	after := next.read("sea", before[len(before)-1].id, nil)
	next.want(200, "GET", "/handlers/sea", "", `"status":"completed"`, "sea is deep")
	all := next.read("sea", "", nil)
	if got := append(before, after...); !slices.Equal(got, all) {
		t.Errorf("the client has seen\n%v\nand there is\n%v", got, all)
	}
	if last := all[len(all)-1]; last.typ != "Answer" {
		t.Errorf("the last event is %v", last)
	}
	retrieved := slices.DeleteFunc(slices.Clone(all), func(ev streamed) bool {
		return !strings.Contains(ev.data, `"name":"retrieve"`) || !strings.Contains(ev.data, `"running"`)
	})
	if len(retrieved) != 1 {
		t.Errorf("a step that had finished is done again: %v", retrieved)
	}
	for _, id := range others {
		next.read(id, "", nil)
		next.want(200, "GET", "/handlers/"+id, "", `"status":"completed"`, "sea is deep")
	}
}

// TestAServerIsShutDownGracefully ends a server while a run is under way and a client waits for it.
func TestAServerIsShutDownGracefully(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	p := serveIn(t, home, "--fault", "synthesize:delay=10m")
	p.want(200, "POST", "/workflows/rag/run-nowait", askAboutSea)
	p.read("sea", "", func(ev streamed) bool { return strings.Contains(ev.data, `"name":"synthesize"`) })
	if code := p.end(syscall.SIGTERM); code != exitTerminated {
		t.Errorf("exit code %d\n%s", code, p.stderr)
	}
	if out := weft(t, home, "runs", "--json"); !strings.Contains(out, `"id":"sea"`) || !strings.Contains(out, `"is the sea deep?"`) {
		t.Error(out)
	}
	next := serveIn(t, home)
	next.read("sea", "", nil)
	next.want(200, "GET", "/handlers/sea", "", `"status":"completed"`)
	if out := weft(t, home, "runs", "show", "sea"); !strings.Contains(out, "sea is deep") {
		t.Error(out)
	}
	if code := next.end(os.Interrupt); code != exitCancelled {
		t.Errorf("exit code %d", code)
	}
}

// TestAServerShowsTheRunsAboutItsDocuments has a run of weft ask about the same documents and one
// about others.
func TestAServerShowsTheRunsAboutItsDocuments(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	if err := os.Mkdir(home+"/other", 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, home+"/other", "fire.md", "# Fire\n\nThe fire is hot.\n")
	weft(t, home, "ask", "is the sea deep?", "docs")
	weft(t, home, "ask", "is the fire hot?", "other")
	p := serveIn(t, home)
	all := p.want(200, "GET", "/handlers", "", "sea is deep")
	if strings.Contains(all, "fire") || strings.Count(all, `"handler_id"`) != 1 {
		t.Error(all)
	}
	id := regexp.MustCompile(`"handler_id":"(\w+)"`).FindStringSubmatch(all)[1]
	if types := p.read(id, "", nil); types[0].typ != "Question" || types[len(types)-1].typ != "Answer" {
		t.Error(types)
	}
	weft(t, home, "runs", "mark", id)
	p.want(409, "POST", "/handlers/"+id+"/cancel?purge=true", "", "marked")
	weft(t, home, "runs", "unmark", id)
	p.want(200, "POST", "/handlers/"+id+"/cancel?purge=true", "", "deleted")
	p.want(404, "GET", "/handlers/"+id, "")
	weft(t, home, "runs", "undelete", id) // a purge is a delete, which can be undone
	p.want(200, "GET", "/handlers/"+id, "", "sea is deep")
}

// waitForRun returns the only run of a server that is under way.
func waitForRun(t *testing.T, p *servedProgram) (id string) {
	t.Helper()
	waitUntil(t, "a run is under way", func() bool {
		_, rest, found := strings.Cut(p.want(200, "GET", "/handlers?status=running", ""), `"handler_id":"`)
		id, _, _ = strings.Cut(rest, `"`)
		return found
	})
	return id
}

// TestAgentsUseTheServer asks as an agent does, of the server itself and of weft mcp beside it. Clients
// of the server can watch the runs of both.
func TestAgentsUseTheServer(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	p := serveIn(t, home)
	through := &mcp.StreamableClientTransport{Endpoint: p.url + agentsPath, HTTPClient: &http.Client{Transport: bearer(p.token)}}
	a := connectOver(t, through, protocols[len(protocols)-1], nil)
	var got tools.AskOutput
	a.call(t, "ask", map[string]any{"question": "is the sea deep?"}, &got)
	if got.Status != tools.StatusDone || !strings.Contains(got.Answer, "sea is deep") {
		t.Errorf("%+v", got)
	}
	beside := connectOver(t, &mcp.CommandTransport{Command: command(t, home, "mcp", "--fault", "synthesize:delay=10m", "docs")}, protocols[0], nil)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = beside.CallTool(ctx, &mcp.CallToolParams{Name: "ask", Arguments: map[string]any{"question": "is the lake shallow?"}}) // it is cancelled
	}()
	live := waitForRun(t, p)
	client, err := remote.New(p.url, p.token)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{got.Run, live} {
		p.want(200, "GET", "/handlers", "", `"handler_id":"`+id+`"`)
		var last flow.Record
		for last = range client.Open(id).Records(t.Context(), 0) {
			if id == live && last.Kind == flow.StepStarted && last.Step == "synthesize" {
				break // it is under way in the other process
			}
		}
		if last.Kind != flow.RunFinished && id == got.Run || id == live && last.Step != "synthesize" {
			t.Errorf("the records of run %s end with %v of step %q", id, last.Kind, last.Step)
		}
	}
	if err := client.Open(live).Pause(t.Context()); err == nil || !strings.Contains(err.Error(), "is with ") {
		t.Errorf("a run of another process is paused: %v", err)
	}
	stop()
	<-answered
}

// TestTheServerIsGuardedAndObserved asks for the token in all its forms, and reads what the server
// says about itself.
func TestTheServerIsGuardedAndObserved(t *testing.T) {
	t.Parallel()
	p := serveIn(t, seaHome(t))
	status := func(path string, headers ...string) int {
		t.Helper()
		res := p.open("GET", path, "", headers...)
		res.Body.Close()
		return res.StatusCode
	}
	for _, tc := range []struct {
		want    int
		path    string
		headers []string
	}{
		{200, "/workflows", nil},
		{401, "/workflows", []string{"Authorization", ""}},
		{401, "/workflows", []string{"Authorization", "Bearer " + p.token + "x"}},
		{200, "/health", []string{"Authorization", ""}},
		{401, "/metrics", []string{"Authorization", ""}},
		{401, "/openapi.json", []string{"Authorization", ""}},
		{401, "/mcp", []string{"Authorization", ""}},
		{403, "/mcp", []string{"Origin", "http://evil.example"}},
		{403, "/workflows", []string{"Host", "evil.example"}},
		{403, "/workflows", []string{"Origin", "http://evil.example"}},
		{403, "/health", []string{"Host", "evil.example"}},
		{404, "/", nil},
	} {
		if got := status(tc.path, tc.headers...); got != tc.want {
			t.Errorf("%s %v: %d, want %d", tc.path, tc.headers, got, tc.want)
		}
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: serveTimeout}
	for _, address := range []string{p.link, p.url + "/handlers"} { // the second has the cookie alone
		res, err := browser.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 || strings.Contains(res.Request.URL.String(), "token") {
			t.Errorf("%s: %d at %s", address, res.StatusCode, res.Request.URL)
		}
	}
	p.want(400, "POST", "/workflows/rag/run", `{"start_event":{"text":" "}}`, "there is no question")
	p.want(200, "GET", "/openapi.json", "", `"openapi":"3.1.0"`, `"/workflows/{name}/run"`)
	p.want(200, "GET", "/metrics", "", `weft_http_requests_total{method="GET",route="/workflows",status="200"}`, "weft_runs_live 0")
	p.end(os.Interrupt)
	log := p.stderr.String()
	if !strings.Contains(log, "msg=request method=GET path=/workflows status=200") || strings.Contains(log, p.token) {
		t.Error(log)
	}
}

// TestTheSpansOfARunBelongToItsCaller starts a run from within another program's trace.
func TestTheSpansOfARunBelongToItsCaller(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	p := serveIn(t, home)
	res := p.open("POST", "/workflows/rag/run", askAboutSea, "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	res.Body.Close()
	out := weft(t, home, "runs", "export", "sea", "--format", "otlp")
	if !strings.Contains(out, `"traceId":"0af7651916cd43dd8448eb211c80319c"`) || !strings.Contains(out, `"parentSpanId":"b7ad6b7169203331"`) {
		t.Error(out[:min(len(out), 1000)])
	}
	p.end(os.Interrupt)
	if !strings.Contains(p.stderr.String(), "trace=0af7651916cd43dd8448eb211c80319c") {
		t.Error(p.stderr)
	}
}

// TestRunsOfAServerThatKeepsNothing has the setting that forbids to keep runs.
func TestRunsOfAServerThatKeepsNothing(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	temporary := t.TempDir()
	p := serveWith(t, home, []string{"WEFT_KEEP_RUNS=false", "TMPDIR=" + temporary})
	p.want(200, "POST", "/workflows/rag/run", askAboutSea, "sea is deep")
	p.want(200, "GET", "/handlers", "", `"handler_id":"sea"`)
	p.end(os.Interrupt)
	left, err := os.ReadDir(temporary)
	_, kept := os.Stat(home + "/state/runs")
	if err != nil || len(left) > 0 || kept == nil {
		t.Errorf("%v %v, kept: %v", err, left, kept == nil)
	}
}

func TestFlagsOfTheServerThatDoNotFit(t *testing.T) {
	t.Parallel()
	home := seaHome(t)
	for _, tc := range []struct {
		says string
		args []string
	}{
		{"loopback", []string{"--no-token", "--addr", "0.0.0.0:0"}},
		{"loopback", []string{"--no-token", "--addr", ":0"}},
		{"exclude", []string{"--no-token", "--token", "t"}},
		{"--addr is", []string{"--addr", "8765"}},
		{"app.js", []string{"--debugger", "docs"}},
	} {
		cmd := command(t, home, append([]string{"serve", "docs"}, tc.args...)...)
		out, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(out), tc.says) {
			t.Errorf("%v: %v %s", tc.args, err, out)
		}
	}
}
