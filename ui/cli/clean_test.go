package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weft/rag/statefile"
)

// lastUsed makes an index, or the vectors of a month, look as if they were last used some days ago.
func lastUsed(t *testing.T, dir string, daysAgo int) {
	t.Helper()
	then := time.Now().AddDate(0, 0, -daysAgo)
	err := statefile.Update(filepath.Join(dir, aboutName), func(old []byte) ([]byte, error) {
		return regexp.MustCompile(`"used":"[^"]*"`).ReplaceAll(old, []byte(`"used":"`+then.Format(time.DateOnly)+`"`)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// indexOf returns the directory of the index of a directory.
func indexOf(t *testing.T, docs string) string {
	t.Helper()
	all, err := keptIndexes(os.Getenv("WEFT_CACHE"))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if x.of([]string{realPath(docs)}) {
			return x.dir
		}
	}
	t.Fatalf("%s has no index", docs)
	return ""
}

func TestClean(t *testing.T) {
	m := newMachine(t)
	docs := map[string]string{}
	for _, name := range []string{"here", "gone", "recent"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, dir, "ship.md", "# Ship\n\nThe ship "+name+" sails at six.\n")
		m.embedded("index", dir)
		docs[name] = dir
	}
	indexes := map[string]string{}
	for name, dir := range docs {
		indexes[name] = indexOf(t, dir)
	}
	lastUsed(t, indexes["here"], 50)
	lastUsed(t, indexes["gone"], 40)
	for _, name := range []string{"gone", "recent"} {
		if err := os.RemoveAll(docs[name]); err != nil {
			t.Fatal(err)
		}
	}
	left := func() (names []string) {
		for _, name := range []string{"here", "gone", "recent"} {
			if _, err := os.Stat(indexes[name]); err == nil {
				names = append(names, name)
			}
		}
		return names
	}
	for _, c := range []struct {
		args, said, left string
	}{
		{"--dry-run", "would be deleted: its directory does not exist", "here gone recent"},
		{"", "deleted: its directory does not exist", "here recent"},
		{"", "0.0 KB deleted", "here recent"}, // a directory that was away for a short time may come back
		{"--older 60d", "0.0 KB deleted", "here recent"},
		{"--max-size 1GB", "0.0 KB deleted", "here recent"},
		{"--older 45d", "deleted: not used since", "recent"},
		{docs["recent"], "deleted: asked for", ""},
		{"--max-size 0", "deleted: not used for the longest time", ""},
	} {
		out, errs, err := m.weft(append([]string{"clean"}, strings.Fields(c.args)...)...)
		if err != nil || errs != "" || !strings.Contains(out, c.said) {
			t.Errorf("weft clean %s: %v\n%s%s\nwant %q", c.args, err, out, errs, c.said)
		}
		if got := strings.Join(left(), " "); got != c.left {
			t.Fatalf("weft clean %s leaves %q, want %q\n%s", c.args, got, c.left, out)
		}
	}
	if kept, _ := filepath.Glob(filepath.Join(os.Getenv("WEFT_CACHE"), "vectors", "*", "*.vectors")); len(kept) != 0 {
		t.Errorf("vectors are left: %v", kept)
	}
	for _, args := range []string{"--older soon", "--older 0d", "--max-size much"} {
		if _, _, err := m.weft(append([]string{"clean"}, strings.Fields(args)...)...); !errors.As(err, &usageError{}) {
			t.Errorf("weft clean %s: %v", args, err)
		}
	}
}

func TestCleanDeletesRunsOnlyWhenItIsAsked(t *testing.T) {
	m := newMachine(t)
	docs := t.TempDir()
	write(t, docs, "ship.md", "# Ship\n\nThe ship sails at six.\n")
	if _, errs, err := m.weft("ask", "--plain", "when does the ship sail?", docs); err != nil {
		t.Fatal(err, errs)
	}
	runs := func() int {
		out, _, err := m.weft("runs", "--json")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(out, "\n")
	}
	out, _, err := m.weft("clean", "--older", "1ns", "--dry-run", "--runs")
	if err != nil || !strings.Contains(out, "would be deleted: older than is wanted") || runs() != 1 {
		t.Errorf("with a dry run: %v\n%s", err, out)
	}
	if out, _, err = m.weft("clean", "--older", "1ns"); err != nil || !strings.Contains(out, "1 questions") || runs() != 1 {
		t.Errorf("without --runs: %v\n%s", err, out)
	}
	if out, _, err = m.weft("clean", "--older", "1ns", "--runs"); err != nil || runs() != 0 {
		t.Errorf("with --runs: %v\n%s", err, out)
	}
}

func TestVerifyingAnIndex(t *testing.T) {
	m := newMachine(t)
	docs := t.TempDir()
	write(t, docs, "ship.md", "# Ship\n\nThe ship sails at six.\n")
	if _, _, err := m.weft("index", "--verify", docs); err == nil || !strings.Contains(err.Error(), "no index yet") {
		t.Errorf("without an index: %v", err)
	}
	if all, err := keptIndexes(os.Getenv("WEFT_CACHE")); err != nil || len(all) != 0 {
		t.Errorf("verifying has made an index: %v, %v", all, err)
	}
	m.embedded("index", docs)
	out, errs, err := m.weft("index", "--verify", docs)
	if err != nil || errs != "" || !strings.Contains(out, "1 files, 1 passages, 1 vectors") || !strings.Contains(out, "nothing is damaged") {
		t.Errorf("an intact index: %v\n%s%s", err, out, errs)
	}
	log := filepath.Join(indexOf(t, docs), "log")
	data, err := os.ReadFile(log)
	if errors.Is(err, fs.ErrNotExist) || len(data) < 60 {
		t.Fatal(err, len(data))
	}
	data[len(data)-50] ^= 1
	if err := os.WriteFile(log, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, err = m.weft("index", "--verify", docs)
	if err == nil || !strings.Contains(out, "damaged: record") {
		t.Errorf("a damaged index: %v\n%s", err, out)
	}
	if _, errs, err = m.weft("index", docs); err != nil || !strings.Contains(errs, "the index is rebuilt") {
		t.Errorf("the repair: %v\n%s", err, errs)
	}
	if out, _, err = m.weft("index", "--verify", docs); err != nil {
		t.Errorf("after the repair: %v\n%s", err, out)
	}
}
