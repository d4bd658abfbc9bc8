package fold

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"time"
)

// snapshotVersion is the version of the format of snapshots. Any other version is refused. A new
// field that may be left out needs no new version.
const snapshotVersion = 1

// A Snapshot is the state of a run at an instant: all that is needed to continue, and nothing of
// the past. Its size depends on what is open, not on how long the run took. It is stored as JSON.
type Snapshot struct {
	Version  int    `json:"version"`
	Run      string `json:"run"`
	Workflow string `json:"workflow"`
	// The description of the workflow, by which a changed workflow is refused.
	Shape     []stepDescription            `json:"steps"`
	Events    map[string]map[string]string `json:"events,omitempty"`
	Seq       uint64                       `json:"seq"`  // the last record before the instant
	Time      time.Time                    `json:"time"` // the instant
	IDs       uint32                       `json:"ids"`
	Paused    bool                         `json:"paused,omitempty"`
	Suspended bool                         `json:"suspended,omitempty"`
	Permits   int                          `json:"permits,omitempty"`
	PausedAt  uint32                       `json:"passed,omitempty"`
	Runs      []snapRun                    `json:"runs"` // the run and its sub-workflows
}

type snapRun struct {
	Sub      uint32              `json:"sub"`
	Phase    phase               `json:"phase"`
	Execs    []snapExec          `json:"executions,omitempty"`
	Scopes   []snapScope         `json:"scopes,omitempty"`
	Collects []snapCollect       `json:"collects,omitempty"`
	Early    []snapEvent         `json:"kept,omitempty"`
	Values   map[string]box      `json:"values,omitempty"`
	Left     int64               `json:"timeout_left,omitempty"`
	Clock    bool                `json:"clock,omitempty"` // the timeout's clock runs
	Cleaning bool                `json:"cleaning,omitempty"`
	Ending   *snapEnding         `json:"ending,omitempty"`
	Order    map[string][]uint32 `json:"order,omitempty"` // the executions that wait, by the name of the queue
}

type snapExec struct {
	ID           uint32      `json:"id"`
	Step         string      `json:"step"`
	Type         string      `json:"type"`
	In           []box       `json:"in"`
	Cause        uint32      `json:"cause"`
	Scope        uint32      `json:"scope,omitempty"`
	Order        uint32      `json:"order,omitempty"`
	Lineage      []snapLine  `json:"lineage,omitempty"`
	Delivered    uint32      `json:"flushed,omitempty"`
	Attempt      int32       `json:"attempt,omitempty"`
	Worker       uint16      `json:"worker,omitempty"`
	Status       status      `json:"status"`
	Replied      bool        `json:"woken,omitempty"`
	Waiting      bool        `json:"idle,omitempty"`
	Undispatched bool        `json:"direct,omitempty"`
	Out          []snapEvent `json:"out,omitempty"`
	Opened       uint32      `json:"opened,omitempty"` // its fan-out
	Since        int64       `json:"since,omitempty"`
	Spent        int64       `json:"spent,omitempty"`
	Mark         int64       `json:"mark,omitempty"`
	Due          int64       `json:"due,omitempty"`
	Awaits       []snapAwait `json:"awaits,omitempty"`
	Calls        []snapCall  `json:"calls,omitempty"`
	Error        string      `json:"error,omitempty"`
	Codes        []ErrorCode `json:"codes,omitempty"`
	Final        bool        `json:"final,omitempty"`
	Attempts     int         `json:"attempts,omitempty"` // that the policy allows, if it waits for the next
	Child        *snapEnding `json:"child,omitempty"`    // how its sub-workflow ended
}

type snapLine struct {
	Step string `json:"step"`
	N    int    `json:"n"`
}

type snapEvent struct {
	ID      uint32     `json:"id"`
	Type    string     `json:"type"`
	To      string     `json:"to,omitempty"`
	Payload box        `json:"payload"`
	Lineage []snapLine `json:"lineage,omitempty"`
}

type snapScope struct {
	ID        uint32       `json:"id"`
	Step      string       `json:"step"`
	Joins     bool         `json:"joins"`
	Parent    uint32       `json:"parent,omitempty"`
	Order     uint32       `json:"order,omitempty"`
	Lineage   []snapLine   `json:"lineage,omitempty"`
	Exec      uint32       `json:"execution"`
	Open      int          `json:"open"`
	Yielded   uint32       `json:"yielded"`
	Waiting   int          `json:"waiting,omitempty"`
	Ended     bool         `json:"ended,omitempty"`
	Abandoned bool         `json:"dying,omitempty"`
	Fired     []bool       `json:"fired,omitempty"`
	Results   []snapResult `json:"results,omitempty"`
	Items     []box        `json:"items,omitempty"`
}

type snapResult struct {
	Path  []uint32 `json:"path,omitempty"`
	Order uint32   `json:"order"`
	To    string   `json:"to,omitempty"`
	Event box      `json:"event"`
}

type snapAwait struct {
	ID       uint32 `json:"id"`
	Key      string `json:"key"`
	Type     string `json:"type,omitempty"` // of the reply; "": it is a sleep
	Ask      Prompt `json:"ask"`
	Open     bool   `json:"open,omitempty"`
	Answered bool   `json:"found,omitempty"`
	Cause    uint32 `json:"cause,omitempty"`
	Reply    box    `json:"reply,omitempty"`
	Error    string `json:"error,omitempty"`
	Since    int64  `json:"since,omitempty"`
	Due      int64  `json:"due,omitempty"`
}

type snapCall struct {
	ID     uint32     `json:"id"`
	Key    string     `json:"key"`
	Name   string     `json:"name"` // the idempotency key
	Doubts int        `json:"doubts,omitempty"`
	Status callStatus `json:"status"`
	Result box        `json:"result,omitempty"`
}

type snapCollect struct {
	Step  string        `json:"step"`
	Scope uint32        `json:"scope,omitempty"`
	Order uint32        `json:"order,omitempty"`
	Got   [][]snapEvent `json:"got"`
}

type snapEnding struct {
	Kind  Kind        `json:"kind"`
	Error string      `json:"error,omitempty"`
	Codes []ErrorCode `json:"codes,omitempty"`
	Event snapEvent   `json:"event"`
	Exec  uint32      `json:"execution,omitempty"`
	Step  int16       `json:"step"`
}

// A box holds a Go value of the run, or its JSON if the snapshot was read.
type box struct{ v any }

// MarshalJSON writes the value.
func (b box) MarshalJSON() ([]byte, error) { return json.Marshal(b.v) }

// UnmarshalJSON keeps the JSON.
func (b *box) UnmarshalJSON(raw []byte) error {
	b.v = json.RawMessage(slices.Clone(raw))
	return nil
}

// A written is a Snapshot as it is stored: with a checksum (CRC-32C) of its JSON without white
// space.
type written struct {
	Snapshot json.RawMessage `json:"snapshot"`
	Sum      string          `json:"crc32c"`
}

type plainSnapshot Snapshot

// MarshalJSON writes the snapshot with a checksum.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(plainSnapshot(s))
	if err != nil {
		return nil, err
	}
	return json.Marshal(written{b, checksum(b)})
}

// UnmarshalJSON reads a snapshot and refuses one that was damaged.
func (s *Snapshot) UnmarshalJSON(b []byte) error {
	var w written
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	var doc bytes.Buffer
	if err := json.Compact(&doc, w.Snapshot); err != nil {
		return fmt.Errorf("flow: snapshot: %w", err)
	}
	if checksum(doc.Bytes()) != w.Sum {
		return errors.New("flow: the snapshot is damaged: its checksum does not fit")
	}
	return json.Unmarshal(doc.Bytes(), (*plainSnapshot)(s))
}

func checksum(b []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// Writable returns an error if a snapshot cannot be encoded as JSON. Call it when the snapshot is
// taken: an error when it is needed comes too late.
func (s *Snapshot) Writable() error {
	_, err := json.Marshal((*plainSnapshot)(s))
	return err
}
