package fold

import (
	"encoding/json"
	"reflect"
)

// restartType is the Type of the RunResumed record with which a run continues in a new process.
const restartType = "restart"

// A Reader reads a log forwards.
type Reader struct {
	log     *Log
	chunk   *chunk
	emitted emittedType
}

// An emittedType is the type of the last event that a step has emitted, and its name. The next one
// mostly has the same.
type emittedType struct {
	workflow *Workflow
	typ      reflect.Type
	name     string
}

// Reader returns a reader at the log's begin. Every goroutine needs its own.
func (l *Log) Reader() Reader { return Reader{log: l, chunk: &l.head} }

// Record returns the record with index i, which must be published and not before the one read last.
func (r *Reader) Record(i uint64) Record {
	p := r.internal(i)
	return r.log.export(&p, r.log.First+i+1, &r.emitted)
}

func (r *Reader) internal(i uint64) internalRecord {
	for i >= r.chunk.start+uint64(len(r.chunk.records)) {
		r.chunk = r.chunk.next
	}
	p := internalRecord{packedRecord: r.chunk.records[i-r.chunk.start]}
	if n := int(p.payload) - 1; n >= 0 {
		p.value = r.chunk.payloads[n/len(payloadBlock{})][n%len(payloadBlock{})]
		if d, ok := p.value.(*detached); ok {
			p.value, p.due, p.run = d.value, d.due, d.run
		}
	}
	return p
}

// export returns an internal record as readers see it, with names for numbers.
func (l *Log) export(p *internalRecord, seq uint64, last *emittedType) Record {
	run := p.run
	if run == nil {
		run = l.root
	}
	w := run.workflow
	out := Record{
		Seq: seq, Time: stamp(p.at), Run: run.id, Kind: p.kind, Worker: int(p.worker), Attempt: int(p.n),
		Execution: uint64(p.exec), Event: uint64(p.event), Cause: uint64(p.cause), Due: stamp(p.due),
	}
	if p.kind == EventSent {
		out.Attempt, out.Index = 0, int(p.n)
	}
	if out.Step = w.stepName(p.step); p.kind == RunStarted {
		out.Step = w.Name
	}
	if p.typ >= 0 {
		out.Type = w.Types[p.typ].Name
	}
	switch v := p.value.(type) {
	case *fault:
		out.Error, out.Attempts = v.text, v.most
		if v.err != nil && p.kind != AwaitResolved && p.kind != JournalFailed {
			out.Codes = w.CodesOf(v.err)
		}
		if v.end != 0 && (p.kind == StepFailed || p.kind == StepCancelled) {
			out.Type = v.end.String()
		}
		if e, ok := v.err.(*PanicError); ok && p.kind == StepFailed {
			out.Payload = Panic{Value: e.Error(), Stack: e.Stack}
		}
	case *Patch:
		out.Type, out.Payload = v.key, v
	case *foreign:
		out.Type, out.Payload = v.typ, json.RawMessage(v.raw)
	case suspension:
		if out.Step = w.Name; v.waits {
			out.Type = onlyWaited
		}
		if len(v.awaits) > 0 {
			out.Payload = Suspension{v.awaits}
		}
	case restarted:
		out.Type = restartType
	default:
		if out.Payload = v; p.kind == EventEmitted {
			out.Type = last.nameOf(w, reflect.TypeOf(v))
		}
	}
	return out
}

func (e *emittedType) nameOf(w *Workflow, t reflect.Type) string {
	if e.typ != t || e.workflow != w {
		*e = emittedType{w, t, w.NameOf(t)}
	}
	return e.name
}
