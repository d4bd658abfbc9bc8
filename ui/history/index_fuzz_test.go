package history

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzIndex damages the index of a store and adds arbitrary bytes to it. The list of runs stays the
// same, because the index is only a cache of what the journals say.
func FuzzIndex(f *testing.F) {
	s := open(f)
	keep(f, s, "one", "what is a run?", nil)
	keep(f, s, "two", "decline this", nil)
	want := list(f, s)
	name := filepath.Join(s.Path(), indexFile)
	whole, err := os.ReadFile(name)
	if err != nil || len(want) != 2 {
		f.Fatal(err, want)
	}
	f.Add(uint16(0), uint16(1<<15), []byte{1}, []byte{})
	f.Add(uint16(3), uint16(40), []byte{}, []byte("{} 00000000\n\n \n{"))
	f.Add(uint16(0), uint16(0), []byte{}, []byte("{\"id\":\"one\",\"outcome\":\"failed\"} 01234567\n"))
	f.Fuzz(func(t *testing.T, at, cut uint16, change, added []byte) {
		data := append([]byte{}, whole...)
		for i, c := range change {
			data[(int(at)+i)%len(data)] ^= c
		}
		data = append(data[:min(int(cut), len(data))], added...)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{"damaged", "repaired"} {
			again, err := Open(s.Path())
			if err != nil {
				t.Fatal(err)
			}
			if got := list(t, again); !maps.EqualFunc(got, want, func(a, b Run) bool { return reflect.DeepEqual(a, b) }) {
				t.Fatalf("%s: the list is %+v\nwant %+v", what, got, want)
			}
		}
	})
}
