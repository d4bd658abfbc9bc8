package fold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// JSON returns the payload as JSON: null where there is none.
func (r Record) JSON() (json.RawMessage, error) {
	switch p := r.Payload.(type) {
	case nil:
		return json.RawMessage("null"), nil
	case json.RawMessage:
		return p, nil
	}
	b, err := json.Marshal(r.Payload)
	if err != nil {
		return nil, fmt.Errorf("flow: record %d: payload %s as JSON: %w", r.Seq, r.Type, err)
	}
	return b, nil
}

// recordJSON is a record as it is written: the journal's line, the stream's event.
type recordJSON struct {
	Seq       uint64          `json:"seq"`
	Time      time.Time       `json:"time"`
	Run       string          `json:"run"`
	Kind      string          `json:"kind"`
	Step      string          `json:"step,omitempty"`
	Worker    int             `json:"worker,omitempty"`
	Attempt   int             `json:"attempt,omitempty"`
	Attempts  int             `json:"attempts,omitempty"`
	Execution uint64          `json:"execution,omitempty"`
	Event     uint64          `json:"event,omitempty"`
	Index     int             `json:"index,omitempty"`
	Cause     uint64          `json:"cause,omitempty"`
	Type      string          `json:"type,omitempty"`
	Error     string          `json:"error,omitempty"`
	Codes     []ErrorCode     `json:"codes,omitempty"`
	Due       *time.Time      `json:"due,omitempty"`
	Skippable bool            `json:"skippable,omitempty"`
	Payload   json.RawMessage `json:"payload,omitempty"`
	Blobs     []Blob          `json:"blobs,omitempty"`
}

// A Blob is a part of a payload that is stored apart from its record.
type Blob struct {
	At     int    `json:"at"`     // byte offset in the payload's JSON of the null in its place
	SHA256 string `json:"sha256"` // of its JSON, in hexadecimal digits
	Bytes  int64  `json:"bytes"`  // of its JSON
}

// A Partial is the payload of a record that was read without the parts that are stored apart.
type Partial struct {
	Payload json.RawMessage // with null for each of them
	Blobs   []Blob
}

// MarshalJSON writes the payload without the parts.
func (p Partial) MarshalJSON() ([]byte, error) { return p.Payload, nil }

// MarshalJSON writes the record with the names of its fields in lower case, without those that are
// not set, and with times in UTC. The payload is the last field.
func (r Record) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON writes, on one line.
func (r Record) AppendJSON(b []byte) ([]byte, error) {
	b = r.AppendFields(b)
	if p, ok := r.Payload.(Partial); ok {
		blobs, err := json.Marshal(p.Blobs)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"blobs":`...), blobs...)
	}
	if u, ok := r.Payload.(Unknown); r.Payload == nil || ok && u.Payload == nil {
		return append(b, '}'), nil
	}
	payload, err := r.CompactJSON()
	if err != nil {
		return nil, err
	}
	b = append(b, `,"payload":`...)
	b = append(b, payload...)
	return append(b, '}'), nil
}

// CompactJSON returns the payload as JSON without white space.
func (r Record) CompactJSON() (json.RawMessage, error) {
	raw, ok := r.Payload.(json.RawMessage)
	if !ok {
		return r.JSON()
	}
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return nil, fmt.Errorf("flow: record %d: payload %s: %w", r.Seq, r.Type, err)
	}
	return out.Bytes(), nil
}

// AppendFields appends the beginning of the record's JSON: all fields but the payload, without the
// bracket at the end.
func (r Record) AppendFields(b []byte) []byte {
	kind, skippable := r.Kind.String(), r.Kind.Skippable()
	if u, ok := r.Payload.(Unknown); ok {
		kind, skippable = u.Kind, u.Skippable
	}
	b = strconv.AppendUint(append(b, `{"seq":`...), r.Seq, 10)
	b = appendTime(append(b, `,"time":`...), r.Time)
	b = appendString(append(b, `,"run":`...), r.Run)
	b = appendString(append(b, `,"kind":`...), kind)
	text := func(name, v string) {
		if v != "" {
			b = appendString(append(b, name...), v)
		}
	}
	number := func(name string, v uint64) {
		if v != 0 {
			b = strconv.AppendUint(append(b, name...), v, 10)
		}
	}
	signed := func(name string, v int) {
		if v != 0 {
			b = strconv.AppendInt(append(b, name...), int64(v), 10)
		}
	}
	text(`,"step":`, r.Step)
	signed(`,"worker":`, r.Worker)
	signed(`,"attempt":`, r.Attempt)
	signed(`,"attempts":`, r.Attempts)
	number(`,"execution":`, r.Execution)
	number(`,"event":`, r.Event)
	signed(`,"index":`, r.Index)
	number(`,"cause":`, r.Cause)
	text(`,"type":`, r.Type)
	text(`,"error":`, r.Error)
	if len(r.Codes) > 0 {
		codes, _ := json.Marshal(r.Codes) // cannot fail: strings, and JSON that was encoded before
		b = append(append(b, `,"codes":`...), codes...)
	}
	if !r.Due.IsZero() {
		b = appendTime(append(b, `,"due":`...), r.Due)
	}
	if skippable {
		b = append(b, `,"skippable":true`...)
	}
	return b
}

func appendTime(b []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// appendString appends a JSON string as encoding/json writes it.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // encoding a string cannot fail
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// UnmarshalJSON reads what MarshalJSON wrote. The payload stays a json.RawMessage. A record of a
// kind that this program does not know becomes one of UnknownKind.
func (r *Record) UnmarshalJSON(b []byte) error {
	var d RecordDecoder
	return d.Decode(b, r)
}

// A RecordDecoder reads records. It keeps the names that it has seen, so that many records share
// them. Its zero value can be used.
type RecordDecoder struct{ names map[string]string }

// Decode reads a record's JSON. The record keeps nothing of b.
func (d *RecordDecoder) Decode(b []byte, r *Record) error {
	j, ok := d.scan(b)
	if !ok {
		j = recordJSON{}
		if err := json.Unmarshal(b, &j); err != nil {
			return err
		}
	}
	return r.read(j)
}

func (r *Record) read(j recordJSON) error {
	*r = Record{
		Seq: j.Seq, Time: j.Time, Run: j.Run, Step: j.Step, Worker: j.Worker,
		Attempt: j.Attempt, Attempts: j.Attempts, Execution: j.Execution, Event: j.Event, Index: j.Index, Cause: j.Cause,
		Type: j.Type, Error: j.Error, Codes: j.Codes,
	}
	if j.Payload != nil {
		r.Payload = j.Payload
	}
	if j.Blobs != nil {
		r.Payload = Partial{j.Payload, j.Blobs}
	}
	if j.Due != nil {
		r.Due = *j.Due
	}
	err := r.Kind.UnmarshalText([]byte(j.Kind))
	if _, unknown := err.(*UnknownKindError); unknown {
		r.Kind, r.Payload, err = UnknownKind, Unknown{j.Kind, j.Skippable, j.Payload}, nil
	}
	return err
}

// scan reads a record that is written as AppendJSON does, in any order of the fields, without white
// space and without escapes in names. It is several times faster than encoding/json. For other JSON
// ok is false, and the caller uses encoding/json.
func (d *RecordDecoder) scan(b []byte) (j recordJSON, ok bool) {
	if len(b) < 2 || b[0] != '{' {
		return j, false
	}
	for at := 1; ; {
		key, next := plainString(b, at)
		if next < 0 || next >= len(b) || b[next] != ':' {
			return j, false
		}
		if at = d.field(&j, string(key), b, next+1); at < 0 || at >= len(b) {
			return j, false
		}
		if b[at] == '}' {
			return j, at == len(b)-1
		}
		if b[at] != ',' {
			return j, false
		}
		at++
	}
}

// field reads the value of a field, and returns where it ends; -1: only encoding/json can read it.
func (d *RecordDecoder) field(j *recordJSON, key string, b []byte, at int) int {
	switch key {
	case "seq":
		return plainNumber(b, at, &j.Seq)
	case "execution":
		return plainNumber(b, at, &j.Execution)
	case "event":
		return plainNumber(b, at, &j.Event)
	case "cause":
		return plainNumber(b, at, &j.Cause)
	case "worker":
		return plainInt(b, at, &j.Worker)
	case "attempt":
		return plainInt(b, at, &j.Attempt)
	case "attempts":
		return plainInt(b, at, &j.Attempts)
	case "index":
		return plainInt(b, at, &j.Index)
	case "run":
		return d.name(b, at, &j.Run)
	case "kind":
		return d.name(b, at, &j.Kind)
	case "step":
		return d.name(b, at, &j.Step)
	case "type":
		return d.name(b, at, &j.Type)
	case "time":
		return plainTime(b, at, &j.Time)
	case "due":
		j.Due = new(time.Time)
		return plainTime(b, at, j.Due)
	case "payload":
		if j.Payload != nil || len(b) < at+2 || !json.Valid(b[at:len(b)-1]) {
			return -1 // the fast path takes a payload only as the last field
		}
		j.Payload = bytes.Clone(b[at : len(b)-1])
		return len(b) - 1
	}
	return -1
}

// plainString returns the content of a string without escapes and where it ends; -1: it is none.
func plainString(b []byte, at int) ([]byte, int) {
	if at >= len(b) || b[at] != '"' {
		return nil, -1
	}
	for i := at + 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return b[at+1 : i], i + 1
		case c == '\\' || c < ' ' || c >= 0x7f:
			return nil, -1
		}
	}
	return nil, -1
}

func (d *RecordDecoder) name(b []byte, at int, to *string) int {
	s, next := plainString(b, at)
	if next < 0 {
		return -1
	}
	if v, ok := d.names[string(s)]; ok {
		*to = v
		return next
	}
	*to = string(s)
	if d.names == nil {
		d.names = map[string]string{}
	}
	if len(d.names) < 4096 {
		d.names[*to] = *to
	}
	return next
}

func plainNumber(b []byte, at int, to *uint64) int {
	i, n := at, uint64(0)
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		n = 10*n + uint64(b[i]-'0')
	}
	if i == at || i-at > 18 || b[at] == '0' && i > at+1 {
		return -1
	}
	*to = n
	return i
}

func plainInt(b []byte, at int, to *int) int {
	var n uint64
	i := plainNumber(b, at, &n)
	*to = int(n)
	return i
}

func plainTime(b []byte, at int, to *time.Time) int {
	s, next := plainString(b, at)
	if next < 0 || to.UnmarshalText(s) != nil {
		return -1
	}
	return next
}
