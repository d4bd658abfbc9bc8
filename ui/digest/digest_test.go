package digest

import (
	"strings"
	"testing"
	"time"

	"weft/ui/canvas"
	"weft/ui/history"
	"weft/ui/run/runtest"
	"weft/ui/theme"
)

func plain(d *Digest, w, h int, words Text) string {
	th := theme.Mono()
	c := canvas.New(w, h)
	d.Draw(c, c.Bounds(), words, &th)
	return c.Plain()
}

func others(n int) (all []Other) {
	at := time.Date(2026, 11, 23, 16, 50, 0, 0, time.Local)
	for range n {
		all = append(all, Other{history.Run{Workflow: "simple", Model: "tiny-chat", Started: at, Ended: at.Add(time.Second), Outcome: history.Done, Sources: 3}, "≡ the same answer"})
	}
	return all
}

func TestADigestShowsStepsAnswerSourcesAndOtherRuns(t *testing.T) {
	d := New(history.Run{Workflow: "rag"}, runtest.Read(t, "../../testdata/runs/rag.jsonl"))
	d.Others = others(2)
	words := Text{Title: "16:52 · why?", Answer: "none", Kept: "kept 14 kB"}
	got := plain(d, 100, 46, words)
	for _, want := range []string{"─ 16:52 · why? ─", "understand", "synthesize", "A run is cancelled with ctrl+c", "[1] timeline.md:1–7  The timeline › Cancelling a run",
		"─ kept 14 kB ─╯", "─ the same question at other times ─", "23 Nov 16:50 simple     tiny-chat           1.0s    ≡ the same answer         3"} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "none") {
		t.Errorf("it shows the text for a run without an answer:\n%s", got)
	}
	for w := 0; w < 130; w += 7 {
		for h := range 50 {
			plain(d, w, h, words)
			plain(new(Digest), w, h, words)
		}
	}
}

func TestWithoutRecordsADigestSaysWhatIsKnown(t *testing.T) {
	got := plain(New(history.Run{Workflow: "rag"}, nil), 60, 10, Text{Title: "16:52 · why?", Answer: "in another process\nsince noon"})
	for _, want := range []string{"─ 16:52 · why? ─", "│ in another process", "│ since noon"} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
}

func TestADigestOfAnInterruptedRunSaysThatNothingIsAtWork(t *testing.T) {
	records := runtest.Read(t, "../../testdata/runs/rag.jsonl")
	d := New(history.Run{Workflow: "rag", Outcome: history.Interrupted}, records[:len(records)/2])
	if got := plain(d, 100, 46, Text{}); !strings.Contains(got, "↯ after ") || strings.Contains(got, "live") {
		t.Errorf("it is shown as at work:\n%s", got)
	}
}

func TestOtherRunsOfTheSameQuestionAreFound(t *testing.T) {
	all := []history.Run{{ID: "a", Question: "Is it  deep?"}, {ID: "b", Question: "is it deep?"}, {ID: "c", Question: "is it wide?"},
		{ID: "d", Question: "is it deep?", Directory: "/other"}, {ID: "e", Question: "is it deep?", Deleted: time.Now()}, {ID: "f"}, {ID: "g"}}
	if got := Same(all, all[0]); len(got) != 1 || got[0].ID != "b" {
		t.Errorf("the others are %v", got)
	}
	if got := Same(all, all[5]); got != nil {
		t.Errorf("a run without a question has the others %v", got)
	}
	for range 20 {
		all = append(all, all[1])
	}
	if got := Same(all, all[0]); len(got) != MostOthers {
		t.Errorf("there are %d others", len(got))
	}
}

func TestAnswersAreComparedByTheirWords(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"the sea is deep", "the  sea is deep", "≡ the same answer"},
		{"the sea is deep", "deep is the sea", "≈ 99 % the same words"},
		{"the sea is deep", "the lake is shallow", "≈ 50 % the same words"},
		{"the sea", "", ""},
		{"", "", ""},
	} {
		if got := Against(c.a, c.b); got != c.want {
			t.Errorf("%q against %q: %q, want %q", c.a, c.b, got, c.want)
		}
	}
}
