package index

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"time"
)

// A logRecord is a record that is read from the log. Records are decoded concurrently, because
// decoding analyses the texts again, which is most of the work, and are applied in the log's order.
type logRecord struct {
	payload []byte
	end     int64 // offset after the record in the log

	decoded chan struct{} // closed when the fields below are set
	tx      transaction
	vectors *loggedVectors // nil for a transaction
	err     error
}

// readLog applies the valid records of a log, and reports their number and the offset after the last
// one, which is 0 if the log belongs to another generation or version.
func (x *Index) readLog(data []byte, generation key) (records int, good int64) {
	if len(data) < logHeaderSize || !bytes.Equal(data[:logHeaderSize], logHeader(generation)) {
		return 0, 0
	}
	good = int64(logHeaderSize)
	total := int64(len(data))
	report := x.openingReporter(total)
	if total > good {
		report(0)
		defer report(total)
	}
	var decoding []*logRecord // in the log's order
	next, ahead := good, 2*runtime.GOMAXPROCS(0)
	for {
		for len(decoding) < ahead {
			r := recordAt(data, next)
			if r == nil {
				break
			}
			next = r.end
			decoding = append(decoding, r)
			go x.decodeRecord(r)
		}
		if len(decoding) == 0 {
			return records, good
		}
		r := decoding[0]
		decoding = decoding[1:]
		<-r.decoded
		if x.applyRecord(r) != nil {
			for _, r := range decoding {
				<-r.decoded
			}
			return records, good
		}
		records, good = records+1, r.end
		report(good)
	}
}

// recordAt returns the record at an offset of a log, or nil if there is none whose length and
// checksum are valid.
func recordAt(log []byte, at int64) *logRecord {
	rest := log[at:]
	if len(rest) < recordHead {
		return nil
	}
	n := int(binary.LittleEndian.Uint32(rest))
	if n > len(rest)-recordHead {
		return nil
	}
	payload := rest[recordHead : recordHead+n]
	crc := crc32.Update(crc32.Checksum(rest[:4], castagnoli), castagnoli, payload)
	if crc != binary.LittleEndian.Uint32(rest[4:]) {
		return nil
	}
	return &logRecord{payload: payload, end: at + recordHead + int64(n), decoded: make(chan struct{})}
}

// decodeRecord decodes a record. It may run concurrently with the decoding and applying of others.
func (x *Index) decodeRecord(r *logRecord) {
	defer close(r.decoded)
	if len(r.payload) == 0 {
		r.err = errDamaged
		return
	}
	d := &decoder{b: r.payload[1:]}
	switch r.payload[0] {
	case recordTransaction:
		r.tx = x.decodeTransaction(d)
	case recordVectors:
		vectors := decodeVectors(d)
		r.vectors = &vectors
	default:
		d.fail()
	}
	r.err = d.err
}

// applyRecord applies a decoded record. A record that touches an unknown file is not applied, because
// no index has written it.
func (x *Index) applyRecord(r *logRecord) error {
	if r.err != nil {
		return r.err
	}
	if r.vectors != nil {
		x.logged = append(x.logged, *r.vectors)
		return nil
	}
	for i, touched := range r.tx.touches {
		f, ok := x.files[touched.path]
		if !ok {
			return errDamaged
		}
		changed := *f
		changed.stamp, changed.checked = touched.stamp, touched.checked
		r.tx.touches[i] = &changed
	}
	x.apply(r.tx)
	return nil
}

// openingReporter returns a function that passes on how many bytes of a log are read, at most about
// twenty times a second, and the last of them.
func (x *Index) openingReporter(total int64) func(done int64) {
	if x.opts.Opening == nil {
		return func(int64) {}
	}
	reported, last := time.Time{}, int64(-1)
	return func(done int64) {
		if now := time.Now(); done > last && (done == total || now.Sub(reported) >= reportTime) {
			reported, last = now, done
			x.opts.Opening(done, total)
		}
	}
}
