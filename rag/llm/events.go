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

// events is the body of a streamed answer as go-openai should have got it: one "data:" line for each event and nothing
// else, and an [*Error] from Read where the server told of one. Comments, event names and stray lines are dropped, an answer that came
// as one JSON object becomes a stream of one event. Lines are bounded, so an endless one costs no memory.
type events struct {
	call *call
	body io.ReadCloser
	in   *bufio.Reader
	out  []byte // what Read has still to give
	err  error  // and what it gives after that

	any     bool   // an event was seen
	done    bool   // [DONE] was seen
	lastBad string // the last stray line: what a proxy says when what stands behind it dies
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
			continue // what stands before a break is a part of a line
		}
		// What stands before the end of a stream without a line end is an event too.
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

// payload is the JSON that a line carries, nil if it carries none.
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
		return data, e.told(data)
	case bytes.HasPrefix(line, []byte("error:")):
		return nil, e.call.fail(Failed, readError(bytes.TrimSpace(line[len("error:"):])).Message, nil)
	case bytes.HasPrefix(line, []byte("event:")), bytes.HasPrefix(line, []byte("id:")), bytes.HasPrefix(line, []byte("retry:")):
		return nil, nil
	case !e.any && line[0] == '<':
		return nil, e.call.fail(NotAPI, "a web page", nil)
	case !e.any && line[0] == '{':
		return e.whole(line)
	}
	e.lastBad = oneLine(string(line))
	return nil, nil
}

// told returns the error that an event may be instead of a piece of the answer.
func (e *events) told(data []byte) error {
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

// whole reads an answer that came as one JSON object although a stream was asked for, and makes an event of it.
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
	if err := e.told(raw); err != nil {
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

// Close frees the connection. After a complete stream it is given a moment to end by itself, because then it can be used again.
func (e *events) Close() error {
	if e.done {
		t := time.AfterFunc(50*time.Millisecond, func() { e.body.Close() })
		io.Copy(io.Discard, io.LimitReader(e.in, 4<<10)) // its content and its errors no longer matter
		t.Stop()
	}
	return e.body.Close()
}
