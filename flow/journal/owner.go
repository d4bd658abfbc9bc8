package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"weft/flow"
	"weft/flow/internal/program"
)

// An Owner is the process that writes a journal. It is the payload of a RunAdopted record.
type Owner struct {
	Epoch   int    `json:"epoch"` // 1 for the first owner, one higher for each that follows
	PID     int    `json:"pid"`
	Host    string `json:"host,omitempty"`
	Program string `json:"program,omitempty"`
	Socket  string `json:"socket,omitempty"` // in the folder, through which it takes events; see Dir.Listen
}

// thisProcess returns this process as an owner.
func thisProcess(epoch int) Owner {
	host, _ := os.Hostname() // without a host name the process is known by its number alone
	return Owner{Epoch: epoch, PID: os.Getpid(), Host: host, Program: program.Name()}
}

// String names the process.
func (o Owner) String() string {
	if o.PID == 0 {
		return "a process that has not yet begun the run"
	}
	return fmt.Sprintf("process %d on %s (%s)", o.PID, o.Host, o.Program)
}

// An OwnedError says that a run is under way in another process, or in this one. It wraps
// [ErrOwned].
type OwnedError struct {
	Run   string
	Owner Owner
}

func (e *OwnedError) Error() string {
	return fmt.Sprintf("journal: %v: run %s is with %v; wait for its end, or end that process", ErrOwned, e.Run, e.Owner)
}

// Unwrap returns ErrOwned.
func (e *OwnedError) Unwrap() error { return ErrOwned }

// A StaleError says that another process has taken over a run, so that this process must not write
// its journal any more. It wraps [flow.ErrNotOwner].
type StaleError struct {
	Run   string
	Owner Owner // who has it now; zero: it is not known
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("journal: %v: run %s is with %v", flow.ErrNotOwner, e.Run, e.Owner)
}

// Unwrap returns flow.ErrNotOwner.
func (e *StaleError) Unwrap() error { return flow.ErrNotOwner }

// Owner returns the process that owns a run, and reports whether there is one. A process that takes
// the run over at the same instant may be refused.
func (d *Dir) Owner(id string) (Owner, bool, error) {
	path, err := d.Path(id)
	if err != nil {
		return Owner{}, false, err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return Owner{}, false, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	taken, err := lock(f)
	if err != nil {
		return Owner{}, false, fmt.Errorf("journal: lock %s: %w", path, err)
	}
	if !taken {
		return Owner{}, false, nil
	}
	return ownerOf(f), true, nil
}

// ownerOf returns the last owner that a journal names; zero: there is none. It decodes the lines
// that may name one alone, so that a long journal takes little time, and checks no checksums.
func ownerOf(f *os.File) (owner Owner) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Owner{}
	}
	var head header
	for n, lines := 0, bufio.NewReaderSize(f, 64<<10); ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil { // half a line at the end counts as none
			return owner
		}
		switch {
		case n == 0:
			if json.NewDecoder(bytes.NewReader(line)).Decode(&head) == nil && head.Owner != nil {
				owner = *head.Owner
			}
		case bytes.Contains(line, adoptedKind):
			var r struct {
				Kind  flow.Kind `json:"kind"`
				Owner Owner     `json:"payload"`
			}
			if json.NewDecoder(bytes.NewReader(line)).Decode(&r) == nil && r.Kind == flow.RunAdopted {
				owner = r.Owner
			}
		}
	}
}

// adoptedKind is in every line that holds a RunAdopted record.
var adoptedKind = fmt.Appendf(nil, `"kind":%q`, flow.RunAdopted)
