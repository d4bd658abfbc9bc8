package retrieve

import (
	"testing"

	"weft/rag/embed"
)

func TestTestsRankBelowCodeUnlessTheyAreAskedFor(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{
		"replay.go":      "# func replay(records []Record)\nfunc replay(records []Record) { for _, r := range records { apply(r) } }",
		"replay_test.go": "# func TestReplay(t *testing.T)\nfunc TestReplay(t *testing.T) { replay(records); records are replayed and compared; the test fails otherwise }",
		"other.go":       "# func other()\nfunc other() { nothing of the kind is here }",
	})
	for question, want := range map[string]string{
		"how are records replayed?":             "replay.go",
		"which test fails if records differ?":   "replay_test.go",
		"where is the replay of records tested": "replay_test.go",
	} {
		hits, err := r.Search(t.Context(), Query{Text: question})
		if err != nil || len(hits) == 0 || hits[0].Path != want {
			t.Errorf("%s: %v, %v", question, hits, err)
		}
	}
}

func TestFilesOfTestsAreToldByTheirNames(t *testing.T) {
	for file, want := range map[string]bool{
		"a/run_test.go": true, "test_run.py": true, "run_test.py": true, "run.spec.ts": true, "run.test.js": true, "app-test.jsx": true, "run_spec.rb": true,
		"RunTest.java": true, "RunTests.cs": true, "example_test.go": false, "run.go": false, "tests.go": false, "latest.java": false, "contest.py": false,
		"a_test.go/run.go": false, "testing.md": false, "test.txt": false,
	} {
		if checks(file) != want {
			t.Errorf("%s: %v", file, !want)
		}
	}
}
