package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"weft/rag/rephrase"
)

// These targets give arbitrary bytes to everything that reads a file which weft keeps between two
// starts. Damage must not make a start fail or hang, and what is stored afterwards is found again.

func FuzzQuestionFile(f *testing.F) {
	f.Add([]byte("\"what is a run?\"\n\"and a fork?\"\n"))
	f.Add([]byte("\"torn\n\x00\n[]\n\"whole\""))
	f.Fuzz(func(t *testing.T, data []byte) {
		q := &questionFile{file: planted(t, "questions", data)}
		_, damaged := questionsOf(questionLines(data))
		before, err := q.read()
		if (err != nil) != (damaged > 0) {
			t.Errorf("%d damaged lines: %v", damaged, err)
		}
		if err := q.add("a new question?"); err != nil {
			t.Fatal(err)
		}
		want := before
		if n := len(before); n == 0 || before[n-1] != "a new question?" {
			want = append(slices.Clone(before), "a new question?")
		}
		got, _ := q.read()
		if !slices.Equal(got, want[max(0, len(want)-maxHistory):]) {
			t.Errorf("%q became %q", before, got)
		}
		after, err := os.ReadFile(q.file)
		if _, kept := questionsOf(questionLines(after)); err != nil || kept != damaged {
			t.Errorf("of %d damaged lines %d are kept: %v", damaged, kept, err)
		}
	})
}

func FuzzConsent(f *testing.F) {
	f.Add([]byte("https://api.example.com/v1\n"))
	f.Add([]byte("https://api.example.com/v1, but not https://models.example.com/v1"))
	f.Add([]byte(strings.Repeat("x", 70_000) + "\n"))
	const endpoint = "https://models.example.com/v1"
	f.Fuzz(func(t *testing.T, data []byte) {
		st := &settings{}
		st.State.value = filepath.Dir(planted(t, "allowed", data))
		lines := strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' || r == '\r' })
		named := slices.ContainsFunc(lines, func(line string) bool { return sameEndpoint(line, endpoint) })
		c := newConsents(st)
		if c.allowed(endpoint) && !named {
			t.Error("allowed without a line that names it")
		}
		if err := c.add(endpoint); err != nil {
			t.Fatal(err)
		}
		if !newConsents(st).allowed(endpoint) {
			t.Error("what the person has allowed is forgotten")
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte("model = \"tiny\"\ntimeout = \"2m\"\n[keys]\nquit = \"q\"\n[themes.own]\ntext = \"#fff\"\n"))
	f.Add([]byte("profile = \"work\"\n[profiles.work]\noffline = true\n"))
	f.Add([]byte("[tools]\na = {command = [\"b\"]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, state := planted(t, "config.toml", data), t.TempDir()
		_, err := loadSettings(pflag.NewFlagSet("weft", pflag.ContinueOnError), func(name string) string {
			return map[string]string{"WEFT_CONFIG": file, "WEFT_STATE": state}[name]
		})
		if err != nil && !strings.Contains(err.Error(), "config.toml") {
			t.Errorf("the error does not name the file: %v", err)
		}
	})
}

func FuzzModelChoices(f *testing.F) {
	f.Add([]byte(`{"http://localhost:11434/v1":{"model":"tiny"}}`))
	f.Add([]byte(`{"http://localhost:11434/v1":null,"":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		st := &settings{}
		st.State.value = filepath.Dir(planted(t, "models.json", data))
		const endpoint = "http://localhost:11434/v1"
		if err := newModelChoices(st).choose(endpoint, answeringModel, "other"); err != nil {
			t.Fatal(err)
		}
		if got := newModelChoices(st).remembered[endpoint][answeringModel]; got != "other" {
			t.Errorf("the choice is remembered as %q", got)
		}
	})
}

func FuzzConversation(f *testing.F) {
	f.Add([]byte(`{"talk":"k3f9","turns":[{"question":"a","answer":"b"}]}`))
	f.Add([]byte(`{"talk":"k3f9","turns":[{"question":"a"},7]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := planted(t, "conversation.json", data)
		var c conversation
		if err := c.load(file); err != nil && (c.talkID() != "" || len(c.history()) != 0) {
			t.Errorf("a part of a damaged conversation is continued: %q, %v", c.talk, c.turns)
		}
		c = conversation{turns: []rephrase.Turn{{Question: "what is a run?"}}}
		if err := c.save(file); err != nil {
			t.Fatal(err)
		}
		var next conversation
		if err := next.load(file); err != nil || len(next.history()) != 1 {
			t.Errorf("%v: %v", next.turns, err)
		}
	})
}

func FuzzIndexAbout(f *testing.F) {
	f.Add([]byte(`{"directories":["/docs"],"with":["hidden"],"used":"2026-11-30"}`))
	f.Add([]byte(`{"directories":["/docs"],"used":7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		cache := t.TempDir()
		dir := filepath.Join(cache, "index", "0123456789abcdef")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, aboutName), data, 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := keptIndexes(cache)
		if err != nil || len(all) != 1 || all[0].bytes != int64(len(data)) || all[0].used.IsZero() {
			t.Fatalf("%+v: %v", all, err)
		}
		all[0].gone()
		if known := len(all[0].about.Directories) > 0; known && !strings.HasSuffix(strings.TrimSpace(string(data)), "}") {
			t.Errorf("directories of a damaged file are used: %q", all[0].about.Directories)
		}
		if err := describeIndex(dir, &settings{}, []string{cache}); err != nil {
			t.Fatal(err)
		}
		if all, err = keptIndexes(cache); err != nil || !all[0].of([]string{realPath(cache)}) {
			t.Errorf("the description is not replaced: %+v, %v", all, err)
		}
	})
}

// planted returns the path of a file with the given content, in a directory of its own.
func planted(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
