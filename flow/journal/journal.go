// Package journal keeps the records of runs on disk: one file for each run, one line for each
// record.
//
//	dir, err := journal.Open(path)
//	w, err := dir.Create(id)
//	run, err := wf.Start(ctx, start, flow.ID(id), flow.Keep(w))
//	…
//	w.Close()
//
// and in a later process:
//
//	file, w, err := dir.Continue(id)
//	run, err = wf.Resume(ctx, slices.Values(file.Records), flow.Keep(w))
//	…
//	w.Close()
//
// A first process that leaves a run for a later one calls Run.Suspend of package flow before it
// closes the writer.
//
// # Format
//
// The first line is a header: the format's name and version, the run, the workflow and its shape,
// the program, the time, the parent of a fork, and the process that writes. Each further line is a
// record as JSON, a space, and eight hexadecimal digits: the CRC-32C of the line before's checksum
// (four bytes, big endian) followed by the line's JSON. So the lines form a chain: a bit that
// flips, a line that is lost, moved or doubled does not go unnoticed.
//
// Lines without checksums, with or without a header, can be read too: the output of "weft ask
// --json" and exports have this form. [File.Sealed] reports whether there were checksums.
//
// A part of a payload that has 64 KiB or more is not in its line. It has a file of its own, named
// by its SHA-256, which all records and runs of a folder share.
//
// # Owner
//
// A journal that is being written has one owner. [Dir.Create] and [Dir.Continue] take a lock that
// ends with the process, and return an [OwnedError] while another process holds it. Taking a
// journal over is a record with a number, the epoch, that is one higher than the last owner's; a
// writer that finds its journal written by another one stops. To read and to follow needs no lock.
//
// # What survives
//
// Lines are written in groups, each by one write, so that a process that is killed leaves at most
// its last line torn. The file is synced each second and at the end. A torn line at the end of a
// file is left out when the file is read, and cut off when the run is continued. Any other damage
// is an error that names the line.
package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"

	"weft/flow"
)

// Version is the version of the format that this package writes. A new kind of record needs no new
// version. The version is raised when something that exists is written in another way.
const Version = 1

// The outcomes of reading and writing that a program may want to distinguish with errors.Is. Errors
// of this package wrap them.
var (
	ErrCorrupt  = errors.New("the journal is damaged")                     // it was changed after it was written
	ErrNewer    = errors.New("the journal was written by a newer version") // a program that knows its format or its records is needed
	ErrForeign  = errors.New("this is no journal")                         // it is a file of another kind
	ErrEmpty    = errors.New("the journal is empty")                       // its process ended before the run began
	ErrOwned    = errors.New("the run is under way in another process")    // see OwnedError
	ErrEnded    = errors.New("the run is over")                            // nothing can follow
	ErrExists   = errors.New("there is a journal of this run")             // Create does not replace a journal
	ErrUnsealed = errors.New("the journal has no checksums")               // it can be read, but not continued
)

// header is the first line of a journal.
type header struct {
	Journal string `json:"journal"`
	Version int    `json:"version"`
	flow.Header
	Owner *Owner `json:"owner,omitempty"`
}

const formatName = "weft"

var table = crc32.MakeTable(crc32.Castagnoli)

// seal appends the checksum of the JSON that b has from start on, and the end of the line.
func seal(chain uint32, b []byte, start int) (uint32, []byte) {
	sum := checksum(chain, b[start:])
	b = append(b, ' ')
	var digits [4]byte
	binary.BigEndian.PutUint32(digits[:], sum)
	return sum, append(hex.AppendEncode(b, digits[:]), '\n')
}

func checksum(chain uint32, line []byte) uint32 {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], chain)
	return crc32.Update(crc32.Update(0, table, b[:]), table, line)
}

// unseal splits a line, without its end, into its JSON and its checksum. A line that ends with a
// brace has no checksum.
func unseal(chain uint32, line []byte) (doc []byte, sum uint32, sealed, ok bool) {
	n := len(line) - 9
	if n < 2 || line[n] != ' ' || !isHex(line[n+1:]) {
		return line, 0, false, bytes.HasSuffix(bytes.TrimRight(line, " \r"), []byte("}"))
	}
	sum = checksum(chain, line[:n])
	var digits [4]byte
	binary.BigEndian.PutUint32(digits[:], sum)
	return line[:n], sum, true, bytes.Equal(hex.AppendEncode(nil, digits[:]), line[n+1:])
}

func isHex(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
