package journal

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/flow"
	"weft/flow/internal/program"
)

// asks returns a workflow that waits for a reply.
func asks() *flow.Workflow[start, stop] {
	wf := flow.New[start, stop]("ask")
	flow.Step(wf, "ask", func(c *flow.Context, _ start) (stop, error) {
		r, err := flow.Await[tick](c, "k", start{})
		return stop(r), err
	}, flow.Awaits[tick]())
	return wf
}

// waiting starts a kept run and returns when it waits for a reply.
func waiting(t *testing.T, dir *Dir, id string) (*flow.Run[stop], *Writer) {
	t.Helper()
	w, err := dir.Create(id)
	if err != nil {
		t.Fatal(err)
	}
	run, err := asks().Start(t.Context(), start{}, flow.ID(id), flow.Keep(w, flow.Sync()))
	if err != nil {
		t.Fatal(err)
	}
	untilAsked(t, dir, id)
	return run, w
}

// untilAsked returns when the journal of a run says that it waits for a reply.
func untilAsked(t *testing.T, dir *Dir, id string) {
	t.Helper()
	for r, err := range dir.Follow(t.Context(), id, 0, time.Millisecond) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == flow.AwaitOpened {
			return
		}
	}
	t.Fatal("the run asks nothing")
}

func open(t *testing.T) *Dir {
	t.Helper()
	dir, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestR60_AJournalHasOneOwner(t *testing.T) {
	dir := open(t)
	run, w := waiting(t, dir, "r")
	_, _, continued := dir.Continue("r")
	_, created := dir.Create("r")
	for what, err := range map[string]error{"continue": continued, "create": created, "remove": dir.Remove("r"), "compact": dir.Compact("r", nil)} {
		var owned *OwnedError
		if !errors.As(err, &owned) || !errors.Is(err, ErrOwned) || owned.Owner.PID != os.Getpid() || owned.Run != "r" {
			t.Errorf("%s: %v", what, err)
			continue
		}
		for _, part := range []string{fmt.Sprint("process ", os.Getpid()), owned.Owner.Host, program.Name(), "run r"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v does not name %s", what, err, part)
			}
		}
	}
	if got, err := dir.Read("r"); err != nil || len(got.Records) == 0 {
		t.Error("a journal with an owner cannot be read:", err)
	}
	if err := run.Send(tick{4}); err != nil {
		t.Fatal(err)
	}
	if s, err := run.Wait(t.Context()); err != nil || s != (stop{4}) {
		t.Error(s, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if got, _, err := dir.Continue("r"); !errors.Is(err, ErrEnded) || len(got.Records) == 0 {
		t.Error(err)
	}
	if err := dir.Remove("r"); err != nil {
		t.Error(err)
	}
}

// TestR60_TakingOverIsARecord closes a journal, as the end of its process does, and lets another
// run continue it.
func TestR60_TakingOverIsARecord(t *testing.T) {
	dir := open(t)
	first, w := waiting(t, dir, "r")
	w.Close()
	for epoch := 2; epoch < 5; epoch++ {
		file, w, err := dir.Continue("r")
		if err != nil {
			t.Fatal(err)
		}
		last := file.Records[len(file.Records)-1]
		if owner, ok := last.Payload.(Owner); !ok || last.Kind != flow.RunAdopted || owner.Epoch != epoch || owner.PID != os.Getpid() {
			t.Errorf("the last record is %v %v", last.Kind, last.Payload)
		}
		run, err := asks().Resume(t.Context(), slices.Values(file.Records), flow.Keep(w, flow.Sync()))
		if err != nil {
			t.Fatal(err)
		}
		if epoch == 4 {
			if err := run.Send(tick{4}); err != nil {
				t.Fatal(err)
			}
			if s, err := run.Wait(t.Context()); err != nil || s != (stop{4}) {
				t.Error(s, err)
			}
		}
		w.Close()
	}
	got, err := dir.Read("r")
	if err != nil || got.owner.Epoch != 4 {
		t.Error(err, got.owner)
	}
	// The first run has no journal any more: an event sent to it is not kept, and JournalErr says
	// so.
	if err := first.Send(tick{5}); err != nil || first.JournalErr() == nil {
		t.Error(err, first.JournalErr())
	}
}

// TestR60_AWriterThatWasReplacedEndsItsRun writes to a journal like a process that cannot see the
// owner's lock.
func TestR60_AWriterThatWasReplacedEndsItsRun(t *testing.T) {
	dir := open(t)
	run, w := waiting(t, dir, "r")
	defer w.Close()
	path, err := dir.Path("r")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := dir.read(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dir.adopt(f, "r", file); err != nil {
		t.Fatal(err)
	}
	var stale *StaleError
	if err := run.Send(tick{4}); !errors.As(err, &stale) || !errors.Is(err, flow.ErrNotOwner) || stale.Owner.Epoch != 2 {
		t.Error(err)
	}
	if _, err := run.Wait(t.Context()); !errors.Is(err, flow.ErrNotOwner) {
		t.Error("the run continues:", err)
	}
	if got, err := dir.Read("r"); err != nil || got.owner.Epoch != 2 {
		t.Error("the new owner's journal is damaged:", err)
	}
}

// TestARunAndItsJournalBelongTogether uses writers in ways that would mix journals.
func TestARunAndItsJournalBelongTogether(t *testing.T) {
	dir := open(t)
	w, err := dir.Create("file")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := asks().Start(t.Context(), start{}, flow.ID("other"), flow.Keep(w)); err == nil || !strings.Contains(err.Error(), "of run file and not of other") {
		t.Error(err)
	}
	run, err := asks().Start(t.Context(), start{}, flow.ID("file"), flow.Keep(w))
	if err != nil {
		t.Fatal(err)
	}
	untilAsked(t, dir, "file")
	if _, err := asks().Start(t.Context(), start{}, flow.ID("file"), flow.Keep(w)); !errors.Is(err, ErrOwned) {
		t.Errorf("two runs write one journal: %v", err)
	}
	if err := run.Send(tick{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(t.Context()); err != nil || run.JournalErr() != nil {
		t.Error(err, run.JournalErr())
	}
	w.Close()
	if _, err := dir.Create("file"); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
}

// TestEveryJournalIsSelfContained forks a run, continues one from a snapshot, and compacts a journal,
// and resumes each from its own file after the original file was removed.
func TestEveryJournalIsSelfContained(t *testing.T) {
	dir := open(t)
	run, w := waiting(t, dir, "parent")
	snap, err := run.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	parent, err := dir.Read("parent")
	if err != nil {
		t.Fatal(err)
	}
	last := parent.Records[len(parent.Records)-1].Seq
	create := func(id string) *Writer {
		w, err := dir.Create(id)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	forkWriter, restoredWriter, copiedWriter := create("fork"), create("restored"), create("copied")
	fork, err := asks().Fork(t.Context(), slices.Values(parent.Records), last, flow.ID("fork"), flow.Keep(forkWriter))
	if err != nil {
		t.Fatal(err)
	}
	restored, err := asks().ResumeFrom(t.Context(), snap, flow.ID("restored"), flow.Keep(restoredWriter))
	if err != nil {
		t.Fatal(err)
	}
	copied, err := asks().Resume(t.Context(), slices.Values(parent.Records), flow.ID("copied"), flow.Keep(copiedWriter))
	if err != nil {
		t.Fatal(err)
	}
	forkWriter.Close() // like the end of its process
	restoredWriter.Close()
	copiedWriter.Close()
	for _, r := range []*flow.Run[stop]{run, fork, restored, copied} {
		r.Cancel(nil)
	}
	compact, err := asks().SnapshotOf(slices.Values(parent.Records))
	if err != nil {
		t.Fatal(err)
	}
	short, err := asks().SnapshotOf(slices.Values(parent.Records[:1]))
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.Compact("parent", short); err == nil {
		t.Error("a journal is compacted to a snapshot before its last record")
	}
	if err := dir.Compact("parent", compact); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"parent", "fork", "restored", "copied"} {
		file, w, err := dir.Continue(id)
		if err != nil {
			t.Fatal(id, err)
		}
		if k := file.Records[0].Kind; id == "fork" && k != flow.RunForked || id != "fork" && k != flow.RunRestored {
			t.Errorf("%s begins with %v", id, k)
		}
		if p := file.Header.Parent; id != "copied" && (p == nil || p.Run != "parent" || p.Seq+1 != file.Records[0].Seq) {
			t.Errorf("the parent of %s is %v", id, p)
		}
		r, err := asks().Resume(t.Context(), slices.Values(file.Records), flow.Keep(w))
		if err != nil {
			t.Fatal(id, err)
		}
		if err := r.Send(tick{6}); err != nil {
			t.Fatal(err)
		}
		if s, err := r.Wait(t.Context()); err != nil || s != (stop{6}) || r.ID() != id {
			t.Error(id, s, err, r.ID())
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := dir.Remove(id); err != nil {
			t.Error(err)
		}
	}
}

// TestAFollowerContinuesInACompactedJournal follows a run while its journal is replaced by a shorter
// one and the run is continued in that.
func TestAFollowerContinuesInACompactedJournal(t *testing.T) {
	dir := open(t)
	_, w := waiting(t, dir, "r")
	w.Close()
	var seen []flow.Record
	for r, err := range dir.Follow(t.Context(), "r", 0, time.Millisecond) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, r)
		if r.Kind == flow.AwaitOpened { // the last one so far
			snap, err := asks().SnapshotOf(slices.Values(seen))
			if err != nil {
				t.Fatal(err)
			}
			if err := dir.Compact("r", snap); err != nil {
				t.Fatal(err)
			}
			file, w, err := dir.Continue("r")
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			run, err := asks().Resume(t.Context(), slices.Values(file.Records), flow.Keep(w))
			if err != nil {
				t.Fatal(err)
			}
			if err := run.Send(tick{3}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, r := range seen {
		if r.Seq != uint64(i+1) {
			t.Errorf("record %d follows record %d", r.Seq, i)
		}
	}
	if last := seen[len(seen)-1]; last.Kind != flow.RunFinished {
		t.Errorf("the last record is %v", last.Kind)
	}
}

func TestLabelsAndOwnerAreReadFromTheJournal(t *testing.T) {
	dir, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := dir.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"talk": "first"}
	run, err := loop(2, 0).Start(t.Context(), start{}, flow.ID("a"), flow.Keep(w), flow.Labels(labels))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if owner, owned, err := dir.Owner("a"); err != nil || !owned || owner.PID != os.Getpid() {
		t.Errorf("its owner is %v, %v, %v, want this process", owner, owned, err)
	}
	w.Close()
	if _, owned, err := dir.Owner("a"); err != nil || owned {
		t.Errorf("after it was closed: %v, %v, want no owner", owned, err)
	}
	file, err := dir.Read("a")
	if err != nil || file.Header.Labels["talk"] != "first" {
		t.Errorf("the labels are %v, %v", file.Header.Labels, err)
	}
}
