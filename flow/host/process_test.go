package host_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/host"
	"weft/flow/journal"
)

// hostIn opens a host that releases runs after a time.
func hostIn(path string, release time.Duration) *host.Host {
	return must(host.Open(must(journal.Open(path)), host.Settings{ReleaseAfter: release}, approval(), chat()))
}

// otherProcess has runs that it keeps in memory, and one that it releases, for whose end it waits.
// It runs until it is killed.
func otherProcess(path string) {
	keeps := hostIn(path, time.Hour)
	for _, id := range []string{"reply", "cancel", "killed"} {
		must(host.Start(keeps, approval(), id, start{3}))
	}
	must(host.Start(keeps, chat(), "chat", start{}))
	releases := hostIn(path, time.Millisecond)
	must(host.Start(releases, approval(), "released", start{3}))
	for releases.Live() > 0 {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("ready")
	out, err := releases.Wait(context.Background(), "released")
	fmt.Println("released:", out, err)
	select {}
}

// TestR68_AnEventGoesToTheProcessThatHasTheRun has two processes with a host of one directory.
func TestR68_AnEventGoesToTheProcessThatHasTheRun(t *testing.T) {
	if path := os.Getenv("WEFT_HOST_CHILD"); path != "" {
		otherProcess(path)
	}
	t.Parallel()
	path := t.TempDir() + "/" + strings.Repeat("long", 30) // longer than sockets allow
	h := hostIn(path, time.Millisecond)                    // knows none of the runs yet
	defer h.Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestR68_AnEventGoesToTheProcessThatHasTheRun$")
	cmd.Env = append(os.Environ(), "WEFT_HOST_CHILD="+path)
	cmd.Stderr = os.Stderr
	out := must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	lines := bufio.NewReader(out)
	says := func(want string) {
		t.Helper()
		if line, err := lines.ReadString('\n'); err != nil || line != want+"\n" {
			rest, _ := io.ReadAll(lines)
			t.Fatalf("the other process says %q %v, not %q; then %s", line, err, want, rest)
		}
	}
	says("ready")

	// A run in the other process: it gets replies, and errors can be told apart here.
	awaits := asked(t, path, "reply")
	if err := h.Reply("reply", awaits+100, reply{3}); !errors.Is(err, flow.ErrNotAwaited) {
		t.Errorf("a reply to no await: %v", err)
	}
	if err := h.Reply("reply", awaits, ask{"of another type"}); err == nil || errors.Is(err, flow.ErrNotAwaited) {
		t.Errorf("a reply that does not fit: %v", err)
	}
	if err := h.Continue("reply"); !errors.Is(err, journal.ErrOwned) {
		t.Errorf("a run of the other process was continued: %v", err)
	}
	if err := h.Reply("reply", awaits, reply{4}); err != nil {
		t.Errorf("a reply: %v", err)
	}
	ends(t, h, "reply", stop{4})
	for range 2 { // the other process says so, or its journal
		if err := h.Send("reply", reply{5}); !errors.Is(err, flow.ErrEnded) {
			t.Errorf("an event after the end: %v", err)
		}
	}

	// Events from outside, as values and as JSON.
	for n := range 3 {
		err := h.Send("chat", event{n + 1})
		if n == 1 {
			err = errors.Join(err, h.SendJSON("chat", "reply", []byte(`{"N":0}`)))
		}
		if (err == nil) != (n != 1) { // the workflow takes no reply
			t.Errorf("event %d: %v", n, err)
		}
	}
	ends(t, h, "chat", stop{123})

	if err := h.Cancel("cancel", errors.New("it is not needed")); err != nil {
		t.Error(err)
	}
	var cancelled *flow.CancelError
	if _, err := h.Wait(t.Context(), "cancel"); !errors.As(err, &cancelled) || !strings.Contains(err.Error(), "it is not needed") {
		t.Errorf("a cancelled run: %v", err)
	}

	// A run that no process owns is resumed by this one, and its former host is notified of its
	// end.
	if err := h.Send("released", reply{3}); err != nil {
		t.Error(err)
	}
	says("released: {3} <nil>")

	// After the death of the other process its run comes to this one.
	cmd.Process.Kill()
	cmd.Wait()
	if err := h.Send("killed", reply{3}); err != nil {
		t.Error(err)
	}
	ends(t, h, "killed", stop{3})
}

// asked returns the await of a run that its journal names.
func asked(t *testing.T, path, id string) (await uint64) {
	t.Helper()
	dir := must(journal.Open(path))
	eventually(t, "the await is in the journal", func() bool {
		file, err := dir.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range file.Records {
			if r.Kind == flow.AwaitOpened {
				await = r.Event
			}
		}
		return await != 0
	})
	return await
}

func ends(t *testing.T, h *host.Host, id string, want stop) {
	t.Helper()
	if out, err := h.Wait(t.Context(), id); err != nil || out != any(want) {
		t.Errorf("run %s: %v %v", id, out, err)
	}
}
