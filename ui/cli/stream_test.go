package cli

import (
	"strings"
	"testing"

	"weft/flow"
	"weft/flow/show"
)

func TestAnAnswerIsStreamedAndNotRepeated(t *testing.T) {
	var out strings.Builder
	s := &stream{w: &out, run: "r"}
	write := func(run string, exec uint64, text string) {
		s.record(flow.Record{Kind: flow.EventEmitted, Run: run, Execution: exec, Type: "Delta", Payload: show.Delta{Text: text}})
	}
	write("r/3", 4, "a part of the question")
	write("r", 2, "a dra\x1b[31mft")
	write("r", 7, "the ans")
	write("r", 7, "wer [1]")
	s.end(show.Answer{Text: "the answer [1]", Sources: []show.Source{{N: 1, Passage: show.Passage{Path: "a.md", Line: 3}, Cited: true}}})
	want := "a draft\n\n---\n\nthe answer [1]\n\nSources\n* [1]  a.md:3    0.00\n"
	if out.String() != want {
		t.Errorf("got %q\nwant %q", out.String(), want)
	}
}

func TestAnAnswerThatDiffersFromTheStreamIsPrintedInFull(t *testing.T) {
	var out strings.Builder
	s := &stream{w: &out, run: "r"}
	s.record(flow.Record{Run: "r", Execution: 1, Payload: show.Delta{Text: "cites [9]"}})
	s.end(show.Answer{Text: "cites"})
	if got, want := out.String(), "cites [9]\n\n---\n\ncites\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextThatTurnsOutToBeReasoningIsRuledOff(t *testing.T) {
	var out strings.Builder
	s := &stream{w: &out, run: "r"}
	for _, d := range []show.Delta{{Text: "Passage 1 says 400."}, {Restart: true}, {Text: "Every 400 "}, {Text: "hours."}} {
		s.record(flow.Record{Run: "r", Execution: 1, Payload: d})
	}
	s.end(show.Answer{Text: "Every 400 hours."})
	if got, want := out.String(), "Passage 1 says 400.\n\n---\n\nEvery 400 hours.\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
