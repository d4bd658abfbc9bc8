package llm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// events cleans the body of a streamed answer for go-openai. It yields one "data:" line per event
// and nothing else, and Read returns an [*Error] if the server reported one. Comments, event names
// and stray lines are dropped, and an answer sent as one JSON object becomes a stream of one event.
// Line length is bounded, so an endless line does not exhaust memory.
type events struct {
	call *call
	body io.ReadCloser
	in   *bufio.Reader
	out  []byte // pending output of Read
	err  error  // error that Read returns after out

	any  bool // an event was seen
	done bool // [DONE] was seen
	// lastBad is the last stray line, such as a proxy's error message when its upstream dies.
	lastBad string
}

func newEvents(c *call, body io.ReadCloser) *events {
	return &events{call: c, body: body, in: bufio.NewReaderSize(body, 32<<10)}
}

func (e *events) Read(p []byte) (int, error) {
	for len(e.out) == 0 {
		if e.err != nil {
			return 0, e.err
		}
		line, err := e.line()
		if e.err = err; err != nil && err != io.EOF {
			continue // the connection broke within this line
		}
		// The last line of a stream is an event even without a line end.
		if payload, err := e.payload(line); err != nil {
			e.err = err
		} else if payload != nil {
			e.any = true
			e.out = append(append([]byte("data: "), payload...), "\n\n"...)
		}
	}
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}

// line reads one line, without its end.
func (e *events) line() ([]byte, error) {
	var long []byte
	for {
		part, err := e.in.ReadSlice('\n')
		if len(long)+len(part) > maxLine {
			return nil, e.call.fail(Oversized, fmt.Sprintf("a line of it is longer than %d MB", maxLine>>20), nil)
		}
		if long == nil && !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(part), err
		}
		long = append(long, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(long), err
		}
	}
}

// payload returns the JSON of a line, or nil if it has none.
func (e *events) payload(line []byte) ([]byte, error) {
	if !e.any {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	data, isData := bytes.CutPrefix(line, []byte("data:"))
	data = bytes.TrimSpace(data)
	switch {
	case len(line) == 0 || line[0] == ':':
		return nil, nil
	case isData && string(data) == "[DONE]":
		e.done = true
		return nil, io.EOF
	case isData:
		return data, e.errorIn(data)
	case bytes.HasPrefix(line, []byte("error:")):
		return nil, e.call.fail(Failed, readError(bytes.TrimSpace(line[len("error:"):])).Message, nil)
	case bytes.HasPrefix(line, []byte("event:")), bytes.HasPrefix(line, []byte("id:")),
		bytes.HasPrefix(line, []byte("retry:")):
		return nil, nil
	case !e.any && line[0] == '<':
		return nil, e.call.fail(NotAPI, "a web page", nil)
	case !e.any && line[0] == '{':
		return e.whole(line)
	}
	e.lastBad = oneLine(string(line))
	return nil, nil
}

// errorIn returns the error that an event reports, or nil.
func (e *events) errorIn(data []byte) error {
	if !bytes.Contains(data, []byte(`"error"`)) {
		return nil
	}
	var body errorBody
	if json.Unmarshal(data, &body) != nil || len(body.Error) == 0 || string(body.Error) == "null" {
		return nil
	}
	said := readError(data)
	if said.isTooLong() {
		f := e.call.fail(TooLong, said.Message, nil)
		f.Context = said.Context
		return f
	}
	return e.call.fail(Failed, said.Message, nil)
}

// whole converts an answer that came as one JSON object, although a stream was requested, into an
// event.
func (e *events) whole(begin []byte) ([]byte, error) {
	raw := append(bytes.Clone(begin), '\n')
	rest, err := io.ReadAll(io.LimitReader(e.in, maxLine+1))
	if err != nil {
		return nil, err
	}
	raw = append(raw, rest...)
	if len(raw) > maxLine {
		return nil, e.call.fail(Oversized, fmt.Sprintf("it is one object of more than %d MB", maxLine>>20), nil)
	}
	if err := e.errorIn(raw); err != nil {
		return nil, err
	}
	var v map[string]json.RawMessage
	var choices []map[string]json.RawMessage
	if json.Unmarshal(raw, &v) != nil || json.Unmarshal(v["choices"], &choices) != nil {
		return nil, e.call.fail(NotAPI, "with JSON that is no completion", nil)
	}
	for _, c := range choices {
		c["delta"] = c["message"]
		delete(c, "message")
	}
	v["choices"], err = json.Marshal(choices)
	if err != nil {
		return nil, fmt.Errorf("llm: reading a completion: %w", err)
	}
	return json.Marshal(v)
}

// Close closes the body. After a complete stream it first waits briefly for the end of the body, so
// that the connection can be reused.
func (e *events) Close() error {
	if e.done {
		t := time.AfterFunc(50*time.Millisecond, func() { e.body.Close() })
		io.Copy(io.Discard, io.LimitReader(e.in, 4<<10)) // content and errors no longer matter
		t.Stop()
	}
	return e.body.Close()
}
