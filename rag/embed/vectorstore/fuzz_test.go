package vectorstore

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// FuzzFiles damages the two files of a month, or replaces them by arbitrary bytes. No vector of
// another text is ever returned, and a vector that is lost is computed and kept again.
func FuzzFiles(f *testing.F) {
	texts := []string{"sea", "ship", "harbour"}
	dir := f.TempDir()
	fail := func(err error) { f.Error(err) }
	want, err := New(dir, fail).Embedder(short{newModel("model")}).Embed(f.Context(), texts)
	if err != nil {
		f.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*", period(time.Now())+".*"))
	if len(names) != 2 {
		f.Fatal(names)
	}
	var whole [2][]byte
	for i, name := range names {
		if whole[i], err = os.ReadFile(name); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(uint16(0), uint16(1<<15), []byte{1}, []byte{}, false)
	f.Add(uint16(7), uint16(30), []byte{}, []byte("sea ship harbour"), true)
	f.Add(uint16(0), uint16(0), []byte{}, make([]byte, 1000), true)
	f.Fuzz(func(t *testing.T, at, cut uint16, change, added []byte, keys bool) {
		damaged := t.TempDir()
		for i, name := range names {
			data := append([]byte{}, whole[i]...)
			if (filepath.Ext(name) == keysEnding) == keys {
				for j, c := range change {
					data[(int(at)+j)%len(data)] ^= c
				}
				data = append(data[:min(int(cut), len(data))], added...)
			}
			to := filepath.Join(damaged, filepath.Base(filepath.Dir(name)), filepath.Base(name))
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, what := range []string{"damaged", "after it was used"} {
			m := newModel("model")
			got, err := New(damaged, silent(t)).Embedder(short{m}).Embed(t.Context(), texts)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: the vectors are wrong: %v", what, err)
			}
			if what != "damaged" && len(m.got) > 0 {
				t.Errorf("%s: %q are computed again", what, m.got)
			}
		}
		if parts, err := Parts(damaged); err != nil || len(parts) != 1 {
			t.Errorf("%v: %v", parts, err)
		}
	})
}
