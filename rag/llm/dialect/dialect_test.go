package dialect

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/rag/statefile"
)

var phi = Model{"http://127.0.0.1:8080/v1", "phi"}

// at returns a store in a new directory whose clock returns *now.
func at(t *testing.T, now *time.Time) (s *Store, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state", "dialects.json")
	s = NewStore(path)
	s.now = func() time.Time { return *now }
	return s, path
}

func TestLearnedFactsOutliveTheProgram(t *testing.T) {
	now := time.Now()
	s, path := at(t, &now)
	d := s.Dialect(phi)
	if !d.Learn(System, Refused, "it said so") || d.Learn(System, Refused, "it said so") {
		t.Error("a fact is new once")
	}
	d.Learn(Context, "4096", "an error")
	var u Units
	u.AddMessage(strings.Repeat("some words of a prompt ", 50))
	if !d.Observe(u, 300, 2000) {
		t.Error("a plausible count is rejected")
	}
	again := NewStore(path).Dialect(phi)
	if !again.Refuses(System) || again.Number(Context) != 4096 || again.Observed() != 1 {
		t.Errorf("%v, %d observed", again.Facts(), again.Observed())
	}
	if want := []Trait{Context, System}; !slices.Equal(again.Traits(), want) {
		t.Errorf("%v, want %v", again.Traits(), want)
	}
	if other := NewStore(path).Dialect(Model{phi.Endpoint, "other"}); other.Refuses(System) {
		t.Error("another model has the same dialect")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}

func TestFactsExpire(t *testing.T) {
	now := time.Now()
	s, path := at(t, &now)
	d := s.Dialect(phi)
	d.Learn(Context, "4096", "an error")
	d.Learn(System, Refused, "an error")
	now = now.Add(25 * time.Hour)
	if d.Number(Context) != 0 || !d.Refuses(System) {
		t.Errorf("after a day: %v", d.Facts())
	}
	now = now.Add(31 * day)
	if len(d.Facts()) != 0 {
		t.Errorf("after a month: %v", d.Facts())
	}
	if !d.Learn(System, Refused, "an error") {
		t.Error("an expired fact cannot be learned again")
	}
	// A fact dated in the future, because the clock was wrong when it was learned, is not valid.
	now = now.Add(-40 * day)
	if NewStore(path).Dialect(phi).Refuses(Context) || d.Refuses(System) {
		t.Error("a fact dated in the future is valid")
	}
}

func TestNonsenseIsNotBelieved(t *testing.T) {
	d := New()
	for trait, values := range map[Trait][]string{
		Context:   {"21", "0", "-1", "", "many", "99999999999999"},
		MaxOutput: {"1", "-5", ""}, Reasoning: {"0", "x"}, System: {""},
	} {
		for _, v := range values {
			if d.Learn(trait, v, "a test") {
				t.Errorf("%s is accepted as %q", trait, v)
			}
		}
	}
	var u Units
	text := strings.Repeat("some words of a prompt ", 50)
	u.AddMessage(text)
	for _, n := range []int{0, 9, 19, 60, 5 * len(text)} {
		if d.Observe(u, n, len(text)) {
			t.Errorf("%d tokens for %d words are accepted", n, 250)
		}
	}
	if len(d.Facts()) != 0 || d.Observed() != 0 {
		t.Errorf("%v", d.Facts())
	}
}

func TestEverythingCanBeForgotten(t *testing.T) {
	now := time.Now()
	s, path := at(t, &now)
	d := s.Dialect(phi)
	d.Learn(Context, "4096", "an error")
	d.Learn(System, Refused, "an error")
	d.Learn(LimitName, "max_completion_tokens", "an error")
	d.Forget(Context)
	if d.Number(Context) != 0 || !d.Refuses(System) {
		t.Errorf("%v", d.Facts())
	}
	if !d.ForgetRefusals() || d.ForgetRefusals() || len(d.Facts()) != 0 {
		t.Errorf("%v", d.Facts())
	}
	d.Learn(System, Refused, "an error")
	s.Dialect(Model{"https://other.test/v1", "m"}).Learn(Stops, Refused, "an error")
	if err := s.Reset(phi.Endpoint); err != nil {
		t.Fatal(err)
	}
	if again := NewStore(path); d.Refuses(System) || again.Dialect(phi).Refuses(System) || !again.Dialect(Model{"https://other.test/v1", "m"}).Refuses(Stops) {
		t.Error("a reset of one endpoint is not one of it alone")
	}
	if err := s.Reset(""); err != nil || NewStore(path).Dialect(Model{"https://other.test/v1", "m"}).Refuses(Stops) {
		t.Errorf("a reset of all: %v", err)
	}
}

func TestADamagedFileIsReplacedAndKept(t *testing.T) {
	now := time.Now()
	for _, damage := range []string{"", "{", `{"models":7}`, `{"models":[{"facts":null,"tokens":{"observed":3,"factor":[9]}}]}`, "\x00\xff"} {
		s, path := at(t, &now)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Dialect(phi).Learn(System, Refused, "an error")
		if s.Err() != nil || !NewStore(path).Dialect(phi).Refuses(System) {
			t.Errorf("%q: %v", damage, s.Err())
		}
		want := damage
		if json.Unmarshal([]byte(damage), &file{}) == nil {
			want = "" // what decodes stays in the file
		}
		if kept, _ := os.ReadFile(path + statefile.DamagedSuffix); string(kept) != want {
			t.Errorf("kept of %q is %q", damage, kept)
		}
	}
}

func TestAFileThatCannotBeWrittenIsReported(t *testing.T) {
	s := NewStore(filepath.Join(os.DevNull, "dialects.json"))
	d := s.Dialect(phi)
	d.Learn(System, Refused, "an error")
	if !d.Refuses(System) || s.Err() == nil {
		t.Errorf("%v", s.Err())
	}
}

// TestConcurrentLearning calls all methods concurrently, for the race detector.
func TestConcurrentLearning(t *testing.T) {
	now := time.Now()
	s, path := at(t, &now)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			d := s.Dialect(Model{phi.Endpoint, fmt.Sprint(i % 4)})
			for k := range 5 {
				d.Learn(Reasoning, fmt.Sprint(100*i+k+1), "a test")
				d.Value(Reasoning)
				d.ForgetRefusals()
			}
			d.Learn(System, Refused, "a test")
			if i == 7 {
				if err := s.Reset("https://nowhere.test"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	again := NewStore(path)
	for i := range 4 {
		if d := again.Dialect(Model{phi.Endpoint, fmt.Sprint(i)}); !d.Refuses(System) || d.Number(Reasoning) == 0 {
			t.Errorf("%d: %v", i, d.Facts())
		}
	}
}

// FuzzUnits checks that the estimate for any text is finite and not negative.
func FuzzUnits(f *testing.F) {
	f.Add("some words, 42 numbers\n", 30)
	f.Add("Ελληνικά 日本語 हिन्दी ÄÖ \xff\x00", 99)
	f.Add(strings.Repeat("aB3/", 20), 40)
	f.Fuzz(func(t *testing.T, text string, tokens int) {
		var u Units
		u.AddMessage(text)
		d := New()
		d.Observe(u, tokens, len(text))
		if n, deviation := d.Estimate(u); !(n > 0 && n < 1e12 && deviation >= 0) {
			t.Fatalf("%q: %v ± %v", text, n, deviation)
		}
	})
}
