package fold

import (
	"strings"
	"testing"
	"time"
)

// TestAKindThatIsForgottenSomewhereIsAnError passes an unknown kind to each function that a new
// kind has to be added to. Each must refuse it.
func TestAKindThatIsForgottenSomewhereIsAnError(t *testing.T) {
	tree := newTree(zoo())
	tree.Begin(1e18, zStart{1}, false)
	r := &internalRecord{packedRecord: packedRecord{kind: kindCount, at: 1e18, step: -1, typ: -1}}
	record := Record{Seq: 3, Time: time.Unix(0, 1e18), Run: "sim", Kind: kindCount}
	_, interned := replayer{tree}.intern(record)
	for place, err := range map[string]error{
		"intern": interned,
		"fits":   replayer{tree}.fits(r),
		"apply":  replayer{tree}.apply(r),
		"replay": tree.Replay(record),
		"oracle": newOracle(zoo()).see(r),
	} {
		if err == nil || !strings.Contains(err.Error(), "kind") {
			t.Errorf("%s: a kind without a case gives %v; want an error that says so", place, err)
		}
	}
}
