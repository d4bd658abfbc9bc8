package timeline_test

import (
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/ui/run/runtest"
	"weft/ui/status"
)

// TestEveryGlyphOfAStatusIsFromItsTable draws runs with the glyphs of the table replaced, and again
// with the critical path. The pictures have the replacements where they had the glyphs, and none of
// the glyphs.
func TestEveryGlyphOfAStatusIsFromItsTable(t *testing.T) {
	// A glyph that is drawn for something else too, such as a dot, stays.
	replacements := strings.NewReplacer("╌", "\ue000", "┈", "\ue001", "▒", "\ue002", "▚", "\ue003", "✗", "\ue004", "✓", "\ue005", "⊘", "\ue006", "❚", "\ue007", "↯", "\ue008")
	pictures := func() (all string) {
		for _, rs := range [][]flow.Record{
			runtest.Retries(), runtest.Backoff(), runtest.Human(), runtest.HumanDone(), runtest.Loop(3), runtest.FanOut(6, false), runtest.FanOut(40, true),
		} {
			m := show(t, rs, "mono", 300*time.Millisecond)
			for _, w := range []int{60, 120, 300} {
				all += draw(m, w, 40).Plain()
			}
			m.Critical()
			all += draw(m, 120, 40).Plain()
		}
		return all
	}
	before := status.Table
	t.Cleanup(func() { status.Table = before })
	want := replacements.Replace(pictures())
	for i := range status.Table {
		s := &status.Table[i]
		s.Glyph, s.Bar = replacements.Replace(s.Glyph), replacements.Replace(s.Bar)
	}
	got := pictures()
	if got != want {
		t.Errorf("with other glyphs the timelines are\n%s\nand not\n%s", got, want)
	}
	for _, glyph := range []string{"\ue000", "\ue001", "\ue002", "\ue003", "\ue004"} {
		if !strings.Contains(got, glyph) {
			t.Errorf("no timeline has %q", glyph)
		}
	}
}
