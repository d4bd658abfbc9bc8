//go:build linux && (amd64 || arm64)

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"weft/ui/history"
)

// faultKinds are what a disk does to a program.
var faultKinds = map[string]faultLayer{
	"the disk is full once":        {picks: needsRoom, with: syscall.ENOSPC, half: true},
	"the disk is full":             {picks: needsRoom, with: syscall.ENOSPC, half: true, stays: true},
	"the quota is used up":         {picks: needsRoom, with: syscall.EDQUOT, stays: true},
	"the disk fails once":          {picks: anyOperation, with: syscall.EIO},
	"the disk fails":               {picks: anyOperation, with: syscall.EIO, half: true, stays: true},
	"a file cannot be opened once": {picks: opensFile, with: syscall.EMFILE},
	"too many files are open":      {picks: opensFile, with: syscall.EMFILE, stays: true},
	"a write is short":             {picks: needsRoom, half: true},
	"the disk is slow":             {picks: anyOperation, slow: 3 * time.Millisecond},
}

func anyOperation(operation) bool { return true }

func needsRoom(op operation) bool {
	return slices.Contains([]string{"create", "write", "sync", "rename", "mkdir"}, op.name)
}

func opensFile(op operation) bool { return op.name == "open" || op.name == "create" }

// shortly are the places that the short tests visit.
var shortly = map[string]int{"the disk is full": 12, "the disk fails once": 29, "too many files are open": 5}

// each calls f for each place of each kind of fault, until a place is behind the last operation. The
// short tests visit a few places only.
func each(t *testing.T, f func(t *testing.T, what string, l *faultLayer)) {
	long := os.Getenv("WEFT_LONG") == "1"
	for name, kind := range faultKinds {
		at, visited := shortly[name]
		if long {
			at = 1
		} else if !visited {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for ; ; at++ {
				l := kind
				if l.at = at; l.slow > 0 {
					l.at = 0
				}
				f(t, fmt.Sprintf("%s, at %d", name, at), &l)
				if !long || len(l.struck) == 0 {
					break
				}
			}
			t.Logf("the last place is %d", at)
		})
	}
}

// saysCause reports whether a text names the error of a layer in words.
func (l *faultLayer) saysCause(text string) bool { return strings.Contains(text, l.with.Error()) }

// lost reports whether something could not be written that a person or the next start would miss:
// locks, and what only describes other files, are not missed.
func (l *faultLayer) lost() bool {
	return slices.ContainsFunc(l.struck, func(op string) bool {
		return (strings.Contains(op, " write ") || strings.Contains(op, " rename ")) &&
			!slices.ContainsFunc([]string{"holder", "about.json", "CACHEDIR.TAG"}, func(name string) bool { return strings.Contains(op, name) })
	})
}

// copied replaces the content of a directory by a copy of that of another one.
func copied(t *testing.T, to, from string) {
	t.Helper()
	old, err := filepath.Glob(filepath.Join(to, "*"))
	for _, name := range old {
		err = errors.Join(err, os.RemoveAll(name))
	}
	if err = errors.Join(err, os.CopyFS(to, os.DirFS(from))); err != nil {
		t.Fatal(err)
	}
}

// An askedBefore is a machine on which a question was asked before, and then a document has changed.
type askedBefore struct {
	*machine
	base, docs, own, template string
	before                    map[string]string // each run and what weft shows of it
	found                     string            // what a search finds now
}

const (
	earlierQuestion = "when does the ship sail?"
	nextQuestion    = "when does the harbour open?"
)

// newAsked returns such a machine, which has its files below base.
func newAsked(t *testing.T, base string) *askedBefore {
	a := &askedBefore{machine: newMachine(t), base: base}
	a.docs, a.own, a.template = filepath.Join(a.base, "docs"), filepath.Join(a.base, "own"), filepath.Join(a.base, "template")
	if err := os.MkdirAll(a.docs, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("WEFT_CACHE", filepath.Join(a.own, "cache"))
	t.Setenv("WEFT_STATE", filepath.Join(a.own, "state"))
	write(t, a.docs, "ship.md", "# Ship\n\nThe ship sails at six.\n")
	write(t, a.docs, "harbour.md", "# Harbour\n\nThe harbour opens at five.\n")
	a.must("ask", earlierQuestion, a.docs)
	a.before = a.runs()
	write(t, a.docs, "harbour.md", "# Harbour\n\nThe harbour opens at four.\n")
	copied(t, a.template, a.own)
	a.must("index", a.docs)
	a.found = a.must("search", nextQuestion, a.docs)
	return a
}

// restore puts weft's files back to where the question was asked before.
func (a *askedBefore) restore() { copied(a.T, a.own, a.template) }

// must runs a command that succeeds, and returns what it prints.
func (a *askedBefore) must(args ...string) string {
	a.Helper()
	out, errs, err := a.weft(args...)
	if err != nil {
		a.Errorf("weft %s: %v\n%s", strings.Join(args, " "), err, errs)
	}
	return out
}

// runs returns the kept runs that can be read, and what weft shows of each.
func (a *askedBefore) runs() map[string]string {
	a.Helper()
	store, err := history.Open(filepath.Join(a.own, "state", "runs"))
	if err != nil {
		a.Fatal(err)
	}
	list, err := store.List()
	if err != nil {
		a.Fatal(err)
	}
	shown := map[string]string{}
	for _, r := range list {
		if r.Outcome == history.Done {
			shown[r.ID] = a.must("runs", "show", r.ID)
		}
	}
	return shown
}

// TestAskingSurvivesEachFault asks a question while one operation on the files that weft keeps
// fails, or all from one on: of the index, the vectors, the journal, the list of runs, the
// conversation, what was learned about the model. What was kept before is kept. What is not kept is
// reported with its cause. The next start finds everything again.
func TestAskingSurvivesEachFault(t *testing.T) {
	newAsked(t, realPath(t.TempDir())).askAtEachFault(t)
}

// TestTheFirstQuestionSurvivesEachFault is the same on a machine on which weft has no file yet, so
// that all directories and files are made.
func TestTheFirstQuestionSurvivesEachFault(t *testing.T) {
	if os.Getenv("WEFT_LONG") != "1" {
		t.Skip("it starts the program some hundred times; set WEFT_LONG=1")
	}
	a := newAsked(t, realPath(t.TempDir()))
	a.template, a.before = t.TempDir(), nil
	a.askAtEachFault(t)
}

func (a *askedBefore) askAtEachFault(t *testing.T) {
	each(t, func(t *testing.T, what string, l *faultLayer) {
		a := *a
		a.machine = &machine{t, a.server}
		a.restore()
		l.below = a.own
		stdout, stderr, code := l.run(t, os.Environ(), a.base, "weft", "ask", nextQuestion, "docs")
		where := fmt.Sprintf("%s: %.60q", what, l.struck)
		if code != exitAnswer && code != exitIncomplete && code != 1 || strings.Contains(stderr, "goroutine ") {
			t.Errorf("%s: exit code %d\n%s%s", where, code, stdout, stderr)
		}
		if code == 1 != !strings.Contains(stdout, "harbour.md:1") {
			t.Errorf("%s: exit code %d, and there is an answer or none:\n%s%s", where, code, stdout, stderr)
		}
		if l.stays && l.lost() && !l.saysCause(stderr) {
			t.Errorf("%s: it says %q", where, stderr)
		}
		after := a.runs()
		for id, shown := range a.before {
			if after[id] != shown {
				t.Errorf("%s: the earlier run is shown as\n%s", where, after[id])
			}
		}
		if len(after) == len(a.before) && !l.saysCause(stderr) {
			t.Errorf("%s: the run is not kept, and it says %q", where, stderr)
		}
		if file, err := conversationFile(&settings{}, []string{a.docs}); err == nil {
			a.checkConversation(where, filepath.Join(a.own, "cache", "conversations", filepath.Base(file)), stderr, code, l)
		}
		a.must("index", a.docs)
		a.must("index", "--verify", a.docs)
		if got := a.must("search", nextQuestion, a.docs); got != a.found {
			t.Errorf("%s: the next search finds\n%s\nwant\n%s", where, got, a.found)
		}
	})
}

// checkConversation checks the conversation so far, which must have this question or the one before.
func (a *askedBefore) checkConversation(where, file, stderr string, code int, l *faultLayer) {
	a.Helper()
	var c conversation
	err := c.load(file)
	turns := c.history()
	if err != nil || len(turns) > 1 || len(turns) == 0 && a.before != nil {
		a.Errorf("%s: the conversation is %v: %v", where, turns, err)
		return
	}
	if (len(turns) == 0 || turns[0].Question != nextQuestion) && code != 1 && !l.saysCause(stderr) {
		a.Errorf("%s: the conversation is not kept, and it says %q", where, stderr)
	}
}
