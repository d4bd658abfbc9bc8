package schema

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

type place struct {
	City string `json:"city"`
}

type meal struct {
	place
	Place2 place    `json:"second"`
	Dish   string   `json:"dish" about:"as on the menu"`
	Number int      `json:"number,omitempty"`
	Price  *float64 `json:"price"`
	Hot    bool
	With   []string  `json:"with"`
	When   time.Time `json:"when"`
	Again  []meal    `json:"again"`
	Secret string    `json:"-"`
	own    int
}

func TestJSONSchemaOfAType(t *testing.T) {
	_ = meal{}.own
	want := `{"type":"object","properties":{"city":{"type":"string"},"second":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},` +
		`"dish":{"type":"string","description":"as on the menu"},"number":{"type":"integer"},"price":{"type":"number"},"Hot":{"type":"boolean"},` +
		`"with":{"type":"array","items":{"type":"string"}},"when":{},"again":{"type":"array","items":{}}},` +
		`"required":["city","second","dish","Hot","with","when","again"]}`
	if got := string(JSONSchema(reflect.TypeFor[meal]())); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for typ, want := range map[reflect.Type]string{
		reflect.TypeFor[string](): `{"type":"string"}`, reflect.TypeFor[*int](): `{"type":"integer"}`, reflect.TypeFor[struct{}](): `{"type":"object","properties":{},"required":[]}`,
		reflect.TypeFor[[]byte](): `{}`, reflect.TypeFor[map[string]int](): `{}`, reflect.TypeFor[json.RawMessage](): `{}`,
	} {
		if got := string(JSONSchema(typ)); got != want {
			t.Errorf("%s: got %s, want %s", typ, got, want)
		}
	}
}
