package conversation

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/markdown"

	"weft/ui/theme"
)

var mono = theme.Mono()

// settle runs the pending render commands.
func settle(p *Panel) {
	for _, e := range p.Exchanges {
		for cmd := e.Render(); cmd != nil; {
			cmd = p.Update(cmd().(markdown.Rendered))
		}
	}
}

func draw(p *Panel, w, h int) string {
	c := canvas.New(w, h)
	p.SetSize(w, h, renderer)
	settle(p)
	p.Draw(c, c.Bounds(), &mono, "⠋")
	return c.Plain()
}

var renderer = markdown.NewRenderer(markdown.LookOf(mono))

func done(question string, lines int) *Exchange {
	var e Exchange
	e.Set(Content{Question: question, Text: strings.Repeat("A line [1].\n\n", lines), State: Done, By: "a model", Elapsed: 1234 * time.Millisecond,
		Sources: []show.Source{{N: 1, Passage: show.Passage{Path: "a.md", Line: 3, EndLine: 5, Score: 0.931, Heading: []string{"A", "B"}}, Cited: true}}})
	return &e
}

func TestAnAnswerHasItsQuestionSourcesScoreAndTime(t *testing.T) {
	p := &Panel{Exchanges: []*Exchange{done("Why?", 1)}}
	got := draw(p, 50, 12)
	for _, want := range []string{"❯ Why?", "A line [1].", "[1] a.md:3–5  A › B", "0.93", "✓ answered by a model · 1 source · 1.2s"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

func TestTheOutcomeOfAPastMomentSaysWhatWasAtWork(t *testing.T) {
	for doing, want := range map[string]string{"": "◂ as it was at 11ms", "rerank": "◂ rerank · as it was at 11ms"} {
		var e Exchange
		e.Set(Content{Question: "Why?", State: Running, Doing: doing, Past: true, Elapsed: 11 * time.Millisecond})
		if got := e.Outcome(&mono, "⠋").Line(60); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAnAbstentionIsNotAnAnswer(t *testing.T) {
	e := &Exchange{}
	e.Set(Content{Question: "Why?", Text: "Nothing.", State: Done, By: "extractive", Abstained: true})
	got := draw(&Panel{Exchanges: []*Exchange{e}}, 60, 12)
	if strings.Contains(got, "answered") || strings.Contains(got, "✓") || !strings.Contains(got, "· no answer") {
		t.Error(got)
	}
}

func TestAnIncompleteAnswerShowsAWarning(t *testing.T) {
	e := &Exchange{}
	e.Set(Content{Question: "Why?", Text: "Because.", State: Done, By: "extractive", Warned: true, Notes: []string{"the reranker failed"}})
	got := draw(&Panel{Exchanges: []*Exchange{e}}, 60, 12)
	if strings.Contains(got, "✓") || !strings.Contains(got, "! answered without a model, with a warning") {
		t.Error(got)
	}
}

func TestThePanelFollowsTheEndUntilTheUserScrollsBack(t *testing.T) {
	p := &Panel{Exchanges: []*Exchange{done("one", 9)}}
	draw(p, 50, 8)
	p.Scroll(-3)
	before := draw(p, 50, 8)
	p.Exchanges = append(p.Exchanges, done("two", 9))
	if after := draw(p, 50, 8); after[:40] != before[:40] {
		t.Errorf("the text being read has moved:\n%s---\n%s", before, after)
	}
	if p.Following() || p.Below() == 0 {
		t.Error("the mark for more text below is missing")
	}
	p.Follow()
	if got := draw(p, 50, 8); !strings.Contains(got, "❯ two") || !strings.Contains(got, "✓ answered by a model") {
		t.Errorf("the last answer is not in sight:\n%s", got)
	}
	p.Home()
	if got := draw(p, 50, 8); !strings.Contains(got, "❯ one") {
		t.Errorf("the beginning is not in sight:\n%s", got)
	}
	p.Show(1)
	if got := draw(p, 50, 8); !strings.HasPrefix(got, "❯ two") {
		t.Errorf("the second question is not at the top:\n%s", got)
	}
}

func TestAFinishedAnswerIsShownFromItsBeginning(t *testing.T) {
	long := done("one", 9)
	writing := long.Content
	writing.State, writing.Open = Running, true
	long.Set(writing)
	p := &Panel{Exchanges: []*Exchange{long}}
	if got := draw(p, 50, 8); strings.Contains(got, "❯ one") || !strings.HasPrefix(strings.Split(got, "\n")[7], "  ⠋") {
		t.Errorf("while it is written its end is not in sight:\n%s", got)
	}
	writing.State, writing.Open = Done, false
	long.Set(writing)
	got := draw(p, 50, 8)
	if rows := strings.Split(got, "\n"); rows[0][:5] != "❯ o" || !strings.Contains(rows[7], "✓ answered by a model · 1 source") {
		t.Errorf("its beginning or its status is not visible:\n%s", got)
	}
	if p.Below() == 0 {
		t.Error("the mark for more text below is missing")
	}
	p.Scroll(p.Below())
	if got := draw(p, 50, 8); !strings.Contains(got, "[1] a.md") || p.Below() != 0 {
		t.Errorf("the sources can not be reached:\n%s", got)
	}
	p.Follow()
	p.End()
	if got := draw(p, 50, 8); !strings.Contains(got, "[1] a.md") {
		t.Errorf("the end is not visible:\n%s", got)
	}
}

func TestARowReportsItsTarget(t *testing.T) {
	p := &Panel{Exchanges: []*Exchange{done("one", 1), done("two", 1)}}
	got := strings.Split(draw(p, 50, 20), "\n")
	sourcesSeen := 0
	for y, l := range got {
		if strings.Contains(l, "a.md:3–5") {
			e, s, ok := p.Target(y)
			if !ok || s != 0 || e != sourcesSeen {
				t.Errorf("row %d: exchange %d source %d %v", y, e, s, ok)
			}
			sourcesSeen++
		}
	}
	if sourcesSeen != 2 {
		t.Errorf("%d sources were drawn:\n%s", sourcesSeen, strings.Join(got, "\n"))
	}
}

func TestAnyContentDrawsAtAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e Exchange
		c := Content{
			Question: rapid.String().Draw(t, "question"), Text: rapid.String().Draw(t, "text"), Open: rapid.Bool().Draw(t, "open"),
			State: State(rapid.IntRange(0, int(Cancelled)).Draw(t, "state")), Doing: rapid.String().Draw(t, "doing"), Error: rapid.String().Draw(t, "error"),
			By: rapid.String().Draw(t, "by"), Notes: rapid.SliceOfN(rapid.String(), 0, 2).Draw(t, "notes"), Past: rapid.Bool().Draw(t, "past"),
			Elapsed: time.Duration(rapid.Int64Range(-1, 1<<44).Draw(t, "elapsed")),
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "sources") {
			c.Sources = append(c.Sources, show.Source{N: i, Passage: show.Passage{Path: rapid.String().Draw(t, "path"), Line: i}})
		}
		p := &Panel{Exchanges: []*Exchange{&e}}
		e.Set(c)
		w, h := rapid.IntRange(0, 70).Draw(t, "w"), rapid.IntRange(0, 20).Draw(t, "h")
		draw(p, w, h)
		p.Scroll(rapid.IntRange(-9, 9).Draw(t, "by"))
		draw(p, h, w)
	})
}

func TestTheStatusReappearsAtTheBeginningOfAnAnswer(t *testing.T) {
	p := &Panel{Exchanges: []*Exchange{done("zero", 1), done("one", 9)}}
	resting := draw(p, 50, 8)
	if !strings.Contains(resting, "✓ answered by a model") {
		t.Fatalf("it is not said at first:\n%s", resting)
	}
	p.Scroll(1)
	if got := draw(p, 50, 8); strings.Contains(got, "✓ answered by a model") {
		t.Errorf("the status hides the text at the end:\n%s", got)
	}
	p.Scroll(-1)
	if got := draw(p, 50, 8); got != resting {
		t.Errorf("back at the beginning:\n%s---\n%s", got, resting)
	}
}

func TestTheTimeKeepsADistanceFromTheBorder(t *testing.T) {
	e := done("Why?", 1)
	c := e.Content
	c.By = strings.Repeat("a-model-with-a-long-name-", 9)
	e.Set(c)
	for _, l := range strings.Split(draw(&Panel{Exchanges: []*Exchange{e}}, 50, 12), "\n") {
		if strings.Contains(l, "✓") && (!strings.HasSuffix(strings.TrimRight(l, " "), "1.2s") || canvas.Width(strings.TrimRight(l, " ")) != 48) {
			t.Errorf("%q", l)
		}
	}
}

func TestSourcesThatAreNotCitedAreFolded(t *testing.T) {
	e := &Exchange{}
	list := make([]show.Source, 5)
	for i := range list {
		list[i] = show.Source{N: i + 1, Passage: show.Passage{Path: string(rune('a'+i)) + ".md"}, Cited: i == 3}
	}
	e.Set(Content{Question: "Why?", Text: "Because [4].", State: Done, Sources: list})
	p := &Panel{Exchanges: []*Exchange{e}}
	got := draw(p, 60, 20)
	if !strings.Contains(got, "[4] d.md") || strings.Contains(got, "[1] a.md") || !strings.Contains(got, "… 4 more sources, not cited") {
		t.Errorf("the cited source is not the only one listed:\n%s", got)
	}
	y := 0
	for i, l := range strings.Split(got, "\n") {
		if strings.Contains(l, "… 4 more") {
			y = i
		}
	}
	if _, source, ok := p.Target(y); !ok || source != FoldRow {
		t.Errorf("a click on the fold refers to %d, %v", source, ok)
	}
	e.ToggleSources()
	got = draw(p, 60, 20)
	if strings.Index(got, "[4] d.md") > strings.Index(got, "[1] a.md") || !strings.Contains(got, "[5] e.md") || strings.Contains(got, "more") {
		t.Errorf("the unfolded list lacks a source, or the cited ones are not first:\n%s", got)
	}
}

func TestAnAnswerThatCitesNothingShowsItsFirstSources(t *testing.T) {
	e := &Exchange{}
	e.Set(Content{Question: "Why?", Text: "Because.", State: Done, Sources: []show.Source{{N: 1}, {N: 2}, {N: 3}, {N: 4}}})
	if got := draw(&Panel{Exchanges: []*Exchange{e}}, 60, 20); !strings.Contains(got, "[2]") || !strings.Contains(got, "… 2 more") {
		t.Error(got)
	}
}

func TestALineIsNeverLongerThanAHundredCells(t *testing.T) {
	e := &Exchange{}
	e.Set(Content{Question: strings.Repeat("why ", 100), Text: strings.Repeat("because ", 100), State: Done})
	for _, l := range strings.Split(draw(&Panel{Exchanges: []*Exchange{e}}, 190, 20), "\n") {
		if n := canvas.Width(strings.TrimRight(l, " │┃")); n > margin+broadest {
			t.Errorf("a line of %d cells: %s", n, l)
		}
	}
}

func TestAnIncompleteDeclineKeepsItsWarning(t *testing.T) {
	e := &Exchange{}
	e.Set(Content{Question: "Why?", Text: "Nothing.", State: Done, By: "extractive", Abstained: true, Warned: true, Notes: []string{"the reranker failed"}})
	if got := e.Outcome(&mono, "").Line(60); !strings.HasPrefix(got, "! the reranker failed") {
		t.Errorf("the frame shows %q", got)
	}
	if got := draw(&Panel{Exchanges: []*Exchange{e}}, 60, 12); !strings.Contains(got, "! no answer, with a warning") {
		t.Error(got)
	}
}

// TestTheListOfSourcesTakesTheRowsThatItSays: heights are computed without drawing.
func TestTheListOfSourcesTakesTheRowsThatItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := &Exchange{}
		for i, cited := range rapid.SliceOfN(rapid.Bool(), 0, 9).Draw(t, "cited") {
			e.Sources = append(e.Sources, show.Source{N: i + 1, Cited: cited})
		}
		e.unfolded = rapid.Bool().Draw(t, "unfolded")
		rows, seen := e.rows(), map[int]bool{}
		for _, i := range rows {
			if seen[i] {
				t.Fatalf("row %d stands twice in %v", i, rows)
			}
			seen[i] = true
		}
		if len(rows) != e.listRows() {
			t.Fatalf("%v takes %d rows, not %d", rows, len(rows), e.listRows())
		}
		for i, s := range e.Sources {
			if (s.Cited || e.folded() == 0) && !seen[i] {
				t.Fatalf("source %d is missing in %v", i, rows)
			}
		}
	})
}
