package load

import (
	"slices"
	"testing"
)

func TestEachKindThatIsNamedHasAReader(t *testing.T) {
	for ext, kind := range kindByExtension {
		if readers[kind] == nil {
			t.Errorf(".%s is of the kind %s, which has no reader", ext, kind)
		}
	}
	for name, kind := range kindByName {
		if readers[kind] == nil {
			t.Errorf("%s is of the kind %s, which has no reader", name, kind)
		}
	}
	for _, kind := range slices.Concat(textualKinds, officeKinds) {
		if readers[kind] == nil {
			t.Errorf("the kind %s has no reader", kind)
		}
	}
}

func TestNotesCountInThePlural(t *testing.T) {
	for noun, want := range map[string]string{
		"picture": "2 pictures", "entry": "2 entries", "key": "2 keys", "array": "2 arrays",
		"picture without a description": "2 pictures without a description",
	} {
		if got := plural(2, noun); got != want {
			t.Errorf("%s: %s", noun, got)
		}
	}
}
