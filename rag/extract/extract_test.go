package extract

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/rag/chunk"
	"weft/rag/load"
)

// passages splits a text as the index does and numbers the passages from n. heading is put above
// all of them.
func passages(n int, kind string, heading []string, text string) []Passage {
	var out []Passage
	for i, c := range chunk.Split(load.Document{Path: "a." + kind, Kind: kind, Text: text}, chunk.Options{}) {
		c = c.WithHeader()
		c.Heading = append(heading[:len(heading):len(heading)], c.Heading...)
		for j, b := range c.Blocks {
			if b.Under != nil {
				c.Blocks[j].Under = append(heading[:len(heading):len(heading)], b.Under...)
			}
		}
		out = append(out, Passage{Chunk: c, N: n + i, Prior: 1 / float64(n+i)})
	}
	return out
}

func markdown(text string) []Passage { return passages(1, "markdown", nil, text) }

func join(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text + "\n")
	}
	return b.String()
}

func answered(question string, p []Passage) string { return join(Answer(question, nil, p)) }

func has(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in:\n%s", w, got)
		}
	}
}

func hasNot(t *testing.T, got string, not ...string) {
	t.Helper()
	for _, w := range not {
		if strings.Contains(got, w) {
			t.Errorf("%q is in:\n%s", w, got)
		}
	}
}

const manual = `# Keys

## Cancelling a run

Press ` + "`ctrl+c`" + ` while a run is going. The run is cancelled and its steps stop:

- the text so far stays
- the timeline shows ` + "`⊘`" + `

## Quitting

Press ` + "`q`" + ` in the timeline. A run that is going is cancelled first; see [the keys](keys.md).

## Index

The index is kept in the cache directory.

` + "```sh\nweft clean\n```" + `

It is built again when it is needed.
`

func TestAnswerQuotesTheSectionThatIsAboutTheQuestion(t *testing.T) {
	got := answered("How do I cancel a run?", markdown(manual))
	if !strings.HasPrefix(got, "**Keys › Cancelling a run**\nPress `ctrl+c` while a run is going.") {
		t.Errorf("the answer begins with something else:\n%s", got)
	}
	has(t, got, "its steps stop: [", "- the text so far stays\n- the timeline shows `⊘` [")
}

func TestAShortSectionIsQuotedWhole(t *testing.T) {
	got := answered("where is the index kept?", markdown(manual))
	has(t, got, "**Keys › Index**\nThe index is kept in the cache directory. [", "\n```sh\nweft clean\n```\nIt is built again when it is needed. [")
}

func TestAnswerIsSilentWhereNothingCoversTheQuestion(t *testing.T) {
	for _, q := range []string{"", "how do I?", "capital of Mongolia"} {
		if got := Answer(q, nil, markdown(manual)); got != nil {
			t.Errorf("%q: %v", q, got)
		}
	}
}

func TestBracketsOfDocumentsAreQuotedAsTheyAre(t *testing.T) {
	got := answered("which paper has a citation in brackets?", markdown("The paper has a citation in brackets, [7010, 7040], one [3] more, `[4]` in code, and [a link](x.md).\n"))
	has(t, got, "[7010, 7040]", `one \[3\] more`, "`[4]` in code", "and a link. [1]")
}

func TestAnswerToWhatSomethingIsBeginsWithItsDefinition(t *testing.T) {
	p := append(passages(1, "markdown", nil, "The join runs once for each fan-out. A join may fail, and a join that fails is tried again.\n"),
		passages(2, "markdown", nil, "A **join** is a step that takes what came of all branches. Its input is a list.\n")...)
	p[1].Prior = 1
	got := answered("What is a join?", p)
	has(t, got, "A **join** is a step that takes what came of all branches.")
}

func TestAnotherSectionIsQuotedForWhatIsMissing(t *testing.T) {
	p := append(passages(1, "markdown", []string{"Cancelling"}, "Press a key to cancel the run.\n"),
		passages(2, "markdown", []string{"Index"}, "To rebuild the index delete its folder.\n")...)
	got := answered("How do I cancel the run and rebuild the index?", p)
	has(t, got, "Press a key", "[1]", "To rebuild the index delete its folder. [2]")
}

func TestASettingIsFoundByItsNameAndItsDefaultIsQuotedWithIt(t *testing.T) {
	text := "Settings\n========\n\nGREASE_HOURS\n------------\n\nDefault: ``40``\n\nHow many hours a mill runs before it is greased.\n\n" +
		"BRAKE_WIND\n----------\n\nDefault: ``9``\n\nThe wind from which the mill is braked.\n\nSAIL_COUNT\n----------\n\nDefault: ``4``\n\nThe sails that a mill has.\n"
	got := answered("what is the default of the brake wind?", passages(1, "rst", nil, text))
	has(t, got, "**Settings › BRAKE_WIND**", "Default: ``9``")
}

func TestEntriesOfReleaseNotesKeepTheirHeadings(t *testing.T) {
	text := "# Changes\n\n## 2.1.3 (2024-05-02)\n\n- The ferry bell is louder.\n\n## 2.1.30 (2025-01-09)\n\n- The ferry ladder is longer.\n\n## 2.2.0 (2025-06-11)\n\n- The ferry has a roof.\n"
	got := answered("what changed in 2.1.30?", markdown(text))
	has(t, got, "**Changes › 2.1.30 (2025-01-09)**", "ladder is longer")
	if first, _, _ := strings.Cut(got, "\n"); !strings.Contains(first, "2.1.30") {
		t.Errorf("another release comes first:\n%s", got)
	}
}

func TestShortLinesBelowTheirHeadingsAreQuoted(t *testing.T) {
	text := "# Boats\n\n## Wren\n\n- Status: sunk\n- Crew: Mara\n\n## Teal\n\n- Status: afloat\n- Crew: Jon\n"
	got := answered("what is the status of the Wren?", markdown(text))
	has(t, got, "**Boats › Wren**", "- Status: sunk")
}

func TestARowIsQuotedWithItsColumnsAndTheGapMarked(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Quays\n\n| Quay | Depth | Warden |\n|---|---|---|\n")
	for i := 10; i < 80; i++ {
		b.WriteString("| Quay " + string(rune('0'+i/10)) + string(rune('0'+i%10)) + " | " + "3 m | Ida |\n")
	}
	text := strings.Replace(b.String(), "| Quay 57 | 3 m | Ida |", "| Quay 57 | 8 m | Ravi |", 1)
	var p []Passage
	for _, x := range markdown(text) {
		if strings.Contains(x.Text, "Quay 57") {
			p = append(p, x)
		}
	}
	got := answered("who is the warden of quay 57?", p)
	has(t, got, "| Quay | Depth | Warden |\n|---|---|---|\n| … | | |\n", "| Quay 57 | 8 m | Ravi |")
	hasNot(t, got, "Quay 12")
}

func TestALongListIsQuotedAroundWhatIsAskedForAndItsGapMarked(t *testing.T) {
	text := "# Bread\n\nBake it so:\n\n"
	for _, s := range []string{"Weigh the flour", "Warm the water", "Stir the salt in", "Rest the dough", "Fold the dough", "Heat the oven to 240 °C", "Dust the board", "Cut the crust"} {
		text += "1. " + s + " " + strings.Repeat("and wait a good while before you do anything else with it ", 2) + "\n"
	}
	got := answered("how hot must the oven be?", markdown(text))
	has(t, got, "Bake it so:", "- …\n", "Heat the oven to 240 °C")
	hasNot(t, got, "Weigh the flour")
}

func TestTextForProgramsIsNotQuoted(t *testing.T) {
	text := "Limits\n======\n\n.. _limits:\n\n-   :data:`MAX_CREW` or :attr:`.Boat.max_crew` says how many may board. The crew is 12 by default.\n\n" +
		"If more board the boat, you get this error message:\n\n.. code-block:: text\n\n    CrewError: the boat is full\n\nSee :ref:`the rules <rules>`.\n\n.. note::\n\n    Children count as crew.\n"
	got := answered("which error do I get if more board the boat?", passages(1, "rst", nil, text))
	has(t, got, "CrewError: the boat is full", "See the rules.")
	hasNot(t, got, ":data:", ":attr:", ".. _limits", ":ref:", "note::")
	text = "# Forms\n\n<div class=\"tip\">\n  <Video href=\"https://example.org\"/>\n</div>\n\nThe state of a form follows the page, see [[Binding values|binding]] <b>at once</b>.\n"
	got = answered("what does the state of a form follow?", markdown(text))
	has(t, got, "The state of a form follows the page, see binding at once.")
	hasNot(t, got, "div", "Video")
}

func TestFrontMatterIsNotQuoted(t *testing.T) {
	got := answered("does the kettle have a warranty?", markdown("---\ntags: [kettle, warranty, limescale]\n---\n# Kettle\n\nFill it and press the lever.\n"))
	hasNot(t, got, "limescale", "tags")
}

func TestAQuotationIsQuotedWhole(t *testing.T) {
	got := answered("what must steps not rely on?", markdown("# Steps\n\n> Steps that a step needs run at once, so they should not rely on\n> one another. To run them in order, call them from one list.\n"))
	has(t, got, "> Steps that a step needs run at once, so they should not rely on one another. To run them in order, call them from one list. [1]")
}

func TestAnEmptyItemIsNoPartOfTheItemBefore(t *testing.T) {
	for _, empty := range []string{"1.", "-", "- [ ]"} {
		got := answered("how do I cancel a run?", markdown("# Runs\n\n- Cancel a run with c\n"+empty+"\n\n# Keys\n"))
		if want := "- Cancel a run with c [1]"; !slices.Contains(strings.Split(got, "\n"), want) {
			t.Errorf("with an empty item %q the answer is\n%s", empty, got)
		}
	}
}

func TestAnAbbreviationEndsNoSentence(t *testing.T) {
	text := "Die Leiste zeigt vieles an, wie z. B. Meldungen der Fähre. Sie ist oben.\n\n" + strings.Repeat("Das Boot liegt an der Mole und wartet auf den Wind, der von See her weht. ", 12) + "\n"
	got := answered("welche Meldungen zeigt die Leiste an?", markdown(text))
	has(t, got, "wie z. B. Meldungen der Fähre.")
}

func TestWhereLinksLeadIsNotQuoted(t *testing.T) {
	got := answered("why many events?", markdown("Many events come from indexing (see [#15]).\n\n[#15]: https://example.org/many/events\n"))
	if want := "Many events come from indexing (see [#15]). [1]\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestARowThatNamesItsColumnsIsCompleteByItself(t *testing.T) {
	text := "Ship: Marguerite; Cargo: salt; Tons: 40\nShip: Kittiwake; Cargo: St. John's oak; Tons: 54\nShip: Fortuna; Cargo: herring; Tons: 61\n"
	has(t, answered("how many tons does the Kittiwake have?", passages(1, "csv", nil, text)), "- Ship: Kittiwake; Cargo: St. John's oak; Tons: 54")
}

func TestPartsAreAnsweredOneAfterTheOtherAndNothingTwice(t *testing.T) {
	p := markdown("# Meters\n\nReaders assume that a counter only goes up.\n\n## Gauge\n\nA gauge is a number that goes up and down.\n\n## Counter\n\nA counter is a number that only goes up.\n")
	got := join(AnswerParts([]string{"what is a counter?", "what is a gauge?"}, p))
	for _, s := range []string{"A gauge is a number that goes up and down.", "A counter is a number that only goes up."} {
		if strings.Count(got, s) != 1 {
			t.Errorf("%q is there %d times:\n%s", s, strings.Count(got, s), got)
		}
	}
}

// said returns the text of an answer without Markdown and citations.
func said(s string) string {
	return strings.Join(strings.FieldsFunc(clean(s), func(r rune) bool { return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') }), " ")
}

func TestQuotedTextIsInItsPassage(t *testing.T) {
	number := regexp.MustCompile(`(?:^|[^\\])\[(\d+)\]`)
	word := rapid.SampledFrom([]string{"run", "index", "key", "press", "cancel", "file", "[7]", "a", "the", "\n", "\n\n", "\n- ", "\n1. ", "\n# ", "\n```\n", "|", ". ", "日本", "> ", "**", "`x`", "[l](u)", "<b>"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(word, 1, 80).Draw(t, "text"), " ")
		source := append(passages(3, "markdown", nil, text), passages(90, "markdown", nil, "The index run.")...)
		where := map[int]string{}
		for _, p := range source {
			where[p.N] = said(strings.Join(p.Heading, " "))
			for _, b := range p.Blocks {
				where[p.N] += "\n" + said(p.Text[b.Start:b.End]) + "\n" + said(strings.Join(b.Under, " "))
			}
		}
		for _, piece := range Answer("cancel the index run", nil, source) {
			in, ok := where[piece.N]
			if !ok {
				t.Fatalf("piece of no passage: %+v", piece)
			}
			if strings.Contains(piece.Text, "```") || strings.Contains(piece.Text, "|") || piece.Opens {
				continue
			}
			for _, m := range number.FindAllStringSubmatch(strings.ReplaceAll(piece.Text, "`[7]`", ""), -1) {
				if m[1] == "7" {
					t.Fatalf("a citation was forged: %q", piece.Text)
				}
			}
			for line := range strings.Lines(regexp.MustCompile(`\[\d+\]\s*$`).ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(piece.Text, `\[`, "["), `\]`, "]"), "")) {
				if l := said(line); l != "" && !strings.Contains(strings.Join(strings.Fields(in), " "), l) {
					t.Fatalf("%q is not in %q", l, in)
				}
			}
		}
	})
}

func TestEachOfSeveralThingsIsNamed(t *testing.T) {
	text := "# Boats\n"
	for i, name := range []string{"Wren", "Teal", "Knot", "Smew", "Rail", "Ruff"} {
		text += "\n## Boat " + name + "\n\n- Status: " + []string{"sunk", "afloat"}[i%2] + "\n- Crew: Mara\n"
	}
	got := answered("which boats are sunk?", markdown(text))
	has(t, got, "Boat Wren**", "Boat Knot**", "Boat Rail**")
	hasNot(t, got, "afloat")
}

// Many short things are all named, and of many long ones as many as there is room for: then a mark
// says that there are more.
func TestManyShortThingsAreAllNamed(t *testing.T) {
	fleet := func(more string) (text string) {
		text = "# Boats\n"
		for i, name := range []string{"Wren", "Teal", "Knot", "Smew", "Rail", "Ruff", "Coot", "Gull", "Tern", "Skua", "Loon", "Shag", "Auk", "Crow"} {
			text += "\n## Boat " + name + "\n\n- Status: " + []string{"sunk", "afloat"}[i%2] + "\n- Crew: Mara\n" + more
		}
		return text
	}
	got := answered("which boats are sunk?", markdown(fleet("")))
	has(t, got, "Boat Wren**", "Boat Knot**", "Boat Rail**", "Boat Coot**", "Boat Tern**", "Boat Loon**", "Boat Auk**")
	hasNot(t, got, "afloat", "…")
	long := answered("which boats are sunk?", markdown(fleet("- Log: "+strings.Repeat("she lay for weeks beside the northern pier ", 6)+"\n")))
	if n := len(strings.Fields(long)); n > 2*mostWords {
		t.Errorf("the answer has %d words:\n%s", n, long)
	}
	if !regexp.MustCompile(`\n… \[\d+\]\n$`).MatchString(long) {
		t.Errorf("the answer does not say that there are more:\n%s", long)
	}
}

func TestAPriceIsAnsweredWithAPriceOnly(t *testing.T) {
	passages := markdown("# Lamp\n\nThe lamp of the tower burns for six hours.\n\n## Oil\n\nThe oil for the lamp is free for keepers.\n\n# Bell\n\nThe bell weighs 40 kg.\n")
	has(t, answered("what does the oil for the lamp cost?", passages), "free for keepers")
	if got := Answer("what does the bell cost?", nil, passages[len(passages)-1:]); got != nil {
		t.Errorf("the price is answered with %q", join(got))
	}
	if got := Answer("what is the phone number of the keepers?", nil, passages); got != nil {
		t.Errorf("the number is answered with %q", join(got))
	}
}
