package history

import (
	"os"
	"strings"
	"testing"
)

func TestTheRunsOfATalkFollowEachOther(t *testing.T) {
	runs := []Run{{ID: "e", Talk: "a"}, {ID: "d"}, {ID: "c", Talk: "a"}, {ID: "b"}, {ID: "a"}}
	var got []string
	for _, h := range ByTalks(runs) {
		text := h.ID
		if h.First {
			text = "(" + text
		}
		if h.Last {
			text += ")"
		}
		got = append(got, text)
	}
	if text := strings.Join(got, " "); text != "(e c a) (d) (b)" {
		t.Errorf("the runs are arranged as %s", text)
	}
	if got := (Query{Talk: "a"}).Filter(runs); len(got) != 3 || got[2].ID != "a" {
		t.Errorf("the talk has the runs %v", got)
	}
}

func TestATalkHasATitle(t *testing.T) {
	s := open(t)
	keep(t, s, "a", "done", nil)
	keep(t, s, "b", "done", map[string]string{LabelTalk: "a"})
	if err := s.Rename("a", "  the sea\nand more "); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b"} {
		if r, err := s.Find(id); err != nil || r.Title != "the sea" {
			t.Errorf("run %s has the title %q, %v", id, r.Title, err)
		}
	}
	if err := s.Rename("a", strings.Repeat("ä", MostTitle)); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Find("a"); err != nil || r.Title != strings.Repeat("ä", MostTitle/2) {
		t.Errorf("a long title becomes %q, %v", r.Title, err)
	}
	if err := s.Rename("nothing", "x"); err == nil {
		t.Error("a run that there is not has a title")
	}
	if err := s.Remove("a"); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "a.") || strings.HasSuffix(e.Name(), ".part") {
			t.Errorf("%s is left", e.Name())
		}
	}
}
