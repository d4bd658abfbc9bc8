package cli

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/goleak"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm/fakeopenai"
)

// noticeTimeout limits how long a session may take to announce something. It is generous for busy
// machines.
const noticeTimeout = time.Minute

// offline starts a session on directories, on a machine without a model.
func offline(t testing.TB, dirs ...string) *session {
	return begin(t, map[string]string{"WEFT_OFFLINE": "true"}, dirs...)
}

// driving returns a session as the explorer drives it.
func driving(s *session) *engine { return &engine{s: s} }

func begin(t testing.TB, env map[string]string, dirs ...string) *session {
	t.Helper()
	cache := t.TempDir()
	st, err := loadSettings(pflag.NewFlagSet("test", pflag.ContinueOnError), func(key string) string {
		if key == "WEFT_CONFIG" {
			return ""
		}
		v, set := env[key]
		if !set && (key == "WEFT_CACHE" || key == "WEFT_STATE") {
			return cache
		}
		return v
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSession(t.Context(), st, dirs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// put moves a complete file into a watched directory in one step, because the watcher may look at
// any time.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	aside := t.TempDir()
	write(t, aside, name, text)
	if err := os.Rename(filepath.Join(aside, name), filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func TestManyRunsLeakNoGoroutine(t *testing.T) {
	count := 200
	if os.Getenv("WEFT_LONG") == "1" {
		count = 1000
	}
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	write(t, dir, "runs.md", "# Runs\n\nTo cancel a run, press ctrl+c. It ends at once.\n")
	s := offline(t, dir)
	defer s.close()
	var runs []*flow.Run[show.Answer]
	stop := errors.New("enough")
	finished := 0
	for i := range count {
		run, err := s.ask("rag", "how do I cancel a run?")
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			run.Cancel(stop)
		}
		runs = append(runs, run)
		if len(runs) == 20 { // more runs than a person would ever have
			for _, r := range runs {
				if _, err := r.Wait(t.Context()); err == nil {
					finished++
				} else if !errors.Is(err, stop) {
					t.Fatal(err)
				}
			}
			runs = nil
		}
	}
	if finished < count/2 {
		t.Errorf("%d runs finished, want the %d that were not cancelled", finished, count/2)
	}
}

func TestAnEditIsIndexedAndAnnounced(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	s := offline(t, dir)
	s.corpus.watch()
	<-s.corpus.built
	ctx, cancel := context.WithTimeout(t.Context(), noticeTimeout)
	defer cancel()
	told := make(chan string)
	go func() {
		defer close(told)
		for r := range s.life.Records(ctx, 0) {
			if n, ok := r.Payload.(show.Notice); ok {
				told <- n.Text
				return
			}
		}
	}()
	put(t, dir, "b.md", "# Sea\n\nThe sea is deep and blue.\n")
	if got, want := <-told, "b.md is new: searchable"; got != want {
		t.Fatalf("wrote %q, want %q", got, want)
	}
	run, err := s.ask("rag", "is the sea deep?")
	if err != nil {
		t.Fatal(err)
	}
	got, err := run.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Sources) == 0 || got.Sources[0].Path != "b.md" {
		t.Errorf("answered from %v, want b.md", got.Sources)
	}
}

// announcements yields the session's corpus states and notices, in order.
func announcements(ctx context.Context, s *session) iter.Seq[string] {
	return func(yield func(string) bool) {
		for r := range s.life.Records(ctx, 0) {
			text := ""
			switch ev := r.Payload.(type) {
			case show.Corpus:
				text = string(ev.State)
			case show.Notice:
				text = ev.Text
			default:
				continue
			}
			if !yield(text) {
				return
			}
		}
	}
}

func TestTheFirstDocumentsOfAnEmptyDirectoryAreIndexed(t *testing.T) {
	for name, c := range map[string]struct {
		fill func(t *testing.T, dir string, empty func())
		want []string
	}{
		"whole": {func(t *testing.T, dir string, _ func()) {
			put(t, dir, "b.md", "# Sea\n\nThe sea is deep and blue.\n")
		}, []string{"indexing", "failed", "ready"}},
		"in two steps": {func(t *testing.T, dir string, empty func()) {
			write(t, dir, "b.md", "")
			empty()
			write(t, dir, "b.md", "# Sea\n\nThe sea is deep and blue.\n")
		}, []string{"indexing", "failed", "holds nothing that is read (left out: 1 empty)", "ready"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := offline(t, dir)
			s.corpus.watch()
			<-s.corpus.built
			ctx, cancel := context.WithTimeout(t.Context(), noticeTimeout)
			defer cancel()
			c.fill(t, dir, func() { waitForNotice(t, s, "1 empty") })
			var got []string
			for text := range announcements(ctx, s) {
				got = append(got, text)
				if text == "ready" {
					break
				}
			}
			if !slices.EqualFunc(got, c.want, strings.Contains) {
				t.Fatalf("wrote %q, want %q", got, c.want)
			}
			run, err := s.ask("rag", "is the sea deep?")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := run.Wait(ctx); err != nil || len(got.Sources) == 0 {
				t.Errorf("answered from %v (%v), want b.md", got.Sources, err)
			}
		})
	}
}

func TestAnIndexProblemIsReportedOnceWhileItLasts(t *testing.T) {
	s := offline(t, t.TempDir())
	<-s.corpus.built
	// The missing documents have already been announced.
	for _, text := range []string{s.corpus.err.Error(), "full", "full", "", "full"} {
		s.problems.warn(text)
	}
	s.emit(show.Notice{Level: show.Info, Text: "end"})
	var told []string
	for r := range s.life.Records(t.Context(), 0) {
		if n, ok := r.Payload.(show.Notice); ok {
			told = append(told, n.Text)
			if n.Level == "info" {
				break
			}
		}
	}
	if want := []string{"full", "full", "end"}; !slices.Equal(told, want) {
		t.Errorf("wrote %q, want %q", told, want)
	}
}

func TestDocumentsAreSentOnlyWithConsentWhichIsStored(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	server, url := fakeopenai.Start(t, "", "tiny-chat")
	env := map[string]string{"OPENAI_BASE_URL": url}
	s := begin(t, env, dir)
	model, err := s.models.detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	model.Gate = s.models.consent.gate() // as if the server were remote

	sent := func() int { return server.Stats().ByPath["/v1/chat/completions"] }
	ask := func(allow bool) (asked bool, err error) {
		run, err := s.ask("rag", "is a mountain high?")
		if err != nil {
			t.Fatal(err)
		}
		for r := range run.Records(t.Context(), 0) {
			if r.Kind == flow.AwaitOpened {
				asked = true
				if n := sent(); n != 0 {
					t.Errorf("%d requests were sent before there was consent", n)
				}
				if err := run.Send(answer.Consent{Allow: allow}); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, err = run.Wait(t.Context())
		return asked, err
	}
	if asked, err := ask(false); !asked || !errors.Is(err, answer.ErrDeclined) || sent() != 0 {
		t.Fatalf("declined: asked %v, error %v, %d requests", asked, err, sent())
	}
	if asked, err := ask(true); !asked || err != nil || sent() != 1 {
		t.Fatalf("allowed: asked %v, error %v, %d requests", asked, err, sent())
	}
	if asked, err := ask(false); asked || err != nil {
		t.Fatalf("asked again: %v, error %v", asked, err)
	}
	if !newConsents(s.settings).allowed(url) {
		t.Error("the next start would ask again")
	}
}

func TestAProviderThatAppearsIsUsedAtTheNextQuestion(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Mountains\n\nA mountain is high.\n")
	env := map[string]string{"WEFT_OFFLINE": "true"}
	s := begin(t, env, dir)
	first, err := s.ask("rag", "is a mountain high?")
	if err != nil {
		t.Fatal(err)
	}
	if a, err := first.Wait(t.Context()); err != nil || a.By != "extractive" {
		t.Fatalf("answered by %q, %v", a.By, err)
	}
	_, url := fakeopenai.Start(t, "", "tiny-chat")
	s.settings.Offline.value = false
	if err := s.settings.BaseURL.take(url, source{fromFlag, "base-url"}); err != nil {
		t.Fatal(err)
	}
	second, err := s.ask("rag", "is a mountain high?")
	if err != nil {
		t.Fatal(err)
	}
	if a, err := second.Wait(t.Context()); err != nil || a.By != "tiny-chat" {
		t.Fatalf("answered by %q, %v", a.By, err)
	}
}
