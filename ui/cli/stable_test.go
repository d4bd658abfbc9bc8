package cli

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// TestTheSameSearchOfAnUnchangedIndexGivesTheSameBytes searches documents of which many fit the question
// equally well.
func TestTheSameSearchOfAnUnchangedIndexGivesTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	for i := range 60 {
		write(t, dir, fmt.Sprintf("ship%02d.md", i), fmt.Sprintf("# Ship %d\n\nThe harbour opens at six. Ship %d sails at %d.\n", i, i%3, i%2))
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("WEFT_CACHE", t.TempDir())
	t.Setenv("WEFT_STATE", t.TempDir())
	t.Setenv("WEFT_OFFLINE", "true")
	searches := 20
	if os.Getenv("WEFT_LONG") == "1" {
		searches = 100
	}
	var first []byte
	for i := range searches {
		root := newRoot()
		var out, errs bytes.Buffer
		root.SetOut(&out)
		root.SetErr(&errs)
		root.SetArgs([]string{"search", "--json", "-n", "20", "when does the harbour open?", dir})
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err, errs.String())
		}
		if i == 0 {
			if first = bytes.Clone(out.Bytes()); bytes.Count(first, []byte("\n")) < 5 {
				t.Fatalf("%s", first)
			}
		} else if !bytes.Equal(first, out.Bytes()) {
			t.Fatalf("search %d printed something else:\n%s\n%s", i+1, first, out.Bytes())
		}
	}
}
