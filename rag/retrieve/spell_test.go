package retrieve

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weft/rag/embed"
)

func TestSlipsOfTheKeyboardAreMended(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{
		"a": "# Cancelling\nPress the key to cancel a run. The workflow ends, and its theme stays.",
		"b": "# Settings\nThe config file holds the theme. Change it, and the workflow uses it. A price is paid in rubles for Kittiwake.",
	})
	for typed, want := range map[string]string{
		"how do I cancle a run?":          "how do I cancel a run?",
		"how to chnage the theme":         "how to change the theme",
		"wich workflow should I use":      "which workflow should I use",
		"waht is a workfow?":              "what is a workflow?",
		"Chnage the theme":                "change the theme",
		"where is the cofig file":         "where is the config file",
		"the worklfows of a setings file": "the workflows of a settings file",
		"how do I cancel a run?":          "how do I cancel a run?",
		"how do I cancle a rnu?":          "how do I cancel a run?",
		"hwo do I cancel a run":           "how do I cancel a run",
		"who is Cancle?":                  "who is Cancle?", // a name
		"what does --cofig do?":           "what does --cofig do?",
		"how do I cook rice?":             "how do I cook rice?",
		"the capital of mongolia":         "the capital of mongolia",
		// Four letters: too short to insert or remove one.
		"the rite of spring": "the rite of spring",
		"":                   "",
	} {
		if got := r.Respell(typed); got != want {
			t.Errorf("%q is turned into %q, want %q", typed, got, want)
		}
	}
}

func TestWordsThatOnlyTheDocumentsLackAreNoTypingErrors(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{
		"a": "# Blinds\nEach blinding has its own cpu. A large house has many.",
		"b": "# Preise\nDas kost nichts. Die Geschichte der Mühle ist lang.",
	})
	for _, typed := range []string{
		"who won the race", "a cup of tea", "the bindings of a book", "the largest house", "was kostet die Mühle",
	} {
		if got := r.Respell(typed); got != typed {
			t.Errorf("%q is turned into %q", typed, got)
		}
	}
}

// TestACorrectedWordHasNoPassage: the search for the corrected word alone misses nothing, because a
// word is corrected only if no passage has it in its text or heading.
func TestACorrectedWordHasNoPassage(t *testing.T) {
	texts := map[string]string{"cancel.md": "# Cancelling\nPress the key to cancel a run of the workflow."}
	const typed = "how do I cancle a workfow?"
	for where, more := range map[string][2]string{
		"text":    {"b.md", "The word cancle is a slip, and workfow is another one."},
		"heading": {"b.md", "# Cancle and workfow\nBoth are slips."},
		"code":    {"b.go", "func cancle_workfow() {}"},
		"plural":  {"b.md", "There are several cancles and workfows."},
	} {
		with := maps.Clone(texts)
		with[more[0]] = more[1]
		r := corpus(t, embed.NewHashed(), with)
		if got := r.Respell(typed); got != typed {
			t.Errorf("%s: %q is turned into %q", where, typed, got)
			continue
		}
		if hits, err := r.Search(t.Context(), Query{Text: typed}); err != nil || !slices.Contains(paths(hits), more[0]) {
			t.Errorf("%s: found %v, %v; want %s too", where, paths(hits), err, more[0])
		}
	}
	if got, want := corpus(t, embed.NewHashed(), texts).Respell(typed), "how do I cancel a workflow?"; got != want {
		t.Errorf("%q is turned into %q, want %q", typed, got, want)
	}
}

func TestRespellingChangesOnlyWordsAndEndsAtOnce(t *testing.T) {
	r := corpus(t, embed.NewHashed(), map[string]string{"a": "cancel workflow theme config change 你好 größe naïve"})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`((cancle|workfow|chnage|größee|你好|the|X|-|\.|\n) ?){0,30}`)).Draw(t, "text")
		once := r.Respell(text)
		if twice := r.Respell(once); twice != once {
			t.Fatalf("%q is turned into %q and then %q", text, once, twice)
		}
	})
}
