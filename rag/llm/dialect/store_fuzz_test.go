package dialect

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// FuzzStore opens a store on arbitrary bytes. What cannot be read is reported, the estimates stay
// numbers, and what is learned afterwards is found by the next start.
func FuzzStore(f *testing.F) {
	f.Add([]byte(`{"models":[{"endpoint":"e","model":"m","facts":{"temperature":{"value":"1"}},"tokens":{}}]}`))
	f.Add([]byte(`{"models":[{"endpoint":"e","model":"m","facts":null,"tokens":{"observed":-7}},null]}`))
	absurd := Scale{Observed: 5}
	for class, prior := range priors {
		absurd.Factor[class], absurd.Variance[class] = prior.factor, math.MaxFloat64
	}
	data, err := json.Marshal(file{[]entry{{Model: Model{"e", "m"}, Scale: absurd}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "dialects.json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		model := Model{"e", "m"}
		s := NewStore(path)
		d := s.Dialect(model)
		if s.Err() != nil && (len(d.Facts()) > 0 || d.Observed() != 0) {
			t.Errorf("facts of a file that cannot be read are used: %v", d.Facts())
		}
		var units Units
		units.Add("a prompt of seven words and 12 signs!")
		tokens, deviation := d.Estimate(units)
		if !(tokens > 0) || !(deviation >= 0) || math.IsInf(tokens+deviation, 0) {
			t.Errorf("the estimate is %v ± %v", tokens, deviation)
		}
		d.Learn(Streaming, "refused", "400 stream")
		if err := s.Err(); err != nil {
			t.Fatal(err)
		}
		again := NewStore(path)
		if got := again.Dialect(model).Facts(); got[Streaming].Value != "refused" {
			t.Errorf("learned is %v: %v", got, again.Err())
		}
		if err := again.Reset(""); err != nil || len(NewStore(path).Dialect(model).Facts()) != 0 {
			t.Errorf("it is not reset: %v", err)
		}
	})
}
