package history

import (
	"os"
	"strings"
	"testing"

	"weft/flow"
)

func TestTheRunsOfATalkFollowEachOther(t *testing.T) {
	runs := []Run{{ID: "e", Talk: "a"}, {ID: "d"}, {ID: "c", Talk: "a"}, {ID: "b"}, {ID: "a"}}
	if got := arranged(runs); got != "e, ├ c, ╰ a, d, b" {
		t.Errorf("the runs are arranged as %s", got)
	}
	if got := (Query{Talk: "a"}).Filter(runs); len(got) != 3 || got[2].ID != "a" {
		t.Errorf("the talk has the runs %v", got)
	}
}

// arranged returns the runs by their talks, with the lines of the tree.
func arranged(runs []Run) string {
	var got []string
	for _, h := range ByTalks(runs) {
		got = append(got, h.Branch+h.ID)
	}
	return strings.Join(got, ", ")
}

func TestAForkHangsOnItsParent(t *testing.T) {
	fork := func(id, of, talk string) Run { return Run{ID: id, Talk: talk, Parent: &flow.Parent{Run: of}} }
	for _, c := range []struct {
		runs []Run
		want string
	}{
		{[]Run{fork("b", "a", "a"), {ID: "a"}}, "a, ╰ b"},
		{[]Run{fork("f", "b", "a"), fork("e", "c", "a"), {ID: "d"}, {ID: "c", Talk: "a"}, fork("b", "a", "a"), {ID: "a"}},
			"c, ├ e, ╰ a,   ╰ b,     ╰ f, d"},
		{[]Run{{ID: "c", Talk: "a"}, fork("g", "b", "a"), {ID: "b", Talk: "a"}, {ID: "a"}}, "c, ├ b, │ ╰ g, ╰ a"},
		{[]Run{fork("b", "gone", "a"), {ID: "a"}}, "b, ╰ a"},
		{[]Run{fork("b", "a", "a"), fork("a", "b", "a")}, "b, ╰ a"},
		{[]Run{fork("a", "a", "")}, "a"},
		{[]Run{fork("c", "b", "a"), fork("b", "c", "a"), {ID: "a"}}, "a, c, ╰ b"},
	} {
		if got := arranged(c.runs); got != c.want {
			t.Errorf("the runs are arranged as %q, want %q", got, c.want)
		}
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
