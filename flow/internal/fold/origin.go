package fold

import (
	"encoding/json"
	"fmt"
)

// An Origin is the payload of a RunForked or RunRestored record: the state that the run begins
// with, and the run and record that it was taken from. A journal that begins with one needs no
// other journal.
type Origin struct {
	Parent string // the identifier of the run whose state it is
	Seq    uint64 // the last record of that run which the state includes
	state  *Snapshot
}

// NewOrigin returns an origin.
func NewOrigin(parent string, seq uint64, state *Snapshot) *Origin {
	return &Origin{parent, seq, state}
}

type originJSON struct {
	Parent   string    `json:"parent"`
	Seq      uint64    `json:"seq"`
	Snapshot *Snapshot `json:"snapshot"`
}

// MarshalJSON writes the origin with the snapshot.
func (o *Origin) MarshalJSON() ([]byte, error) {
	return json.Marshal(originJSON{o.Parent, o.Seq, o.state})
}

// UnmarshalJSON reads an origin, and refuses one whose snapshot was damaged.
func (o *Origin) UnmarshalJSON(b []byte) error {
	var j originJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	if j.Snapshot == nil {
		return fmt.Errorf("flow: the origin of a run has no snapshot")
	}
	*o = Origin{j.Parent, j.Seq, j.Snapshot}
	return nil
}

// Originate records, with the state at this instant, that the run continues from the record seq of
// a run: RunForked or RunRestored. The record has the time of the one before it, because the clocks
// have been stopped since then.
func (t *Tree) Originate(kind Kind, parent string, seq uint64) {
	t.tick(t.last)
	t.root.record(kind, &Origin{parent, seq, t.Snapshot(t.now)})
}

// applyOrigin begins the run with a state. If the record is not the run's first, the run has that
// state already.
func (t replayer) applyOrigin(o *Origin) error {
	if t.root.phase != phaseIdle {
		return nil
	}
	return t.Restore(o.state)
}

// Adopted returns the record that says that another process writes the journal from here on, after
// a last one. The owner is its payload.
func Adopted(last Record, owner any) Record {
	run := last.Run
	for i := range run {
		if run[i] == '/' {
			run = run[:i]
			break
		}
	}
	return Record{Seq: last.Seq + 1, Time: last.Time, Run: run, Kind: RunAdopted, Payload: owner}
}

// Unkept records that an error has ended the journal: it has no further records.
func (t *Tree) Unkept(now int64, err error) {
	if t.root.phase == phaseRunning {
		t.tick(now)
		t.root.record(JournalFailed, &fault{err: err, text: TextOf(err)})
	}
}

// Abort ends the run with an error of the engine or of its journal, unless it is ending already.
func (t *Tree) Abort(now int64, err error) {
	t.tick(now)
	t.end(&fault{err: err, text: TextOf(err), end: RunFailed})
}
