package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

func TestEverySettingIsInTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	code := func(prefix, s string) string {
		if s == "" {
			return ""
		}
		return "`" + prefix + s + "` "
	}
	all := new(options).describe()
	for _, d := range all {
		row := strings.TrimRight(fmt.Sprintf("| `%s` | %s| %s|", d.key, code("--", d.flag), code("", d.env)), " ")
		if !strings.Contains(string(manual), row) {
			t.Errorf("docs/configuration.md lacks the row %q", row)
		}
	}
	if got, want := strings.Count(string(manual), "\n| `"), len(all); got != want {
		t.Errorf("docs/configuration.md has %d settings, the program %d", got, want)
	}
}

func TestEveryOptionHasADescriptionAndAValidDefault(t *testing.T) {
	names := map[string]string{}
	for _, d := range new(options).describe() {
		if d.key == "" || d.help == "" {
			t.Errorf("%q has the help %q", d.key, d.help)
		}
		if err := d.take(d.def, source{}); err != nil {
			t.Errorf("the default of %s is %q: %v", d.key, d.def, err)
		}
		for _, name := range []string{"key " + d.key, "flag " + d.flag, "short " + d.short, "env " + d.env} {
			if other, taken := names[name]; taken && !strings.HasSuffix(name, " ") {
				t.Errorf("%s and %s share the %s", other, d.key, name)
			}
			names[name] = d.key
		}
	}
}

func TestASettingWithoutAFlagAddsNone(t *testing.T) {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	addFlags(flags, func(o *options) []anyOption { return []anyOption{&o.Prompts, &o.Theme} })
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if !slices.Equal(names, []string{"theme"}) {
		t.Errorf("the flags are %q", names)
	}
}

func TestTheFirstSourceOfASettingWins(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "config.toml", "model = \"from-file\"\ntimeout = \"5s\"\nallow = [\"https://a/v1\", \"https://b/v1\"]\n")
	env := map[string]string{"WEFT_CONFIG": dir + "/config.toml"}
	load := func(args ...string) *settings {
		t.Helper()
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		addFlags(flags, func(o *options) []anyOption { return []anyOption{&o.Model, &o.Timeout, &o.Allow} })
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		s, err := loadSettings(flags, func(k string) string { return env[k] })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	expect := func(o option[string], value, from string) {
		t.Helper()
		if o.value != value || !strings.HasPrefix(o.from.String(), from) {
			t.Errorf("%q from %q, want %q from %q", o.value, o.from, value, from)
		}
	}
	expect(load().Workflow, "rag", "default")
	expect(load().Model, "from-file", "config "+dir+"/config.toml, line 1")
	if got := load().Timeout.value; got != 5*time.Second {
		t.Errorf("timeout is %v", got)
	}
	if got := load().Allow.value; len(got) != 2 || got[1] != "https://b/v1" {
		t.Errorf("allow is %q", got)
	}
	env["WEFT_MODEL"] = "from-environment"
	expect(load().Model, "from-environment", "environment WEFT_MODEL")
	expect(load("--model", "from-flag").Model, "from-flag", "flag --model")
	if got := load("--allow", "https://c/v1,https://d/v1").Allow.value; len(got) != 2 || got[0] != "https://c/v1" {
		t.Errorf("allow is %q", got)
	}
}

func TestKeysOfTheConfigFileReachTheExplorer(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "config.toml", "[keys]\ncritical = \"K\"\n\"zoom.in\" = [\"+\", \"I\"]\n")
	s, err := loadSettings(pflag.NewFlagSet("test", pflag.ContinueOnError), func(k string) string {
		return map[string]string{"WEFT_CONFIG": dir + "/config.toml"}[k]
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.keys); got != "map[critical:[K] zoom.in:[+ I]]" {
		t.Errorf("keys are %s", got)
	}
}

func TestQuestionsAreKeptForTheNextStart(t *testing.T) {
	path := t.TempDir() + "/state/questions"
	one, other := &questionFile{file: path}, &questionFile{file: path}
	if got, err := one.read(); got != nil || err != nil {
		t.Errorf("without a file there are the questions %q: %v", got, err)
	}
	add := func(q *questionFile, text string) {
		t.Helper()
		if err := q.add(text); err != nil {
			t.Fatal(err)
		}
	}
	add(one, "how?")
	add(other, "two\nlines") // another process, at the same time
	add(one, "why?")
	add(one, "why?")
	if err := one.addRest([]string{"how?", "why?", "a draft"}); err != nil {
		t.Fatal(err)
	}
	want := []string{"how?", "two\nlines", "why?", "a draft"}
	if got, err := one.read(); err != nil || !slices.Equal(got, want) {
		t.Errorf("read %q, want %q: %v", got, want, err)
	}
	many := make([]string, maxHistory+5)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	if err := one.add(many...); err != nil {
		t.Fatal(err)
	}
	if got, err := one.read(); err != nil || len(got) != maxHistory || got[0] != "5" {
		t.Errorf("%d questions: %v", len(got), err)
	}
}

func TestDamagedQuestionsAreReportedAndKept(t *testing.T) {
	q := &questionFile{file: t.TempDir() + "/questions"}
	if err := os.WriteFile(q.file, []byte("\"one\"\n\x00\x00\n\n\"two\"\n\"thr"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := q.read()
	if !slices.Equal(got, []string{"one", "two"}) || err == nil || !strings.HasPrefix(err.Error(), "2 of 4 lines of "+q.file) {
		t.Errorf("%q: %v", got, err)
	}
	if err := q.add("four"); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(q.file); err != nil || string(data) != "\"one\"\n\x00\x00\n\"two\"\n\"thr\n\"four\"\n" {
		t.Errorf("%q: %v", data, err)
	}
	if err := os.Remove(q.file); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(q.file, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := q.read(); got != nil || err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("%q: %v", got, err)
	}
}

func TestAQuestionIsStoredWhenItIsAsked(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	s := offline(t, dir)
	e := &engine{s: s, questions: newQuestionFile(s.settings)}
	if _, err := e.Ask("rag", " how high is a mountain? "); err != nil {
		t.Fatal(err)
	}
	got, err := (&questionFile{file: e.questions.file}).read()
	if err != nil || !slices.Equal(got, []string{"how high is a mountain?"}) {
		t.Errorf("%q: %v", got, err)
	}
	e.questions.file = dir + "/a.md/questions" // cannot be written
	if _, err := e.Ask("rag", "how high?"); err != nil {
		t.Error(err)
	}
	if s.problems.mu.Lock(); !strings.Contains(s.problems.last, "could not be saved") {
		t.Errorf("%q", s.problems.last)
	}
	s.problems.mu.Unlock()
}
