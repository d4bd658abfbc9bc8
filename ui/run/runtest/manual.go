package runtest

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"weft/flow"
)

// Read reads the records of a run from a file, one a line.
func Read(t testing.TB, file string) (records []flow.Record) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var r flow.Record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		records = append(records, r)
	}
	return records
}

// Write writes the records of a run into a file, one a line.
func Write(t testing.TB, file string, records []flow.Record) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, r := range records {
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fence begins a picture in the manual; the name of the picture follows.
const fence = "```timeline "

// Pictured compares a picture of the manual, the fenced block "timeline NAME" in a file of docs,
// with what is drawn now. With update it writes what is drawn into the file.
func Pictured(t testing.TB, file, name, drawn string, update bool) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(drawn, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	drawn = strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
	head, rest, ok := strings.Cut(string(data), fence+name+"\n")
	there, tail, closed := strings.Cut(rest, "```\n")
	switch {
	case !ok || !closed:
		t.Errorf("%s has no block %s%s", file, fence, name)
	case there == drawn:
	case update:
		if err := os.WriteFile(file, []byte(head+fence+name+"\n"+drawn+"```\n"+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s, picture %s (go test -update accepts what is drawn):\n%s\nis drawn as\n%s", file, name, there, drawn)
	}
}

// Pictures returns the pictures of a file of the manual by their names.
func Pictures(t testing.TB, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, part := range strings.Split(string(data), fence)[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		all[name], _, _ = strings.Cut(rest, "```\n")
	}
	return all
}
