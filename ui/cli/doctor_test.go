package cli

import "testing"

func TestSizeOfANonemptyIndexIsNotZero(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0.0 KB", 60: "0.1 KB", 42_400: "42.4 KB", 99_900: "99.9 KB", 100_000: "0.1 MB", 73_400_000: "73.4 MB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d bytes are %s, want %s", bytes, got, want)
		}
	}
}
