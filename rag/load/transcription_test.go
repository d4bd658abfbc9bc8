//go:build unix

package load

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
