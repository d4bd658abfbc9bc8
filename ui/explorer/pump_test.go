package explorer

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"weft/flow"
	"weft/flow/show"
)

func TestThePumpKeepsEveryRecordButJoinsDeltas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b batch
		want, wantText := map[uint64]int{}, map[uint64]string{}
		for i := range rapid.IntRange(0, 60).Draw(t, "records") {
			track := rapid.Uint64Range(1, 3).Draw(t, "track")
			rec := flow.Record{Seq: uint64(i + 1), Kind: flow.EventEmitted, Type: "Delta", Execution: rapid.Uint64Range(1, 2).Draw(t, "execution"), Attempt: 1}
			if rapid.Bool().Draw(t, "delta") {
				restart := rapid.IntRange(0, 9).Draw(t, "restart") == 0
				rec.Payload = show.Delta{Restart: restart, Text: string(rune('a' + i%26))}
				if restart {
					wantText[track] = ""
				}
				wantText[track] += string(rune('a' + i%26))
			} else {
				rec.Kind, rec.Type = flow.StepStarted, ""
				want[track]++
			}
			b = b.add(carried{track: track, rec: rec})
		}
		got, gotText := map[uint64]int{}, map[uint64]string{}
		for _, p := range b {
			last := uint64(0)
			for _, r := range p.records {
				if r.Seq <= last {
					t.Fatalf("record %d comes after %d", r.Seq, last)
				}
				last = r.Seq
				if r.Kind == flow.StepStarted {
					got[p.track]++
					continue
				}
				js, err := r.JSON()
				var d show.Delta
				if err != nil || json.Unmarshal(js, &d) != nil {
					t.Fatal(err)
				}
				if d.Restart {
					gotText[p.track] = ""
				}
				gotText[p.track] += d.Text
			}
		}
		for _, track := range []uint64{1, 2, 3} {
			if got[track] != want[track] || gotText[track] != wantText[track] {
				t.Fatalf("track %d: %d lifecycle records of %d, text %q of %q", track, got[track], want[track], gotText[track], wantText[track])
			}
		}
	})
}

func TestAStreamThatComesAllAtOnceKeepsItsPace(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var b batch
	for i := range 100 { // two records per frameInterval, and a pause after the first half
		at := begin.Add(time.Duration(i) * frameInterval / 2)
		if i >= 50 {
			at = at.Add(time.Second)
		}
		b = b.add(carried{track: 1, rec: flow.Record{Seq: uint64(i + 1), Time: at, Kind: flow.EventEmitted, Type: "Delta", Attempt: 1, Payload: map[string]any{"text": "x"}}})
	}
	recs := b[0].records
	if n := len(recs); n < 50 || n > 52 {
		t.Errorf("%d records of 50 beats", n)
	}
	pauses := 0
	for i := 1; i < len(recs); i++ {
		if recs[i].Time.Sub(recs[i-1].Time) >= time.Second {
			pauses++
		}
	}
	if pauses != 1 {
		t.Errorf("%d pauses", pauses)
	}
}

func TestThePumpSendsAtMostOnceABeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := newPump(ctx, frameInterval)
		var sent []time.Time
		records := 0
		p.start(func(m tea.Msg) {
			sent = append(sent, time.Now())
			for _, piece := range m.(batch) {
				records += len(piece.records)
			}
		})
		r := newJournalRun("r")
		p.watch(1, r)
		for range 1000 {
			r.write(flow.Record{Kind: flow.StepStarted})
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		cancel()
		p.wait()
		for i := 1; i < len(sent); i++ {
			if d := sent[i].Sub(sent[i-1]); d < frameInterval {
				t.Fatalf("two batches within %v", d)
			}
		}
		if records != 1000 || len(sent) > 64 {
			t.Errorf("%d records in %d batches", records, len(sent))
		}
	})
}

func TestALongJournalIsSentInFullBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 50_000
		ctx, cancel := context.WithCancel(t.Context())
		p := newPump(ctx, frameInterval)
		r := newJournalRun("r")
		for range n {
			r.write(flow.Record{Kind: flow.StepStarted})
		}
		records, batches := 0, 0
		p.start(func(m tea.Msg) {
			batches++
			for _, piece := range m.(batch) {
				records += len(piece.records)
			}
		})
		p.watch(1, r)
		time.Sleep(time.Second)
		cancel()
		p.wait()
		if most := n/maxBatch + 3; records != n || batches > most { // the first and the last are not full
			t.Errorf("%d records of %d in %d batches, at most %d", records, n, batches, most)
		}
	})
}

func TestTheTerminalShowsWhatTheProgramIsDoing(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("shift+tab", "may I?", "enter")
		s.wait(100 * time.Millisecond)
		out := func() string { s.mu.Lock(); defer s.mu.Unlock(); return s.out.String() }
		for what, want := range map[string]string{"title": "weft is answering: may I?", "progress": "\x1b]9;4;3"} {
			if !strings.Contains(out(), want) {
				t.Errorf("%s: %q was not written", what, want)
			}
		}
		s.wait(time.Second)
		for what, want := range map[string]string{"title": "weft needs you: synthesize asks you", "progress": "\x1b]9;4;4", "status": "blocked", "bell": "\a"} {
			if !strings.Contains(out(), want) {
				t.Errorf("%s: %q was not written", what, want)
			}
		}
		s.press("y", "enter")
		s.wait(time.Second)
		s.press("tab", "q")
		<-s.done
		if o := out(); !strings.Contains(o[strings.LastIndex(o, "\x1b]9;4;"):], "\x1b]9;4;0") || strings.LastIndex(o, "state=done") < strings.LastIndex(o, "state=working") {
			t.Errorf("the last words to the terminal: %q", o[max(0, len(o)-400):])
		}
	})
}
