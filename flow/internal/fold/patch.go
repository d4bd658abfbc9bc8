package fold

import "encoding/json"

// A Value is an entry of the run's state: as it was set, or as JSON if it comes from a journal.
type Value struct {
	V   any
	Raw json.RawMessage
}

// A Patch is the payload of a StateChanged record. Its JSON is a merge patch (RFC 7386) from the
// value before to the value after; it is made when it is asked for.
type Patch struct {
	key    string
	before Value
	after  any
	raw    json.RawMessage // as it came from a journal, instead of after
}

// MarshalJSON returns the merge patch.
func (p *Patch) MarshalJSON() ([]byte, error) {
	if p.raw != nil {
		return p.raw, nil
	}
	before := p.before.Raw
	if before == nil {
		b, err := json.Marshal(p.before.V)
		if err != nil {
			return nil, err
		}
		before = b
	}
	after, err := json.Marshal(p.after)
	if err != nil {
		return nil, err
	}
	return diff(before, after)
}

// diff returns the merge patch that makes after of before.
func diff(before, after json.RawMessage) (json.RawMessage, error) {
	var b, a map[string]json.RawMessage
	if json.Unmarshal(after, &a) != nil || a == nil {
		return after, nil
	}
	if json.Unmarshal(before, &b) != nil || b == nil {
		return after, nil
	}
	out := map[string]json.RawMessage{}
	for k := range b {
		if _, ok := a[k]; !ok {
			out[k] = json.RawMessage("null")
		}
	}
	for k, v := range a {
		old, ok := b[k]
		if ok && string(old) == string(v) {
			continue
		}
		if !ok {
			old = json.RawMessage("null")
		}
		d, err := diff(old, v)
		if err != nil {
			return nil, err
		}
		out[k] = d
	}
	return json.Marshal(out)
}

// mergePatch applies a merge patch.
func mergePatch(to, p json.RawMessage) json.RawMessage {
	var changes map[string]json.RawMessage
	if json.Unmarshal(p, &changes) != nil || changes == nil {
		return p
	}
	var doc map[string]json.RawMessage
	if json.Unmarshal(to, &doc) != nil || doc == nil {
		doc = map[string]json.RawMessage{}
	}
	for k, v := range changes {
		if string(v) == "null" {
			delete(doc, k)
		} else {
			doc[k] = mergePatch(doc[k], v)
		}
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return p
	}
	return out
}
