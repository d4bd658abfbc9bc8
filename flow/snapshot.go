package flow

import (
	"encoding/json"
	"time"

	"weft/flow/internal/fold"
)

// A Snapshot is the state of a run at an instant: all that is needed to continue with
// [Workflow.ResumeFrom], and nothing of the past. Its size depends on what is open, not on how long
// the run took. It is stored as JSON with a checksum; a damaged one is refused when it is read.
type Snapshot struct{ state fold.Snapshot }

// Run returns the identifier of the run.
func (s *Snapshot) Run() string { return s.state.Run }

// Workflow returns the name of the workflow.
func (s *Snapshot) Workflow() string { return s.state.Workflow }

// Seq returns the number of the last record before the instant.
func (s *Snapshot) Seq() uint64 { return s.state.Seq }

// Time returns the instant.
func (s *Snapshot) Time() time.Time { return s.state.Time }

// MarshalJSON writes the snapshot with a checksum.
func (s *Snapshot) MarshalJSON() ([]byte, error) { return json.Marshal(s.state) }

// UnmarshalJSON reads a snapshot, and refuses one that was damaged.
func (s *Snapshot) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &s.state) }
