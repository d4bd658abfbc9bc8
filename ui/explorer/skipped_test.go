package explorer

import (
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/ui/keys"
)

// leaveOut ends an indexing run in which files were left out.
func leaveOut(e *scripted, r *journalRun) {
	r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 2, Type: "Indexed", Payload: show.Indexed{Text: "204 files", Skipped: []show.Skipped{
		{Path: "scans/1987.pdf", Reason: "no text", Detail: "its pages are pictures"},
		{Path: "logs/huge.log", Reason: "too large", Detail: "512 MB, the limit is 64 MB"},
		{Path: "node_modules", Reason: "generated", ByRule: true},
		{Path: "scans/\x1b[31m\u202e1988.pdf", Reason: "no text", Detail: "its pages are pictures"},
	}}})
	e.ready()
}

func TestFilesThatAreLeftOutAreCountedAndListedWithTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		r := e.startIndex()
		s := open(t, e, Options{}, 80, 24)
		s.press("ctrl+p", "left out", "enter")
		s.has("the documents are still being read")
		s.press("esc", "esc")
		leaveOut(e, r)
		s.wait(100 * time.Millisecond)
		s.has("18,230 passages, 3 files left out") // without the files that a rule leaves out
		s.has("! 3 files are left out: " + keys.Label("alt+x") + " says why")
		s.press("\x1bx")
		for _, want := range []string{"3 files left out, and 1 by rule", "no text (2)", "scans/1987.pdf", "its pages are pictures", "too large (1)", "512 MB", "generated (1)", "node_modules", "scans/1988.pdf"} {
			s.has(want)
		}
		s.press("huge", "enter")
		s.has("• logs/huge.log is left out: too large, 512 MB, the limit is 64 MB")
		s.press(mouseSeq("<0;", 30, 1, "M"), mouseSeq("<0;", 30, 1, "m"))
		s.has("╭─ 3 files left out, and 1 by rule")
		s.close()
	})
}

func TestFilesThatAreReadInPartAreCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		r := e.startIndex()
		s := open(t, e, Options{}, 100, 24)
		partly := show.Skipped{Path: "manual.pdf", Reason: "partly", Detail: "is read, but: page 3 took too long", Partly: true}
		r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 2, Type: "Indexed", Payload: show.Indexed{Text: "204 files", Skipped: []show.Skipped{
			{Path: "logs/huge.log", Reason: "too large", Detail: "512 MB, the limit is 64 MB"}, partly,
			{Path: "node_modules", Reason: "generated", ByRule: true},
		}, Remarks: []show.Remark{{Path: "old.txt", Text: "its encoding is not stated: read as koi8-r"}}}})
		e.ready()
		s.wait(100 * time.Millisecond)
		s.has("18,230 passages, 1 file left out")
		s.press("\x1bx")
		s.has("1 file left out, 1 read in part, and 1 by rule")
		s.press("manual", "enter")
		s.has("• manual.pdf is read, but: page 3 took too long")
		s.press("\x1bx", "old.txt", "enter")
		s.has("• old.txt: its encoding is not stated: read as koi8-r")
		s.close()
	})
}

func TestRemarksOnFilesAreListedAndNotCountedAsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		e.introduce(true)
		r := e.startIndex()
		s := open(t, e, Options{}, 100, 24)
		r.write(flow.Record{Kind: flow.RunFinished, Event: 9, Cause: 2, Type: "Indexed", Payload: show.Indexed{
			Text: "204 files", Remarks: []show.Remark{{Path: "old.txt", Text: "its encoding is not stated"}}}})
		e.ready()
		s.wait(100 * time.Millisecond)
		s.has("18,230 passages")
		s.hasNot("left out")
		s.hasNot("in part")
		s.press("\x1bx")
		s.has("1 remark, no file is left out")
		s.has("old.txt")
		s.close()
	})
}

func TestTheHeaderSaysThatFilesAreReadInPartIfNoneIsLeftOut(t *testing.T) {
	s := &session{skipped: []show.Skipped{{Path: "a.pdf", Partly: true}, {Path: "b.pdf", Partly: true}, {Path: ".git", ByRule: true}}}
	if got := s.lacking(); got != "2 files read in part" {
		t.Errorf("%q", got)
	}
	if got := (&session{skipped: s.skipped[2:]}).lacking(); got != "" {
		t.Errorf("%q", got)
	}
}
