package load

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestFieldsThatDescribeADocumentAreKeptUnderOneName(t *testing.T) {
	fields := []Field{
		{"title", "Granola"}, {"aliases", "crunchy muesli"}, {"tags", "breakfast"}, {"categories", "Breakfast"},
		{"taxonomies.tags", "oats"}, {"author.name", "Ada"}, {"author.email", "ada@example.org"},
		{"date", "2022-10-03"}, {"draft", "false"}, {"weight", "30"}, {"layout", "post"}, {"cover.image", "/img/a.png"},
		{"homepage", "https://example.org"}, {"status", "tested"}, {"servings", "5"}, {"tags", "2024"},
	}
	want := []Field{{"alias", "crunchy muesli"}, {"tag", "breakfast"}, {"tag", "oats"}, {"author", "Ada"},
		{"date", "2022-10-03"}, {"status", "tested"}, {"tag", "2024"}}
	if got := Describing(fields); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFieldsThatDescribeADocumentAreBounded(t *testing.T) {
	var many []Field
	for i := range 100 {
		many = append(many, Field{"tags", fmt.Sprint("tag ", i)})
	}
	if got := Describing(many); len(got) != maxDescribing {
		t.Errorf("%d fields", len(got))
	}
	long := Describing([]Field{{"description", strings.Repeat("wörter ", 100)}})
	if len(long) != 1 || len(long[0].Value) > maxDescribingValue+len("…") || !strings.HasSuffix(long[0].Value, "…") {
		t.Errorf("a long value became %q", long)
	}
}
