package retrieve

import (
	"path"
	"regexp"
	"strings"
)

// testFile is what files with tests of code are called, in the languages that people have. Go's examples are documentation.
var testFile = regexp.MustCompile(`(?:_test\.go|_test\.(?:py|rb|c|cc|cpp|rs|dart|exs?)|[._-](?:spec|test)\.[cm]?[jt]sx?|_spec\.rb|[a-z]Tests?\.(?:java|kt|cs|swift|scala))$|^test_.*\.py$`)

// checks reports whether a file checks what others do.
func checks(file string) bool {
	base := path.Base(file)
	return testFile.MatchString(base) && !strings.HasPrefix(base, "example")
}

// asksForChecks reports whether a question is about tests: then those are what is wanted.
func asksForChecks(terms []TermWhy) bool {
	for _, t := range terms {
		switch word := strings.ToLower(t.Text); {
		case strings.HasPrefix(word, "test"), strings.HasPrefix(word, "bench"), strings.HasPrefix(word, "fuzz"), strings.HasPrefix(word, "spec"):
			return true
		}
	}
	return false
}
