package vectorstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/rag/embed"
)

// A model is an embedder that counts the texts that it is asked for.
type model struct {
	*embed.Hashed
	name string
	mu   sync.Mutex
	got  []string
	fail error
}

func (m *model) Name() string  { return m.name }
func (m *model) Lexical() bool { return false }

func (m *model) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return nil, m.fail
	}
	m.got = append(m.got, texts...)
	return m.Hashed.Embed(ctx, texts)
}

func newModel(name string) *model { return &model{Hashed: embed.NewHashed(), name: name} }

// silent fails the test if the store reports a problem.
func silent(t *testing.T) func(error) { return func(err error) { t.Error(err) } }

// embedAll embeds texts through the store of a directory, checks the vectors, and returns the texts
// that the model had to embed.
func embedAll(t *testing.T, s *Store, texts ...string) []string {
	t.Helper()
	m := newModel("model")
	vectors, err := s.Embedder(m).Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := m.Hashed.Embed(t.Context(), texts)
	if !reflect.DeepEqual(vectors, want) {
		t.Fatalf("the vectors of %q are wrong", texts)
	}
	return m.got
}

func TestATextIsEmbeddedOnce(t *testing.T) {
	dir := t.TempDir()
	s := New(dir, silent(t))
	for _, c := range []struct {
		store *Store
		texts []string
		new   []string
	}{
		{s, []string{"sea", "ship"}, []string{"sea", "ship"}},
		{s, []string{"ship", "harbour", "sea"}, []string{"harbour"}},
		{New(dir, silent(t)), []string{"harbour", "sea", "ship"}, nil}, // as after a restart
	} {
		if got := embedAll(t, c.store, c.texts...); !slices.Equal(got, c.new) {
			t.Errorf("of %q the model got %q, want %q", c.texts, got, c.new)
		}
	}
}

func TestModelsDoNotShareVectors(t *testing.T) {
	s := New(t.TempDir(), silent(t))
	embedAll(t, s, "sea")
	other := newModel("another model")
	if _, err := s.Embedder(other).Embed(t.Context(), []string{"sea"}); err != nil || len(other.got) != 1 {
		t.Errorf("the other model got %q: %v", other.got, err)
	}
}

func TestAnEmbedderWithoutAModelIsNotKept(t *testing.T) {
	e := embed.NewHashed()
	if New(t.TempDir(), silent(t)).Embedder(e) != embed.Embedder(e) {
		t.Error("it is kept")
	}
}

func TestAFailureOfTheModelIsReturned(t *testing.T) {
	s := New(t.TempDir(), silent(t))
	m := newModel("model")
	m.fail = errors.New("busy")
	if _, err := s.Embedder(m).Embed(t.Context(), []string{"sea"}); !errors.Is(err, m.fail) {
		t.Error(err)
	}
}

// TestDamageCostsOneVector flips each byte of the files, and cuts them at each length.
func TestDamageCostsOneVector(t *testing.T) {
	dir := t.TempDir()
	texts := []string{"sea", "ship", "harbour"}
	k := New(dir, silent(t)).Embedder(short{newModel("model")})
	if _, err := k.Embed(t.Context(), texts); err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*", period(time.Now())+".*"))
	if len(names) != 2 {
		t.Fatal(names)
	}
	for _, name := range names {
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, damaged []byte, most int) {
			t.Helper()
			if err := os.WriteFile(name, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			m := newModel("model")
			got, err := New(dir, silent(t)).Embedder(short{m}).Embed(t.Context(), texts)
			want, _ := short{newModel("model")}.Embed(t.Context(), texts)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s, %s: the vectors are wrong: %v", filepath.Base(name), what, err)
			}
			if len(m.got) > most {
				t.Fatalf("%s, %s: the model got %q", filepath.Base(name), what, m.got)
			}
			again := newModel("model")
			if _, err := New(dir, silent(t)).Embedder(short{again}).Embed(t.Context(), texts); err != nil || again.got != nil {
				t.Fatalf("%s, %s: the model got %q again: %v", filepath.Base(name), what, again.got, err)
			}
		}
		for i := range whole {
			damaged := slices.Clone(whole)
			damaged[i] ^= 0x40
			check(fmt.Sprint("byte ", i), damaged, 1)
			check(fmt.Sprint("cut at ", i), whole[:i], len(texts)-i/(len(whole)/len(texts)))
		}
		if err := os.WriteFile(name, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// short is a model with vectors of four numbers, of which all are kept at once.
type short struct{ *model }

func (short) Dims() int { return 4 }

func (s short) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	long, err := s.model.Embed(ctx, texts)
	if err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(long))
	for i, v := range long {
		vectors[i] = []float32{1, 2, 3, float32(len(texts[i])) + v[0]}
	}
	return vectors, nil
}

func TestSeveralWriters(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	texts := make([]string, 100)
	for i := range texts {
		texts[i] = fmt.Sprint("text ", i)
	}
	for w := range 4 {
		s := New(dir, silent(t))
		all.Go(func() {
			for i := range texts {
				embedAll(t, s, texts[(i+w*25)%len(texts)])
			}
		})
	}
	all.Wait()
	if got := embedAll(t, New(dir, silent(t)), texts...); got != nil {
		t.Errorf("the model got %q", got)
	}
}

func TestVectorsThatCannotBeKeptAreReportedOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var told []error
	s := New(dir, func(err error) { told = append(told, err) })
	for range 3 {
		if got := embedAll(t, s, "sea"); len(got) != 1 {
			t.Errorf("the model got %q", got)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0].Error(), dir) {
		t.Errorf("it is said: %v", told)
	}
}

func TestVectorsThatAreUsedStayAndOthersGo(t *testing.T) {
	dir := t.TempDir()
	at := func(months int) *Store {
		s := New(dir, silent(t))
		s.now = func() time.Time { return time.Date(2026, 1+time.Month(months), 10, 0, 0, 0, 0, time.UTC) }
		return s
	}
	embedAll(t, at(0), "sea", "ship")
	embedAll(t, at(4), "sea")
	if got := embedAll(t, at(8), "sea", "harbour"); !slices.Equal(got, []string{"harbour"}) {
		t.Errorf("after eight months the model got %q", got)
	}
	if got := embedAll(t, at(8), "ship"); len(got) != 1 {
		t.Error("a vector that was not used for eight months is kept")
	}
	parts, err := Parts(dir)
	if err != nil || len(parts) != 2 || parts[1].Month != "2026-09" || parts[1].Count != 3 || parts[1].Model != "model" {
		t.Errorf("parts: %+v, %v", parts, err)
	}
}

func TestPruning(t *testing.T) {
	dir := t.TempDir()
	for month, text := range []string{"sea", "ship", "harbour"} {
		s := New(dir, silent(t))
		s.now = func() time.Time { return time.Date(2026, 1+time.Month(month), 10, 0, 0, 0, 0, time.UTC) }
		embedAll(t, s, text)
	}
	parts, err := Parts(dir)
	if err != nil || len(parts) != 3 {
		t.Fatal(parts, err)
	}
	never := time.Time{}
	for _, c := range []struct {
		before   time.Time
		maxBytes int64
		want     int
	}{
		{never, -1, 0}, {never, 2 * parts[0].Bytes, 1}, {never, 0, 3},
		{parts[1].End.Add(time.Second), -1, 2}, {parts[1].End, -1, 1},
	} {
		would, err := Prune(dir, c.before, c.maxBytes, true)
		if err != nil || len(would) != c.want {
			t.Errorf("before %v and for %d bytes %d parts are deleted, want %d: %v", c.before, c.maxBytes, len(would), c.want, err)
		}
	}
	if left, _ := Parts(dir); len(left) != 3 {
		t.Errorf("a dry run has left %d parts", len(left))
	}
	if _, err := Prune(dir, never, parts[0].Bytes, false); err != nil {
		t.Fatal(err)
	}
	if left, _ := Parts(dir); len(left) != 1 || left[0].Month != "2026-03" {
		t.Errorf("left: %+v", left)
	}
}

func TestDimensionsThatAreNotKnownBefore(t *testing.T) {
	dir := t.TempDir()
	embedAll(t, New(dir, silent(t)), "sea", "ship")
	m := newModel("model")
	e := New(dir, silent(t)).Embedder(unknown{m})
	for _, text := range []string{"harbour", "sea", "ship"} {
		if _, err := e.Embed(t.Context(), []string{text}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"harbour"}; !slices.Equal(m.got, want) {
		t.Errorf("the model got %q, want %q", m.got, want)
	}
}

// unknown is a model whose dimensions show only in its vectors.
type unknown struct{ *model }

func (unknown) Dims() int { return 0 }
