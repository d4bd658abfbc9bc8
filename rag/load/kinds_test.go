package load

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEachKindThatIsNamedHasAReader(t *testing.T) {
	for ext, kind := range kindByExtension {
		if readers[kind] == nil {
			t.Errorf(".%s is of the kind %s, which has no reader: enter one in readers (loader.go)", ext, kind)
		}
	}
	for name, kind := range kindByName {
		if readers[kind] == nil {
			t.Errorf("%s is of the kind %s, which has no reader", name, kind)
		}
	}
	for _, kind := range slices.Concat(textualKinds, officeKinds) {
		if readers[kind] == nil {
			t.Errorf("the kind %s has no reader: enter one in readers (loader.go)", kind)
		}
	}
}

func TestEachFormatOfTextIsKnownAsText(t *testing.T) {
	for kind := range readers {
		if isReadBy(kind, readText) && !slices.Contains(textualKinds, kind) {
			t.Errorf("binary files with the name of the kind %s would be read: enter it in textualKinds (sniff.go)", kind)
		}
	}
	for kind := range textFormats {
		if !isReadBy(kind, readText) {
			t.Errorf("textFormats has no effect on the kind %s: its reader (loader.go) is not readText", kind)
		}
	}
}

// isReadBy reports whether the files of a kind are read by the function read.
func isReadBy(kind string, read func(context.Context, *Loader, input) (Document, error)) bool {
	return reflect.ValueOf(readers[kind]).Pointer() == reflect.ValueOf(read).Pointer()
}

// TestEachReaderIsFuzzed looks for a fuzz target of each reader, and of each format of text.
func TestEachReaderIsFuzzed(t *testing.T) {
	sources, err := filepath.Glob("*_test.go")
	if err != nil || len(sources) == 0 {
		t.Fatal(sources, err)
	}
	fuzzed := map[string]bool{"picture": true, "recording": true} // read by other programs
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range regexp.MustCompile(`\bfuzzKind\(f, "([^"]+)"`).FindAllSubmatch(text, -1) {
			fuzzed[kindOf(string(target[1]))] = true
		}
	}
	for kind, read := range readers {
		_, alone := textFormats[kind]
		others := slices.ContainsFunc(slices.Collect(maps.Keys(fuzzed)), func(other string) bool { return isReadBy(other, read) })
		if !fuzzed[kind] && (alone || !others) {
			t.Errorf("the kind %s has no fuzz target: add one to fuzz_test.go", kind)
		}
	}
}

// TestTheManualListsEachKind looks for an extension of each kind in the page of the files that are
// read.
func TestTheManualListsEachKind(t *testing.T) {
	page, err := os.ReadFile("../../docs/files.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Kinds() {
		if !slices.ContainsFunc(Extensions(kind), func(ext string) bool { return strings.Contains(string(page), "`."+ext+"`") }) {
			t.Errorf("docs/files.md names no ending of the kind %s (%s)", kind, strings.Join(Extensions(kind), " "))
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
