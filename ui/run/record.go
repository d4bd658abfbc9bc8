package run

import (
	"math"
	"time"

	"weft/flow"
)

// records holds the records of a run in less than half the memory of a list of them: names, which
// repeat, are numbers, and what few records have is kept apart.
type records struct {
	list   pages[packed]
	names  []string
	number map[string]uint32  // of a name in names
	recent [nameFields]uint32 // the name that each field had in the last record
	rare   []rareFields
}

// A packed is a record of a list of records.
type packed struct {
	payload                 any
	seq                     uint64
	nanos                   int64 // since 1970, of the time
	execution, event, cause uint64
	names                   [nameFields]uint32
	worker, attempt         int32
	attempts, index         int32
	rare                    uint32 // index in records.rare, from 1; 0: it has no such field
	kind                    flow.Kind
	utc                     bool // the time is in UTC, and otherwise in the local zone
}

// The fields of a record that are names.
const (
	nameRun = iota
	nameStep
	nameType
	nameFields
)

// rareFields holds the fields that few records have.
type rareFields struct {
	err   string
	codes []flow.ErrorCode
	due   time.Time
	time  *time.Time // if its year or its zone is an unusual one
}

func (l *records) len() int { return l.list.len() }

// kind returns the kind of a record.
func (l *records) kind(i int) flow.Kind { return l.list.at(i).kind }

func (l *records) append(r flow.Record) {
	p := packed{
		payload: r.Payload, seq: r.Seq, nanos: r.Time.UnixNano(), utc: r.Time.Location() == time.UTC, kind: r.Kind,
		execution: r.Execution, event: r.Event, cause: r.Cause,
		worker: small(r.Worker), attempt: small(r.Attempt), attempts: small(r.Attempts), index: small(r.Index),
		names: [nameFields]uint32{l.name(nameRun, r.Run), l.name(nameStep, r.Step), l.name(nameType, r.Type)},
	}
	rare := rareFields{err: r.Error, codes: r.Codes, due: r.Due}
	if zone := r.Time.Location(); !time.Unix(0, p.nanos).Equal(r.Time) || zone != time.UTC && zone != time.Local {
		rare.time = &r.Time
	}
	if rare.err != "" || rare.codes != nil || !rare.due.IsZero() || rare.time != nil {
		l.rare = append(l.rare, rare)
		p.rare = uint32(len(l.rare))
	}
	l.list.append(p)
}

// name returns the number of a name.
func (l *records) name(field int, s string) uint32 {
	if n := l.recent[field]; int(n) < len(l.names) && l.names[n] == s {
		return n
	}
	n, known := l.number[s]
	if !known {
		if l.number == nil {
			l.number = map[string]uint32{}
		}
		n = uint32(len(l.names))
		l.names = append(l.names, s)
		l.number[s] = n
	}
	l.recent[field] = n
	return n
}

// small returns a number that is never negative nor large, unless the journal is broken.
func small(n int) int32 { return int32(min(max(n, math.MinInt32), math.MaxInt32)) }

// at returns a record.
func (l *records) at(i int) flow.Record {
	p := l.list.at(i)
	r := flow.Record{
		Payload: p.payload, Seq: p.seq, Time: time.Unix(0, p.nanos), Kind: p.kind,
		Execution: p.execution, Event: p.event, Cause: p.cause,
		Worker: int(p.worker), Attempt: int(p.attempt), Attempts: int(p.attempts), Index: int(p.index),
		Run: l.names[p.names[nameRun]], Step: l.names[p.names[nameStep]], Type: l.names[p.names[nameType]],
	}
	if p.utc {
		r.Time = r.Time.UTC()
	}
	if p.rare > 0 {
		rare := &l.rare[p.rare-1]
		r.Error, r.Codes, r.Due = rare.err, rare.codes, rare.due
		if rare.time != nil {
			r.Time = *rare.time
		}
	}
	return r
}
