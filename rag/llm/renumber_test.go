package llm

import "testing"

func TestCitationsAreRenumberedOutsideOfCode(t *testing.T) {
	got := Renumber("a [1][2], `x[1]` and argv[1]\n```\ny[2]\n```\nb [3] of [0, 1]", map[int]int{1: 2, 2: 1})
	if want := "a [2][1], `x[1]` and argv[1]\n```\ny[2]\n```\nb [3] of [0, 1]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextThatLooksLikeACitationIsDistinguished(t *testing.T) {
	got := OnlyCitations("a [1] of [0, 1], argv[1] or `x[1]`; see RFC [12].\n\nSources:\n[1] install.md", given)
	if want := "a [1] of [0, 1], argv(1) or `x(1)`; see RFC (12).\n\nSources:\n(1) install.md"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
