package index

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
)

// The log holds the records committed since the snapshot that it belongs to:
//
//	header  "WEFTLOG2", the snapshot's generation (16 bytes, zero if there is no snapshot),
//	        version, CRC-32C of these three
//	record  length of the payload (uint32), CRC-32C of length and payload (uint32), payload
//
// A record is a transaction or a batch of vectors. Reading stops at the first incomplete record.
// After a crash that is the record that was being written.
const (
	logMagic      = "WEFTLOG2"
	logHeaderSize = len(logMagic) + len(key{}) + 4 + 4
	recordHead    = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func logHeader(generation key) []byte {
	b := append([]byte(logMagic), generation[:]...)
	b = binary.LittleEndian.AppendUint32(b, snapshotVersion)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// frame returns a payload framed as a record.
func frame(payload []byte) []byte {
	b := make([]byte, recordHead, recordHead+len(payload))
	binary.LittleEndian.PutUint32(b, uint32(len(payload)))
	crc := crc32.Update(crc32.Checksum(b[:4], castagnoli), castagnoli, payload)
	binary.LittleEndian.PutUint32(b[4:], crc)
	return append(b, payload...)
}

// append writes a record after the last valid one. If it cannot be written completely, for instance
// because the disk is full, later appends do nothing: the disk keeps the previous state, and the
// next update ends with an attempt to write a full snapshot.
func (k *disk) append(payload []byte) {
	if k.failed != nil {
		return
	}
	rec := frame(payload)
	if _, err := k.log.WriteAt(rec, k.logSize); err != nil {
		k.failed = err
		_ = k.log.Truncate(k.logSize) // readers would skip the incomplete record anyway
		return
	}
	k.logSize += int64(len(rec))
	k.dirty = true
}

// sync makes the appended records durable.
func (k *disk) sync() {
	if !k.dirty || k.failed != nil {
		return
	}
	k.dirty = false
	k.failed = k.log.Sync()
}

// readFile returns the content of a file, or nil if it does not exist.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b := make([]byte, fi.Size())
	n, err := io.ReadFull(f, b)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil // another process has truncated it
	}
	return b[:n], err
}
