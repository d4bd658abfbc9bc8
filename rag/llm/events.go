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
// and nothing else, and Read returns an [*Error] if the server reported one. It drops comments,
// event names and stray lines, and turns an answer sent as one JSON object into a stream of one
// event. Line length is bounded, so an endless line does not exhaust memory.
type events struct {
	call *call
	body io.ReadCloser
	in   *bufio.Reader
	out  []byte // pending output of Read
	err  error  // error that Read returns after out

	// partial is the beginning of an event whose JSON is spread over several lines.
	partial []byte
	failed  bool // the next event is an error, according to its event name

	any  bool // an event was seen
	done bool // [DONE] was seen
	// primed is the number of bytes of out that were checked and hold no part of an answer.
	primed int
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
		e.add(line, err == io.EOF)
	}
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}

// add appends the event that a line completes to the output. The last line of a stream is an event
// even without a line end.
func (e *events) add(line []byte, last bool) {
	payload, err := e.payload(line, last)
	if err != nil {
		e.err = err
	} else if payload != nil {
		e.any = true
		e.out = append(append(append(e.out, "data: "...), payload...), "\n\n"...)
	}
}

// prime reads until the stream holds a part of an answer. It returns an error that the server
// reports before that, which can then be handled like an error response.
func (e *events) prime() *Error {
	for e.err == nil && !e.started() {
		line, err := e.line()
		if e.err = err; err == nil || err == io.EOF {
			e.add(line, err == io.EOF)
		}
	}
	failed, _ := errors.AsType[*Error](e.err)
	if failed == nil || e.started() || failed.Kind == Silent || failed.Kind == Dropped || failed.Kind == Oversized {
		return nil
	}
	return failed
}

// started reports whether the output holds a part of an answer.
func (e *events) started() bool {
	for line := range bytes.Lines(e.out[min(e.primed, len(e.out)):]) {
		data, is := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data: "))
		var k chunk
		if is && (json.Unmarshal(data, &k) != nil || !k.isEmpty()) {
			return true
		}
	}
	e.primed = len(e.out)
	return false
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
func (e *events) payload(line []byte, last bool) ([]byte, error) {
	if len(line) == 0 && len(e.partial) > 0 {
		return e.event(nil, true)
	}
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
		return e.event(data, last)
	case bytes.HasPrefix(line, []byte("error:")):
		return nil, e.call.reported(bytes.TrimSpace(line[len("error:"):]))
	case bytes.HasPrefix(line, []byte("event:")), bytes.HasPrefix(line, []byte("id:")),
		bytes.HasPrefix(line, []byte("retry:")):
		e.failed = string(bytes.TrimSpace(bytes.TrimPrefix(line, []byte("event:")))) == "error"
		return nil, nil
	case !e.any && line[0] == '<':
		return nil, e.call.fail(NotAPI, "a web page", nil)
	case !e.any && (line[0] == '{' || line[0] == '['):
		return e.whole(line)
	}
	e.lastBad = oneLine(string(line))
	return nil, nil
}

// event returns the JSON of an event, or nil while more lines of it are to come.
func (e *events) event(data []byte, last bool) ([]byte, error) {
	if len(e.partial) > 0 {
		data = append(append(e.partial, '\n'), data...)
		e.partial = nil
	}
	if !last && !json.Valid(data) && len(data) < maxLine {
		e.partial = bytes.Clone(data)
		return nil, nil
	}
	if e.failed || bytes.Contains(data, []byte(`"error"`)) && isError(data) || bytes.Contains(data, []byte(`"base_resp"`)) && isError(data) ||
		!bytes.Contains(data, []byte(`"choices"`)) && isError(data) {
		return nil, e.call.reported(data)
	}
	var line bytes.Buffer
	if json.Compact(&line, data) != nil {
		return bytes.ReplaceAll(data, []byte("\n"), []byte(" ")), nil // invalid JSON: counts as unreadable
	}
	return line.Bytes(), nil
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
	return completion(e.call, raw)
}

// completion returns a whole completion on one line. If raw is an error, completion returns it as
// an [*Error].
func completion(c *call, raw []byte) ([]byte, error) {
	if isError(raw) {
		return nil, c.reported(raw)
	}
	var k struct {
		Choices []json.RawMessage `json:"choices"`
	}
	var line bytes.Buffer
	if json.Unmarshal(raw, &k) != nil || k.Choices == nil || json.Compact(&line, raw) != nil {
		return nil, c.fail(NotAPI, "with JSON that is no completion", nil)
	}
	return line.Bytes(), nil
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
