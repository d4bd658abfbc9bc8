package schema

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

type (
	inner  struct{ Score float64 }
	Base   struct{ ID int }
	onlyIn struct{ text string }
	secret struct {
		Name string
		word string
	}
	tree  struct{ Children []tree }
	color int
	// Whole has JSON methods of its own. A struct that embeds it is given these methods, and loses
	// its other fields.
	Whole  struct{ n int }
	around struct {
		Whole
		More string
	}
	aware struct {
		Whole
		More string
	}
	stamped struct {
		time.Time
		By string
	}
)

func (s onlyIn) MarshalJSON() ([]byte, error) { return json.Marshal(s.text) }
func (c color) MarshalText() ([]byte, error)  { return []byte("red"), nil }
func (c *color) UnmarshalText(b []byte) error { return nil }
func (w Whole) MarshalJSON() ([]byte, error)  { return json.Marshal(w.n) }
func (w *Whole) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &w.n) }
func (a aware) MarshalJSON() ([]byte, error)  { return json.Marshal(a.More) }
func (a *aware) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &a.More) }

func TestProblemsNameTheFieldThatDoesNotComeBack(t *testing.T) {
	for _, tc := range []struct {
		v    any
		want []string // a part of each problem, with its path before it
	}{
		{struct {
			A int
			B *string
			C []byte
			D map[string][]inner
			E map[int]bool
			F map[color]int
			G time.Time
			H time.Duration
			I [2]uint8
			J json.RawMessage
			K tree
			L color
			_ int
			m struct{}
			Base
			N *Whole
			O aware
			P float32 `json:"p,omitempty"`
		}{}, nil},
		{secret{word: "x"}, []string{"word: is not exported"}},
		{struct{ S []secret }{}, []string{"S[].word: is not exported"}},
		{struct{ V any }{}, []string{"V: is an interface"}},
		{struct{ V []error }{}, []string{"V[]: is an interface"}},
		{struct {
			A int `json:"-"`
		}{}, []string{`A: has the tag json:"-"`}},
		{reflect.Zero(reflect.StructOf([]reflect.StructField{
			{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
			{Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
		})).Interface(), []string{`B: has the same name in JSON, "x", as A`}},
		{struct {
			Base
			ID string
		}{}, []string{`ID: has the same name in JSON, "ID", as Base.ID`}},
		{struct{ *inner }{}, []string{"inner: is an embedded pointer"}},
		{struct{ M map[inner]int }{}, []string{"M: has keys of type schema.inner"}},
		{struct{ M map[bool]chan int }{}, []string{"M: has keys of type bool", "M[]: is a chan"}},
		{struct {
			F func()
			C complex64
		}{}, []string{"F: is a func", "C: is a complex64"}},
		{struct{ P **int }{}, []string{"P: is a pointer to a pointer"}},
		{struct{ O onlyIn }{}, []string{"O: is a schema.onlyIn, which writes itself as JSON and cannot read itself"}},
		{around{}, []string{": has the JSON methods of its embedded Whole"}},
		{struct{ S stamped }{}, []string{"S: has the JSON methods of its embedded Time"}},
	} {
		var got []string
		for _, p := range Problems(reflect.TypeOf(tc.v), false) {
			if p.Mend == "" {
				t.Errorf("%T: %s: how is it mended?", tc.v, p.Path)
			}
			got = append(got, p.Path+": "+p.What)
		}
		if len(got) != len(tc.want) {
			t.Errorf("%T: %q", tc.v, got)
			continue
		}
		for i, want := range tc.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%T: %q, want %q", tc.v, got[i], want)
			}
		}
	}
}

func TestValuesThatJSONCannotHoldAreFoundWithTheirPaths(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(-1)
	type all struct {
		N    float64
		In   []inner
		Ptr  *float32
		Map  map[string]*inner
		Arr  [2]float64
		Next *all
		Any  any
		Base
	}
	small := float32(inf)
	for want, v := range map[string]any{
		"":                    all{N: 1, In: []inner{{2}}, Next: &all{}, Any: []any{nil, 1.5}},
		"field N ":            all{N: nan},
		"field In[1].Score ":  all{In: []inner{{1}, {inf}}},
		"field Ptr ":          all{Ptr: &small},
		"field Map[k].Score ": all{Map: map[string]*inner{"k": {nan}, "l": {1}, "m": nil}},
		"field Arr[1] ":       all{Arr: [2]float64{0, nan}},
		"field Next.Next.N ":  all{Next: &all{Next: &all{N: nan}}},
		"field Any of schema.all is of type int, which": all{Any: 1},
		"field Any[k][1] of schema.all is -Inf, which":  all{Any: map[string]any{"k": []any{true, inf}, "l": "x"}},
		"schema.score is NaN,":                          score(nan),
	} {
		err := ValuesOf(reflect.TypeOf(v)).Problem(v)
		if (want == "") != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, v := range []any{tree{}, Base{}, Whole{}, struct{ F func() float64 }{}} {
		if ValuesOf(reflect.TypeOf(v)) != nil {
			t.Errorf("%T has floats", v)
		}
	}
}

type score float64
