package fold

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestThePageSaysWhichFieldsAKindHas compares the table of kinds in docs/journal.md with the
// records of random runs.
func TestThePageSaysWhichFieldsAKindHas(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "journal.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| (`[a-z]+`(?:, `[a-z]+`)*) \\|").FindAllStringSubmatch(string(page), -1) {
		for _, field := range backquoted(m[1]) {
			named[field] = true
		}
	}
	seen := fieldsOfRandomRuns(t)
	for _, k := range Kinds() {
		row := regexp.MustCompile("(?m)^\\| `" + k.String() + "` \\|.*\\|(.*)\\|(.*)\\|$").FindStringSubmatch(string(page))
		if row == nil {
			t.Errorf("%v has no row in the table of kinds in docs/journal.md", k)
			continue
		}
		always, maybe := backquoted(row[1]), backquoted(row[2])
		if k == StepFailed { // the simulator's steps neither panic nor give what the workflow does not know
			maybe = slices.DeleteFunc(maybe, func(field string) bool { return field == "type" || field == "payload" })
		}
		if k == RunSuspended { // no random run is suspended while it only awaits replies
			maybe = slices.DeleteFunc(maybe, func(field string) bool { return field == "payload" })
		}
		maybe = slices.DeleteFunc(maybe, func(word string) bool { return !named[word] }) // a value of type
		for field, n := range seen[k].with {
			if !named[field] {
				t.Errorf("%v has %s, which the table of fields in docs/journal.md does not explain", k, field)
			}
			if want := n == seen[k].records; slices.Contains(always, field) != want || slices.Contains(maybe, field) == want {
				t.Errorf("%v has %s in %d of %d records; its row in docs/journal.md says always %v, maybe %v", k, field, n, seen[k].records, always, maybe)
			}
		}
		for _, field := range append(always, maybe...) {
			if seen[k].with[field] == 0 {
				t.Errorf("%v never has %s, which its row in docs/journal.md names, or the simulator never causes such a record", k, field)
			}
		}
	}
}

// backquoted returns the words of a text that are in backquotes.
func backquoted(text string) (all []string) {
	for _, m := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// A fieldCount counts the records of a kind that were written, and how many of them had each field.
type fieldCount struct {
	records int
	with    map[string]int
}

// fieldsOfRandomRuns counts the fields in the JSON of records, without the fields that every record
// has.
func fieldsOfRandomRuns(t *testing.T) map[Kind]fieldCount {
	counts := map[Kind]fieldCount{}
	for seed := range uint64(120) {
		s := newSim(zoo(), seed, 3, "")
		s.begin()
		for i := 0; i < 60 && s.err == nil && s.turn(false); i++ {
			if i%25 == 24 && !s.t.Over() {
				s.crash()
			}
		}
		if s.finish(); s.err != nil {
			t.Fatalf("seed %d: %v", seed, s.err)
		}
		for _, r := range s.records() {
			b, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(b, &fields); err != nil {
				t.Fatal(err)
			}
			count := counts[r.Kind]
			if count.with == nil {
				count.with = map[string]int{}
			}
			count.records++
			for field := range fields {
				if !slices.Contains([]string{"seq", "time", "run", "kind"}, field) {
					count.with[field]++
				}
			}
			counts[r.Kind] = count
		}
	}
	return counts
}
