package fold

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// intern makes an internal record of a public one: names become numbers, JSON becomes values.
func (t replayer) intern(in Record) (r internalRecord, err error) {
	r.packedRecord = packedRecord{
		at: nanoseconds(in.Time), exec: uint32(in.Execution), event: uint32(in.Event),
		cause: uint32(in.Cause), n: int32(in.Attempt), worker: uint16(in.Worker),
		step: -1, typ: -1, kind: in.Kind,
	}
	r.due = nanoseconds(in.Due)
	if in.Kind == EventSent {
		r.n = int32(in.Index)
	}
	if r.run, err = t.internRun(in); err != nil {
		return r, err
	}
	w := t.root.Workflow
	if r.run != nil {
		w = r.run.workflow
	}
	if in.Kind == RunStarted || in.Kind == RunSuspended {
		if in.Step != w.Name {
			return r, fmt.Errorf("it is of workflow %q, this is %q", in.Step, w.Name)
		}
	} else if in.Step != "" {
		s := w.stepNamed(in.Step)
		if s == nil {
			return r, fmt.Errorf("the workflow %s has no step %q", w.Name, in.Step)
		}
		r.step = int16(s.Index)
	}
	return r, r.internPayload(w, in)
}

// internRun returns the run of a sub-workflow that a record belongs to; nil: the run itself.
func (t replayer) internRun(in Record) (*runInfo, error) {
	i := strings.LastIndexByte(in.Run, '/')
	if i < 0 {
		return nil, nil
	}
	var sub uint32
	if _, err := fmt.Sscanf(in.Run[i+1:], "%d", &sub); err != nil {
		return nil, fmt.Errorf("its run %q is not one of this workflow", in.Run)
	}
	if st := t.subs[sub]; st != nil {
		return st.nested, nil
	}
	if host := t.execs.get(sub); host != nil && host.Step.Sub != nil && in.Kind == RunStarted {
		return host.childInfo(), nil
	}
	if in.Kind == EventEmitted || in.Kind == StateChanged || in.Kind == UnknownKind {
		_, rest, _ := strings.Cut(in.Run, "/")
		return &runInfo{t.info.id + "/" + rest, sub, t.root.Workflow}, nil
	}
	return nil, fmt.Errorf("its run %q is not under way", in.Run)
}

func (r *internalRecord) internPayload(w *Workflow, in Record) (err error) {
	raw, isRaw := in.Payload.(json.RawMessage)
	switch in.Kind {
	case RunStarted, EventSent, RunFinished:
		return r.internEvent(w, in)
	case AwaitResolved:
		if in.Error == "" {
			return r.internEvent(w, in)
		}
		r.value = &fault{err: ErrAwaitTimeout, text: in.Error}
	case AwaitOpened:
		if r.typ = int16(w.TypeNamed(in.Type)); r.typ < 0 {
			return fmt.Errorf("the workflow %s has no event %q", w.Name, in.Type)
		}
		p, isPrompt := in.Payload.(Prompt)
		if isRaw {
			err = json.Unmarshal(raw, &p)
		} else if !isPrompt {
			err = fmt.Errorf("it has no prompt")
		}
		if err == nil {
			_, err = p.Match.fields(w.Types[r.typ].Go)
		}
		r.value = p
	case RunSuspended:
		s, _ := in.Payload.(Suspension) // an earlier version has written none
		if isRaw {
			err = json.Unmarshal(raw, &s)
		}
		r.value = suspension{in.Type == onlyWaited, s.Awaits}
	case RunEnding, CleanupStarted:
		e, isEnding := in.Payload.(Ending)
		if isRaw {
			err = json.Unmarshal(raw, &e)
		} else if !isEnding {
			err = fmt.Errorf("it does not say how the run ends")
		}
		w.completeEnding(&e)
		r.value = e
	case SleepStarted:
		nap, isNap := in.Payload.(Nap)
		if isRaw {
			err = json.Unmarshal(raw, &nap)
		} else if !isNap {
			err = fmt.Errorf("it has no key")
		}
		if r.value = nap; r.due == 0 {
			err = fmt.Errorf("it does not say until when it sleeps")
		}
	case CallStarted:
		c, isCall := in.Payload.(Call)
		if isRaw {
			err = json.Unmarshal(raw, &c)
		} else if !isCall {
			err = fmt.Errorf("it names no call")
		}
		r.value = c
	case CallFinished:
		r.value = in.Payload
	case EventEmitted:
		if r.value = in.Payload; isRaw {
			r.value = &foreign{in.Type, raw}
		}
	case StateChanged:
		if p, isPatch := in.Payload.(*Patch); isPatch {
			r.value = p
		} else if isRaw {
			r.value = &Patch{key: in.Type, raw: raw}
		} else {
			err = fmt.Errorf("its payload is no patch")
		}
	case StepFailed, StepCancelled, CallFailed, RunFailed, RunCancelled:
		f := &fault{err: w.ErrorOf(in.Error, in.Codes), text: in.Error, most: in.Attempts}
		if in.Type != "" && in.Kind != RunFailed && in.Kind != RunCancelled {
			err = f.end.UnmarshalText([]byte(in.Type))
		}
		r.value = f
		var p *PanicError
		if in.Kind == StepFailed && isRaw && errors.As(f.err, &p) {
			var detail Panic
			if err = json.Unmarshal(raw, &detail); err == nil {
				p.Stack = detail.Stack
			}
		}
	case JournalFailed:
		r.value = &fault{err: ErrorText(in.Error), text: in.Error}
	case RunForked, RunRestored:
		origin, isOrigin := in.Payload.(*Origin)
		if isRaw {
			origin = &Origin{}
			err = json.Unmarshal(raw, origin)
		} else if !isOrigin {
			err = fmt.Errorf("it has no snapshot")
		}
		r.value = origin
	case RunAdopted:
		r.value = in.Payload
	case UnknownKind:
		u, isUnknown := in.Payload.(Unknown)
		if !isUnknown || !u.Skippable {
			err = &UnknownKindError{u.Kind}
		}
		r.value = in.Payload
	case RunResumed:
		if in.Type == restartType {
			r.value = restarted{}
		}
	case RunPaused, SleepEnded, CallDoubted, StepQueued, StepStarted, StepFinished, ScopeOpened, ScopeClosed:
		// They have no payload.
	default:
		err = fmt.Errorf("the kind %v has no payload that can be read", in.Kind)
	}
	return err
}

func (r *internalRecord) internEvent(w *Workflow, in Record) (err error) {
	typ := w.TypeNamed(in.Type)
	if typ < 0 {
		return fmt.Errorf("the workflow %s has no event %q; declare it with flow.Name if it was renamed", w.Name, in.Type)
	}
	r.typ, r.value = int16(typ), in.Payload
	if raw, ok := in.Payload.(json.RawMessage); ok {
		r.value, err = w.Decode(typ, raw)
	} else if in.Payload == nil || reflect.TypeOf(in.Payload) != w.Types[typ].Go {
		err = fmt.Errorf("its payload is a %T, not a %v", in.Payload, w.Types[typ].Go)
	}
	return err
}
