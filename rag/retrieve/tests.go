package retrieve

import (
	"path"
	"regexp"
	"strings"
)

// testFile matches the names of test files in common languages. Go's examples are documentation.
var testFile = regexp.MustCompile(`(?:_test\.go|_test\.(?:py|rb|c|cc|cpp|rs|dart|exs?)|[._-](?:spec|test)\.[cm]?[jt]sx?|_spec\.rb|[a-z]Tests?\.(?:java|kt|cs|swift|scala))$|^test_.*\.py$`)

// checks reports whether file is a test file.
func checks(file string) bool {
	base := path.Base(file)
	return testFile.MatchString(base) && !strings.HasPrefix(base, "example")
}

// asksForChecks reports whether a question is about tests, so that tests should not rank lower.
func asksForChecks(terms []TermWhy) bool {
	for _, t := range terms {
		switch word := strings.ToLower(t.Text); {
		case strings.HasPrefix(word, "test"), strings.HasPrefix(word, "bench"), strings.HasPrefix(word, "fuzz"),
			strings.HasPrefix(word, "spec"):
			return true
		}
	}
	return false
}
