package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/flow"
)

// listening opens a folder whose runs get events from other processes.
func listening(t *testing.T) *Dir {
	t.Helper()
	path, err := os.MkdirTemp("", "weft") // shorter than t.TempDir, for the path of the socket
	if err != nil {
		t.Fatal(err)
	}
	dir, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	box, err := dir.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		os.RemoveAll(path)
	})
	return dir
}

func TestR60_AReplyGoesToTheProcessThatOwnsTheRun(t *testing.T) {
	dir := listening(t)
	other, err := Open(dir.path)
	if err != nil {
		t.Fatal(err)
	}
	run, w := waiting(t, dir, "r")
	defer w.Close()
	for name, tt := range map[string]struct {
		id   string
		m    flow.Message
		says string
	}{
		"another run":     {"none", flow.Message{Type: "tick", Payload: json.RawMessage(`{"N":1}`)}, "no such file"},
		"an unknown type": {"r", flow.Message{Type: "other", Payload: json.RawMessage(`{"N":1}`)}, "other"},
		"no such await":   {"r", flow.Message{Await: 99, Payload: json.RawMessage(`{"N":1}`)}, "await"},
		"a wrong payload": {"r", flow.Message{Type: "tick", Payload: json.RawMessage(`{"N":"one"}`)}, "tick"},
	} {
		if err := other.Send(t.Context(), tt.id, tt.m); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := other.Send(t.Context(), "r", flow.Message{Type: "tick", Payload: json.RawMessage(`{"N":7}`)}); err != nil {
		t.Fatal(err)
	}
	got, err := other.Read("r") // it was acknowledged, so it is there
	if err != nil {
		t.Fatal(err)
	}
	replied := false
	for _, r := range got.Records {
		raw, _ := r.JSON()
		replied = replied || r.Kind == flow.EventSent && string(raw) == `{"N":7}`
	}
	if !replied {
		t.Error("the reply was acknowledged, and the journal does not have it")
	}
	if s, err := run.Wait(t.Context()); err != nil || s != (stop{7}) {
		t.Error(s, err)
	}
	if err := other.Send(t.Context(), "r", flow.Message{Type: "tick", Payload: json.RawMessage(`{"N":8}`)}); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Error(err)
	}
}

func TestR60_ARunThatNoProcessHasIsContinuedFirst(t *testing.T) {
	dir := open(t)
	_, w := waiting(t, dir, "r")
	m := flow.Message{Type: "tick", Payload: json.RawMessage(`{"N":1}`)}
	var owned *OwnedError
	if err := dir.Send(t.Context(), "r", m); !errors.As(err, &owned) { // its owner does not listen
		t.Error(err)
	}
	w.Close()
	if err := dir.Send(t.Context(), "r", m); !errors.Is(err, ErrUnowned) {
		t.Error(err)
	}
}

// TestR60_SocketsOfKilledProcessesAreRemoved leaves a socket behind to which nothing listens.
func TestR60_SocketsOfKilledProcessesAreRemoved(t *testing.T) {
	dir := listening(t)
	run, w := waiting(t, dir, "r")
	defer w.Close()
	defer run.Cancel(nil)
	dir.box.listener.(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(false)
	dir.box.listener.Close()
	other, err := Open(dir.path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := other.Send(ctx, "r", flow.Message{Type: "tick", Payload: json.RawMessage(`{"N":1}`)}); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Error(err)
	}
	cancel()
	box, err := other.Listen()
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir.path, socketPattern)); len(left) != 1 {
		t.Errorf("the sockets are %v", left)
	}
	if err := box.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir.path, socketPattern)); len(left) != 0 {
		t.Errorf("the sockets are %v", left)
	}
}

func TestR60_CallsOfListenShareASocket(t *testing.T) {
	dir := listening(t)
	again, err := dir.Listen()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second Close changes nothing
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
	run, w := waiting(t, dir, "r")
	defer w.Close()
	if err := dir.Send(t.Context(), "r", flow.Message{Type: "tick", Payload: json.RawMessage(`{"N":7}`)}); err != nil {
		t.Fatal(err)
	}
	if s, err := run.Wait(t.Context()); err != nil || s != (stop{7}) {
		t.Error(s, err)
	}
}

func TestR60_TheOwnerIsTheLastThatTookTheRunOver(t *testing.T) {
	dir := open(t)
	_, w := waiting(t, dir, "r")
	w.Close()
	for epoch := 2; epoch < 4; epoch++ {
		_, w, err := dir.Continue("r")
		if err != nil {
			t.Fatal(err)
		}
		var owned *OwnedError
		if _, _, err := dir.Continue("r"); !errors.As(err, &owned) || owned.Owner.Epoch != epoch || owned.Owner.PID != os.Getpid() {
			t.Errorf("owner %d: %v", epoch, err)
		}
		w.Close()
	}
}

func TestTheLastRecordIsReadAlone(t *testing.T) {
	dir := open(t)
	run, w := waiting(t, dir, "r")
	if err := run.Suspend(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	file, err := dir.Read("r")
	if err != nil {
		t.Fatal(err)
	}
	want := file.Records[len(file.Records)-1]
	path, _ := dir.Path("r")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := whole[:bytes.IndexByte(whole, '\n')+1]
	for name, tt := range map[string]struct {
		content []byte
		seq     uint64
		is      error
	}{
		"as it was written":          {whole, want.Seq, nil},
		"with a torn line":           {append(slices.Clone(whole), `{"seq":99,`...), want.Seq, nil},
		"without a record":           {header, 0, nil},
		"empty":                      {nil, 0, ErrEmpty},
		"another file":               {[]byte("hello\n"), 0, ErrForeign},
		"a last line of other bytes": {append(slices.Clone(whole), "hello\n"...), 0, ErrCorrupt},
		"of weft ask --json": {[]byte(`{"seq":1,"time":"2026-01-01T00:00:00Z","run":"r","kind":"run.started","step":"loop","event":1,"type":"start","payload":{"N":1}}` +
			"\n" + `{"text":"the result"}` + "\n"), 1, nil},
	} {
		if err := os.WriteFile(path, tt.content, 0o600); err != nil {
			t.Fatal(err)
		}
		head, last, err := dir.Last("r")
		if !errors.Is(err, tt.is) || last.Seq != tt.seq || err == nil && head.Workflow != "loop" && head.Workflow != file.Header.Workflow {
			t.Errorf("%s: %v, record %d, %v", name, head, last.Seq, err)
		}
	}
	if _, _, err := dir.Last("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
