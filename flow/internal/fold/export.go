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

// Record returns the record with index i as readers see it, with names in place of numbers. The
// record must be published, and must not precede the one that was read last.
func (r *Reader) Record(i uint64) (out Record) {
	p, value := r.at(i)
	run := r.log.root
	if d, ok := value.(*detached); ok {
		if value, out.Due = d.value, stamp(d.due); d.run != nil {
			run = d.run
		}
	}
	w := run.workflow
	// The fields are set one by one, because a Record is large to copy.
	out.Seq, out.Time, out.Run, out.Kind = r.log.First+i+1, stamp(p.at), run.id, p.kind
	out.Execution, out.Event, out.Cause = uint64(p.exec), uint64(p.event), uint64(p.cause)
	out.Worker = int(p.worker)
	if p.kind == EventSent {
		out.Index = int(p.n)
	} else {
		out.Attempt = int(p.n)
	}
	if out.Step = w.stepName(p.step); p.kind == RunStarted {
		out.Step = w.Name
	}
	if p.typ >= 0 {
		out.Type = w.Types[p.typ].Name
	}
	switch v := value.(type) {
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
			out.Type = r.emitted.nameOf(w, reflect.TypeOf(v))
		}
	}
	return out
}

// at returns the record with index i as the log holds it, and its payload.
func (r *Reader) at(i uint64) (p *packedRecord, value any) {
	for i >= r.chunk.start+uint64(len(r.chunk.records)) {
		r.chunk = r.chunk.next
	}
	p = &r.chunk.records[i-r.chunk.start]
	if n := int(p.payload) - 1; n >= 0 {
		value = r.chunk.payloads[n/len(payloadBlock{})][n%len(payloadBlock{})]
	}
	return p, value
}

func (e *emittedType) nameOf(w *Workflow, t reflect.Type) string {
	if e.typ != t || e.workflow != w {
		*e = emittedType{w, t, w.NameOf(t)}
	}
	return e.name
}
