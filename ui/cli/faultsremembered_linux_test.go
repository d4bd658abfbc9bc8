//go:build linux && (amd64 || arm64)

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"weft/flow"
	"weft/rag/llm/dialect"
	"weft/rag/rephrase"
	"weft/ui/history"
)

const (
	rememberer  = "rememberer" // the program that changes everything that a person has decided
	oldEndpoint = "https://old.example.com/v1"
	newEndpoint = "https://new.example.com/v1"
	markedRun   = "marked"
	deletedRun  = "deleted"
)

// A remembered is something that a person decides or weft learns, which is kept in a file of its own.
type remembered struct {
	name   string
	change func(*settings) error
	// state returns what is kept: old or new, or else what is wrong.
	state func(*settings) (string, error)
}

// oldOrNew returns the state that a list of kept things is in.
func oldOrNew(got []string, before, added string) (string, error) {
	switch {
	case slices.Equal(got, []string{before}):
		return "old", nil
	case slices.Equal(got, []string{before, added}):
		return "new", nil
	}
	return "", fmt.Errorf("kept is %q", got)
}

func talkFile(st *settings) string { return filepath.Join(stateDir(st), "talk.json") }

// flagged returns the state of a flag of a run.
func flagged(st *settings, is func(history.Run) bool, id string) (string, error) {
	store, err := history.Open(runsDir(st))
	if err != nil {
		return "", err
	}
	list, err := store.List()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, func(r history.Run) bool { return r.ID == id })
	if i < 0 {
		return "", fmt.Errorf("the run is gone from %v", list)
	}
	if is(list[i]) {
		return "new", nil
	}
	return "old", nil
}

func exportFile(st *settings) string { return filepath.Join(stateDir(st), "answer.md") }

func withRuns(change func(*history.Store) error) func(*settings) error {
	return func(st *settings) error {
		store, err := history.Open(runsDir(st))
		if err != nil {
			return err
		}
		return change(store)
	}
}

var allRemembered = []remembered{
	{"questions", func(st *settings) error { return newQuestionFile(st).add("and a fork?") }, func(st *settings) (string, error) {
		got, err := newQuestionFile(st).read()
		if err != nil {
			return "", err
		}
		return oldOrNew(got, "what is a run?", "and a fork?")
	}},
	{"consent", func(st *settings) error { return newConsents(st).add(newEndpoint) }, func(st *settings) (string, error) {
		c := newConsents(st)
		if !c.allowed(oldEndpoint) {
			return "", errors.New("what the person has allowed is forgotten")
		}
		return map[bool]string{false: "old", true: "new"}[c.allowed(newEndpoint)], nil
	}},
	{"models", func(st *settings) error { return newModelChoices(st).choose(newEndpoint, answeringModel, "tiny") }, func(st *settings) (string, error) {
		c := newModelChoices(st)
		if got := c.remembered[oldEndpoint][answeringModel]; got != "large" {
			return "", fmt.Errorf("remembered is %q", got)
		}
		return map[string]string{"": "old", "tiny": "new"}[c.remembered[newEndpoint][answeringModel]], nil
	}},
	{"profile", func(st *settings) error { return rememberProfile(st, "work") }, func(st *settings) (string, error) {
		data, err := os.ReadFile(profileFile(st))
		return map[string]string{"home\n": "old", "work\n": "new"}[string(data)], err
	}},
	{"conversation", func(st *settings) error {
		c := conversation{turns: []rephrase.Turn{{Question: "what is a run?"}, {Question: "and a fork?"}}}
		return c.save(talkFile(st))
	}, func(st *settings) (string, error) {
		var c conversation
		if err := c.load(talkFile(st)); err != nil {
			return "", err
		}
		return []string{"", "old", "new"}[len(c.history())], nil
	}},
	{"dialects", func(st *settings) error {
		store := newDialects(st)
		store.Dialect(dialect.Model{Endpoint: newEndpoint, Name: "tiny"}).Learn(dialect.System, dialect.Refused, "it says so")
		return store.Err()
	}, func(st *settings) (string, error) {
		store := newDialects(st)
		if old := store.Dialect(dialect.Model{Endpoint: oldEndpoint, Name: "large"}).Traits(); len(old) != 1 || store.Err() != nil {
			return "", fmt.Errorf("of the old model %v is known: %w", old, store.Err())
		}
		learned := store.Dialect(dialect.Model{Endpoint: newEndpoint, Name: "tiny"}).Traits()
		return map[bool]string{false: "old", true: "new"}[len(learned) == 1], store.Err()
	}},
	{"export", func(st *settings) error { return writeOutput(exportFile(st), []byte("new")) }, func(st *settings) (string, error) {
		data, err := os.ReadFile(exportFile(st))
		return string(data), err
	}},
	{"mark", withRuns(func(s *history.Store) error { return s.Mark(markedRun, true) }), func(st *settings) (string, error) {
		return flagged(st, func(r history.Run) bool { return r.Marked }, markedRun)
	}},
	{"deletion", withRuns(func(s *history.Store) error { return s.Delete(deletedRun) }), func(st *settings) (string, error) {
		return flagged(st, func(r history.Run) bool { return !r.Deleted.IsZero() }, deletedRun)
	}},
}

// init adds the program that makes all changes, and prints for each its name and what went wrong.
func init() {
	programs[rememberer] = func() {
		st, err := loadSettings(pflag.NewFlagSet("weft", pflag.ContinueOnError), os.Getenv)
		if err != nil {
			fmt.Println("settings:", err)
			os.Exit(1)
		}
		for _, r := range allRemembered {
			fmt.Printf("%s: %v\n", r.name, r.change(st))
		}
		os.Exit(0)
	}
}

// TestRememberedFilesSurviveEachFault changes everything that a person has decided and that weft
// has learned while one operation on its file fails, or all from one on. Afterwards each has its old
// state or its new one: the new one if no error was returned, and the old one if nothing else is said.
func TestRememberedFilesSurviveEachFault(t *testing.T) {
	base := realPath(t.TempDir())
	own, template := filepath.Join(base, "own"), filepath.Join(base, "template")
	t.Setenv("HOME", base)
	t.Setenv("WEFT_STATE", own)
	t.Setenv("WEFT_OFFLINE", "true")
	st, err := loadSettings(pflag.NewFlagSet("weft", pflag.ContinueOnError), os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	old := conversation{turns: []rephrase.Turn{{Question: "what is a run?"}}}
	dialects := newDialects(st)
	dialects.Dialect(dialect.Model{Endpoint: oldEndpoint, Name: "large"}).Learn(dialect.System, dialect.Refused, "it says so")
	err = errors.Join(newQuestionFile(st).add("what is a run?"), newConsents(st).add(oldEndpoint),
		newModelChoices(st).choose(oldEndpoint, answeringModel, "large"), rememberProfile(st, "home"), old.save(talkFile(st)), dialects.Err(),
		writeOutput(exportFile(st), []byte("old")),
		withRuns(func(s *history.Store) error {
			for _, id := range []string{markedRun, deletedRun} {
				keepAnEmptyRun(t, s, id)
			}
			return nil
		})(st))
	if err != nil {
		t.Fatal(err)
	}
	copied(t, template, own)
	each(t, func(t *testing.T, what string, l *faultLayer) {
		copied(t, own, template)
		l.below = own
		stdout, stderr, code := l.run(t, os.Environ(), base, rememberer)
		where := fmt.Sprintf("%s: %.60q", what, l.struck)
		if code != 0 {
			if code != 1 || !l.saysCause(stdout) {
				t.Errorf("%s: exit code %d\n%s%s", where, code, stdout, stderr)
			}
			return
		}
		for _, r := range allRemembered {
			_, said, _ := strings.Cut("\n"+stdout, "\n"+r.name+": ")
			said, _, _ = strings.Cut(said, "\n")
			state, err := r.state(st)
			if err != nil || state == "" || said == "<nil>" && state != "new" {
				t.Errorf("%s: %s is %q (%v), and it said %q", where, r.name, state, err, said)
			}
			if said != "<nil>" && !l.saysCause(said) {
				t.Errorf("%s: %s: %q does not name the cause", where, r.name, said)
			}
			if r.name == "deletion" && said != "<nil>" && state != "old" {
				t.Errorf("%s: it is deleted although it said %q", where, said)
			}
		}
	})
}

// keepAnEmptyRun keeps a run that has ended.
func keepAnEmptyRun(t *testing.T, s *history.Store, id string) {
	t.Helper()
	wf := flow.New[begun, ended]("begun")
	flow.Step(wf, "end", func(*flow.Context, begun) (ended, error) { return ended{}, nil })
	w, err := s.Journals().Create(id)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := wf.Run(t.Context(), begun{}, flow.ID(id), flow.Keep(w)); err != nil {
		t.Fatal(err)
	}
}
