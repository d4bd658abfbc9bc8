package chunk

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestPlainDefinitionsMatch compares the fast path with the pattern.
func TestPlainDefinitionsMatch(t *testing.T) {
	part := rapid.SampledFrom(strings.Fields("func class create table type macro_rules! def x T.m (a) ( < { : = [ $a @b - é _ ; . ! export"))
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for _, p := range rapid.SliceOfN(part, 1, 6).Draw(t, "line") {
			b.WriteString(p + rapid.SampledFrom([]string{"", " ", "\t "}).Draw(t, "blank"))
		}
		if s := strings.TrimSpace(b.String()); plainlyDefines(s) && !definition.MatchString(s) {
			t.Fatalf("%q defines nothing", s)
		}
	})
}
