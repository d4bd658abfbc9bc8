//go:build unix

package cli

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// filesIn lists everything below a directory.
func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestWhereFilesGo starts the whole program in the directory of the documents, on machines whose
// environment is not as it should be.
func TestWhereFilesGo(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string // HOME and others; $TMP and $DOCS are replaced
		said string   // on standard error
		// inside is set if the environment puts weft's files among the documents by itself.
		inside bool
		report string // an earlier crash report
	}{
		{name: "a home", env: []string{"HOME=$TMP/home"}},
		{name: "no home", said: "HOME is not set: weft keeps its files below "},
		{name: "an empty home", env: []string{"HOME="}, said: "HOME is not set"},
		{name: "a relative home", env: []string{"HOME=home"}, said: "HOME is not an absolute path (home)"},
		{name: "the home is .", env: []string{"HOME=."}, said: "HOME is not an absolute path (.)"},
		{name: "relative directories of XDG", env: []string{"HOME=$TMP/home", "XDG_CACHE_HOME=cache", "XDG_STATE_HOME=state"}},
		{name: "no home, directories of XDG", env: []string{"XDG_CACHE_HOME=$TMP/cache", "XDG_STATE_HOME=$TMP/state"}},
		{name: "no home, relative directories of XDG", env: []string{"XDG_CACHE_HOME=cache"}, said: "HOME is not set"},
		{name: "no home, other directories", env: []string{"WEFT_CACHE=$TMP/cache", "WEFT_STATE=$TMP/state"}},
		{name: "the cache among the documents", env: []string{"HOME=$TMP/home", "WEFT_CACHE=$DOCS/cache"}, said: "indexes are kept among the documents, in ", inside: true},
		{name: "a relative cache and state", env: []string{"HOME=$TMP/home", "WEFT_CACHE=cache", "WEFT_STATE=state"}, said: "runs and questions are kept among the documents", inside: true},
		{name: "cache and state are the directory of the documents", env: []string{"HOME=$TMP/home", "WEFT_CACHE=$DOCS", "WEFT_STATE=$DOCS"}, said: "runs and questions are kept among the documents", inside: true, report: "crash-20261130-120000.txt"},
		{name: "a home that is a file", env: []string{"HOME=$TMP/file"}, said: "memory only"},
		{name: "a home that does not exist and cannot", env: []string{"HOME=/dev/null/home"}, said: "memory only"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			docs, tmp := realPath(t.TempDir()), realPath(t.TempDir())
			write(t, docs, "ship.md", "# Ship\n\nThe ship sails at six.\n")
			write(t, tmp, "file", "")
			if c.report != "" {
				write(t, docs, c.report, "goroutine 1 [running]:\n")
			}
			before := filesIn(t, docs)
			cmd := exec.Command("weft", "ask", "when does the ship sail?")
			cmd.Dir = docs
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GOGC=" + rareGC, "WEFT_OFFLINE=true", "TMPDIR=" + tmp,
				"WEFT_TEST_ACCOUNT_HOME=" + filepath.Join(tmp, "account")}
			for _, e := range c.env {
				cmd.Env = append(cmd.Env, strings.NewReplacer("$TMP", tmp, "$DOCS", docs).Replace(e))
			}
			starts := 1
			if c.inside || os.Getenv("WEFT_LONG") == "1" {
				starts = 2 // the second one finds weft's files among the documents
			}
			for range starts {
				var stdout, stderr bytes.Buffer
				again := exec.Command(cmd.Path, cmd.Args[1:]...)
				again.Dir, again.Env, again.Stdout, again.Stderr = cmd.Dir, cmd.Env, &stdout, &stderr
				again.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
				if err := again.Run(); err != nil || !strings.Contains(stdout.String(), "sails at six") {
					t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
				}
				if said := stderr.String(); c.said == "" && strings.Contains(said, "kept") || !strings.Contains(said, c.said) {
					t.Errorf("it says %q, want %q", said, c.said)
				}
			}
			if c.inside {
				list := exec.Command("weft", "list", "--glob", "**")
				list.Dir, list.Env = docs, cmd.Env
				if got, err := list.Output(); err != nil || strings.Count(string(got), "\n") != 1 || !strings.Contains(string(got), "ship.md") {
					t.Errorf("the documents are %v\n%s", err, got)
				}
			}
			if after := filesIn(t, docs); !c.inside && !slices.Equal(before, after) {
				t.Errorf("among the documents are %q", after)
			}
		})
	}
}
