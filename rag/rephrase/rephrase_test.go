package rephrase

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFollowUpsBecomeStandaloneQuestions(t *testing.T) {
	list := "There are three:\n\n- the cache directory [1]\n- the config file [2]\n- the journal"
	for _, c := range []struct{ before, answer, question, want string }{
		{"How do I cancel a run?", "", "And how do I pause it?", "how do I pause the run?"},
		{"How do I cancel a run?", "", "What are its steps?", "What are the run's steps?"},
		{"Where are files kept?", list, "and for the second one?", "Where are files kept, for the config file?"},
		{"Where are files kept?", list, "How do I delete the last one?", "How do I delete the journal?"},
		{"Where are files kept?", "", "and for the second one?", "Where are files kept, for the second one?"},
		{"How do I install weft on Linux?", "", "And on Windows?", "How do I install weft on Linux, on Windows?"},
		{"How do I install weft?", "", "What about macOS?", "How do I install weft, what about macOS?"},
		{"How do I cancel a run?", "", "Which keys are there?", "Which keys are there?"},
		{"How do I cancel a run?", "", "Is it possible to zoom?", "Is it possible to zoom?"},
		{"How do I cancel a run?", "", "Why?", "How do I cancel a run, why?"},
		{"Who wrote the Iliad?", "", "breakpoint", "breakpoint"},
		{"How do I cancel a run?", "", "exit codes?", "exit codes?"},
		{"How do I cancel a run?", "", "And breakpoints?", "How do I cancel a run, breakpoints?"},
		{"How do I cancel a run?", "", "And which keys are there?", "which keys are there?"},
	} {
		if got := Standalone([]Turn{{Question: c.before, Answer: c.answer}}, c.question); got != c.want {
			t.Errorf("after %q, %q:\n got %q\nwant %q", c.before, c.question, got, c.want)
		}
	}
	if got := Standalone(nil, "and it?"); got != "and it?" {
		t.Errorf("without a conversation: %q", got)
	}
}

func TestQuestionsAreTakenApart(t *testing.T) {
	for _, c := range []struct {
		question string
		want     []string
	}{
		{"How do I cancel a run?", nil},
		{"What are bread and butter?", nil},
		{"How do I install and run weft?", nil},
		{"How do I cancel a run? Where is the index kept?", []string{"How do I cancel a run?", "Where is the index kept?"}},
		{"How do I cancel a run and where is the index kept?", []string{"How do I cancel a run?", "where is the index kept?"}},
		{"How do I cancel a run, how do I pause it and where is it kept?", []string{"How do I cancel a run?", "how do I pause the run?", "where is the run kept?"}},
		{"How do I read the index, which is kept elsewhere?", nil},
		{"How do I cancel a run, and how do I pause it?", []string{"How do I cancel a run?", "how do I pause the run?"}},
		{"How do I define a persistent flag and load a config file?", []string{"How do I define a persistent flag?", "How do I load a config file?"}},
		{"What is the difference between a join and a collect?", []string{"what is a join?", "what is a collect?"}},
		{"What is the difference between local and persistent flags in cobra?", []string{"what is local in cobra?", "what are persistent flags in cobra?"}},
		{"persistent flags vs local flags", []string{"what are persistent flags?", "what are local flags?"}},
		{"How does a join differ from a collect?", []string{"what is a join?", "what is a collect?"}},
		{"What is the difference between how retries work and how breakpoints work?", []string{"how retries work?", "how breakpoints work?"}},
		{"What is the difference between a class and an index?", []string{"what is a class?", "what is an index?"}},
		{"Wie breche ich ab und wo liegt der Index?", []string{"Wie breche ich ab?", "wo liegt der Index?"}},
	} {
		if c.want == nil {
			c.want = []string{c.question}
		}
		if got := Parts(c.question, 4); !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.question, got, c.want)
		}
	}
	if got := Parts("a1 b1? a2 b2? a3 b3?", 2); len(got) != 2 {
		t.Errorf("more than asked for: %q", got)
	}
}

func TestRelatedTextsShareAWordOfContent(t *testing.T) {
	if !Related("How do I cancel a run?", "what are cancelled runs?") || Related("How do I cancel a run?", "How do I see the moon?") {
		t.Error("texts must be related by content words only")
	}
}

func TestARewrittenQueryLeavesOutWordsThatNoPassageHas(t *testing.T) {
	q := "how do I stop a lengthy run?"
	if got := Rewrite(q, []string{"lengthy"}, []string{"Cancelling a run"}, 1); got != "how do I stop a run? Cancelling a run" {
		t.Errorf("first: %q", got)
	}
	if got := Rewrite(q, []string{"lengthy", "stop"}, nil, 2); got != "what about lengthy and stop?" {
		t.Errorf("second: %q", got)
	}
	for _, c := range []struct{ question, missing, want string }{
		{"what is the default timeout of a retry and of a breakpoint?", "breakpoint", "what is the default timeout of a retry? Retries"},
		{"how do retries work and how do breakpoints work?", "breakpoints", "how do retries work and how do breakpoints work? Retries"},
		{"where are keys for zooming, and how do I scroll?", "zooming", "where are keys, and how do I scroll? Retries"},
	} {
		if got := Rewrite(c.question, []string{c.missing}, []string{"Retries"}, 1); got != c.want {
			t.Errorf("%q without %s: %q", c.question, c.missing, got)
		}
	}
	if got := Rewrite("lengthy?", []string{"lengthy"}, nil, 1); got != "lengthy?" {
		t.Errorf("nothing else to ask: %q", got)
	}
}

func TestNoTextBreaksTheRules(t *testing.T) {
	word := rapid.SampledFrom([]string{"how", "do", "I", "and", "it", "the second one", "?", "vs", "difference between", "run", "a", "-", "日本", ",", "which", "in", ".", "compare", "with"})
	text := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 0, 15).Draw(t, "words"), " ") })
	rapid.Check(t, func(t *rapid.T) {
		q := text.Draw(t, "question")
		parts := Parts(q, 4)
		if len(parts) < 1 || len(parts) > 4 {
			t.Fatalf("%d parts of %q: %q", len(parts), q, parts)
		}
		for _, p := range parts {
			if len(parts) > 1 && len(content(p)) == 0 {
				t.Fatalf("an empty part of %q: %q", q, parts)
			}
		}
		turn := Turn{Question: text.Draw(t, "before"), Answer: text.Draw(t, "answer")}
		if s := Standalone([]Turn{turn}, q); strings.TrimSpace(q) != "" && s == "" {
			t.Fatalf("nothing is left of %q after %+v", q, turn)
		}
		Rewrite(q, strings.Fields(turn.Question), []string{turn.Answer}, 1)
	})
}
