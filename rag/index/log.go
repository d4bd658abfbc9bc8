package index

import (
	"bytes"
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

// readLog calls each for the payload of every valid record of a log. It returns the offset after
// the last record for which each returned nil, or 0 if the log belongs to another generation or
// version.
func readLog(data []byte, generation key, each func(payload []byte) error) (good int64) {
	if len(data) < logHeaderSize || !bytes.Equal(data[:logHeaderSize], logHeader(generation)) {
		return 0
	}
	at := logHeaderSize
	for {
		rest := data[at:]
		if len(rest) < recordHead {
			return int64(at)
		}
		n := int(binary.LittleEndian.Uint32(rest))
		if n > len(rest)-recordHead {
			return int64(at)
		}
		payload := rest[recordHead : recordHead+n]
		crc := crc32.Update(crc32.Checksum(rest[:4], castagnoli), castagnoli, payload)
		if crc != binary.LittleEndian.Uint32(rest[4:]) || each(payload) != nil {
			return int64(at)
		}
		at += recordHead + n
	}
}

// replay applies a record of the log.
func (x *Index) replay(payload []byte) error {
	if len(payload) == 0 {
		return errDamaged
	}
	d := &decoder{b: payload[1:]}
	switch payload[0] {
	case recordTransaction:
		tx := x.decodeTransaction(d)
		if d.err != nil {
			return d.err
		}
		x.apply(tx)
	case recordVectors:
		l := decodeVectors(d)
		if d.err != nil {
			return d.err
		}
		x.logged = append(x.logged, l)
	default:
		return errDamaged
	}
	return nil
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
