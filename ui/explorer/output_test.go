package explorer

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/vt"
)

// TestMarginsOfASmallerWindowAreReset clears a screen whose margins end above its last row, as after
// a window that grew while a part of it was scrolled.
func TestMarginsOfASmallerWindowAreReset(t *testing.T) {
	const margins, rows = "\x1b[1;24r", 50
	draw := cleared + strings.TrimSuffix(strings.Repeat("row\r\n", rows), "\r\n")
	emu := vt.NewEmulator(80, rows)
	out := withoutMargins{emu}
	for _, p := range []string{margins, draw} {
		if n, err := out.Write([]byte(p)); n != len(p) || err != nil {
			t.Fatalf("wrote %d of %d bytes, %v", n, len(p), err)
		}
	}
	if got := strings.Count(emu.String(), "row"); got != rows {
		t.Errorf("%d of %d rows are on the screen", got, rows)
	}
}
