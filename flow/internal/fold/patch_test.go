package fold

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// randomJSON returns a random value that JSON can hold. Two of them often share parts.
func randomJSON(rng *rand.Rand, depth int) any {
	keys := []string{"a", "b", "", "a/b", "~", "~1", "ü", "-", "0", "A"}
	switch n := rng.IntN(9); {
	case n == 0:
		return nil
	case n == 1:
		return rng.IntN(2) == 0
	case n == 2:
		return json.Number(fmt.Sprint(rng.Int64() >> rng.IntN(60)))
	case n == 3:
		return json.Number(fmt.Sprint(rng.Float64()))
	case n == 4 || depth == 0:
		return strings.Repeat("<x>", rng.IntN(3))
	case n < 7:
		m := map[string]any{}
		for range rng.IntN(5) {
			m[keys[rng.IntN(len(keys))]] = randomJSON(rng, depth-1)
		}
		return m
	default:
		l := make([]any, rng.IntN(6))
		for i := range l {
			l[i] = randomJSON(rng, depth-1)
		}
		return l
	}
}

// changed returns a value with some parts changed, removed, added or set to null.
func changed(rng *rand.Rand, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			switch rng.IntN(6) {
			case 0:
			case 1:
				out[k] = nil
			case 2:
				out[k] = randomJSON(rng, 2)
			default:
				out[k] = changed(rng, e)
			}
		}
		if rng.IntN(3) == 0 {
			out["new"] = randomJSON(rng, 2)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			switch rng.IntN(6) {
			case 0:
			case 1:
				out = append(out, e, randomJSON(rng, 1))
			default:
				out = append(out, changed(rng, e))
			}
		}
		return out
	}
	if rng.IntN(4) == 0 {
		return randomJSON(rng, 2)
	}
	return v
}

func parsed(t testing.TB, raw []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return v
}

func encoded(t testing.TB, v any) json.RawMessage {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkPatch(t testing.TB, before, after json.RawMessage) {
	t.Helper()
	patch, err := DiffJSON(before, after)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ApplyJSON(before, patch)
	if err != nil {
		t.Fatalf("%v\nbefore %s\nafter  %s\npatch  %s", err, before, after, patch)
	}
	if !reflect.DeepEqual(parsed(t, got), parsed(t, after)) {
		t.Fatalf("before %s\nafter  %s\npatch  %s\ngot    %s", before, after, patch, got)
	}
}

func TestAPatchIsExactForAnyJSON(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5_000 / raceFactor {
		v := randomJSON(rng, 4)
		before := encoded(t, v)
		checkPatch(t, before, encoded(t, changed(rng, v)))
		checkPatch(t, before, encoded(t, randomJSON(rng, 3)))
	}
}

func TestAPatchNamesOnlyWhatChanged(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tt := range []struct{ before, after, want string }{
		{`{"a":1,"b":"` + long + `"}`, `{"a":null,"b":"` + long + `"}`, `[{"op":"replace","path":"/a","value":null}]`},
		{`{"a":1,"b":"` + long + `"}`, `{"b":"` + long + `"}`, `[{"op":"remove","path":"/a"}]`},
		{`["` + long + `",1,2]`, `["` + long + `",2]`, `[{"op":"remove","path":"/1"}]`},
		{`["` + long + `"]`, `["` + long + `",{"n":1}]`, `[{"op":"add","path":"/1","value":{"n":1}}]`},
		{`{"a/b":{"~":["` + long + `",0]}}`, `{"a/b":{"~":["` + long + `",1]}}`, `[{"op":"replace","path":"/a~1b/~0/1","value":1}]`},
		{`{"a":1}`, `{"a":1}`, `[]`},
		{`{"a":1}`, `{"b":2,"c":3,"d":4}`, `[{"op":"replace","path":"","value":{"b":2,"c":3,"d":4}}]`},
	} {
		got, err := DiffJSON(json.RawMessage(tt.before), json.RawMessage(tt.after))
		if err != nil || string(got) != tt.want {
			t.Errorf("%s to %s: %s %v, want %s", tt.before, tt.after, got, err, tt.want)
		}
	}
}

func TestAPatchThatDoesNotFitIsAnError(t *testing.T) {
	for _, patch := range []string{
		`{}`, `[{"op":"remove","path":"/x"}]`, `[{"op":"replace","path":"/x","value":1}]`, `[{"op":"add","path":"/l/3","value":1}]`,
		`[{"op":"add","path":"/l/01","value":1}]`, `[{"op":"remove","path":"/l/-"}]`, `[{"op":"add","path":"/n/x","value":1}]`,
		`[{"op":"move","path":"/n"}]`, `[{"op":"add","path":"x","value":1}]`, `[{"op":"remove","path":""}]`, `[{"op":"add","path":"/x/y","value":1}]`,
	} {
		if got, err := ApplyJSON(json.RawMessage(`{"l":[1,2],"n":1}`), json.RawMessage(patch)); err == nil {
			t.Errorf("%s gave %s", patch, got)
		}
	}
}

func FuzzPatch(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":null}]}`), []byte(`{"a":[{"b":2},1,1]}`), []byte(`[{"op":"add","path":"/a/-","value":1}]`))
	f.Add([]byte(`null`), []byte(`[[]]`), []byte(`[{"op":"replace","path":""}]`))
	f.Fuzz(func(t *testing.T, before, after, patch []byte) {
		if json.Valid(before) {
			if got, err := ApplyJSON(before, patch); err == nil && !json.Valid(got) {
				t.Fatalf("%s is no JSON", got)
			}
			if json.Valid(after) {
				checkPatch(t, before, after)
			}
		}
	})
}
