package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"weft/flow/internal/program"
)

// header returns the header of the run's journal.
func (r *run) header(parent *Parent) Header {
	shape := r.c.Shape()
	sum := sha256.Sum256(shape)
	return Header{
		Run: r.id, Workflow: r.c.Name, Hash: hex.EncodeToString(sum[:8]), Shape: shape,
		Program: program.Name(), Created: time.Now().UTC(), Parent: parent, Labels: r.labels,
	}
}
