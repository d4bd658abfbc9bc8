//go:build unix

package load

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// transcriberScript writes a program that checks its recording and writes a transcript.
func transcriberScript(t *testing.T, transcript string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "transcribe")
	script := "#!/bin/sh\n[ \"$1\" = --words ] && grep -q sound \"$2\" || { echo loading >&2; echo no recording >&2; exit 3; }\ncat <<'END'\n" + transcript + "\nEND\n"
	if err := os.WriteFile(file, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRecordingsAreTranscribedByTheConfiguredProgram(t *testing.T) {
	for name, transcript := range map[string]string{
		"whisper.cpp": "[00:00:00.000 --> 00:00:04.000]   Berth seven is free.\n[00:01:02.500 --> 00:01:06.000]   The ferry leaves at nine.",
		"SubRip":      "1\n00:00:00,000 --> 00:00:04,000\nBerth seven\nis free.\n\n2\n00:01:02,500 --> 00:01:06,000\nThe ferry leaves at nine.\n",
		"WebVTT":      "WEBVTT\n\n00:00.000 --> 00:04.000 align:start\nBerth seven is free.\n\n01:02.500 --> 01:06.000\nThe ferry leaves at nine.",
	} {
		l := New(Options{Transcribe: "'" + transcriberScript(t, transcript) + "' --words {file}"})
		doc, err := l.Document(t.Context(), "watch.mp3", []byte("sound"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkClean(t, doc)
		if doc.Text != "Berth seven is free.\n\nThe ferry leaves at nine.\n" || placeOf(doc, "Berth") != "at 0:00" || placeOf(doc, "ferry") != "at 1:02" {
			t.Errorf("%s: %q, %v", name, doc.Text, doc.Marks)
		}
		wantNotes(t, doc, "the text is transcribed from a recording and may have mistakes")
	}
	l := New(Options{Transcribe: transcriberScript(t, "First paragraph.\n\nSecond one.") + " --words"})
	doc, err := l.Document(t.Context(), "watch.mp4", []byte("sound"))
	if err != nil || doc.Text != "First paragraph.\n\nSecond one.\n" || placeOf(doc, "Second") != "the recording" {
		t.Errorf("without times: %q, %v", doc.Text, err)
	}
}

func TestWhyARecordingIsNotTranscribedIsSaid(t *testing.T) {
	script := transcriberScript(t, "")
	for command, want := range map[string]string{
		"":                         "the setting transcribe names a program",
		"weft-no-such-program":     "weft-no-such-program of the setting transcribe is not installed: install it or correct the setting",
		script + " {file}":         "fails: no recording",
		script + " --words {file}": "no speech is recognised",
	} {
		_, err := New(Options{Transcribe: command}).Document(t.Context(), "a.wav", []byte("sound"))
		if e := new(Error); !errors.As(err, &e) || !strings.Contains(e.Detail, want) {
			t.Errorf("%q: %v", command, err)
		}
	}
}

func TestACommandLineIsDividedLikeAShellDoes(t *testing.T) {
	got := commandWords(`whisper -m "my model.bin"  -p 'say "aye"' '' {file}`)
	if want := []string{"whisper", "-m", "my model.bin", "-p", `say "aye"`, "", "{file}"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestAnInterruptedTranscriptionLeavesNothing interrupts a program that has started another one, which
// holds its output.
func TestAnInterruptedTranscriptionLeavesNothing(t *testing.T) {
	temporary, pipe := t.TempDir(), filepath.Join(t.TempDir(), "pipe")
	t.Setenv("TMPDIR", temporary)
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		l := New(Options{Transcribe: `sh -c 'sleep 300 9>"$0" & wait' ` + pipe})
		_, err := l.Document(ctx, "watch.mp3", []byte("sound"))
		result <- err
	}()
	held, err := os.Open(pipe) // waits until the other program runs
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v, %v", left, err)
	}
	if err := held.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, held); err != nil {
		t.Errorf("the other program is left: %v", err)
	}
}
