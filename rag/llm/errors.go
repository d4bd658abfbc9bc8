package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// A Kind classifies the failure of a call.
type Kind int

const (
	Unreachable  Kind = iota + 1 // no connection
	Dropped                      // the connection ended before the answer
	Silent                       // no headers or no data in time
	Unauthorized                 // 401, 403
	NotFound                     // 404: no such model, or no such endpoint
	TooLong                      // the prompt exceeds the context
	Rejected                     // another 4xx: the server rejects the request
	Limited                      // 429
	NotReady                     // 502, 503, 504
	Unsupported                  // 405, 501: the server lacks this function
	Failed                       // another 5xx, or an error inside the stream
	NotAPI                       // the endpoint is not an OpenAI-compatible server
	Oversized                    // the response exceeds any plausible size
	Malformed                    // the response violates the protocol
)

// An Error is a failed call: what happened, at which endpoint, and what to do. It never contains a
// key.
type Error struct {
	Kind      Kind
	Operation string // "chat", "embeddings", "rerank", "models"
	Endpoint  string // the base URL, without secrets
	Model     string // the requested model
	Status    int    // HTTP status, 0 if there was none
	Message   string // what the server said, or what is wrong; one line
	Context   int    // TooLong: context in tokens, if the server reported it
	// After is, for Silent, how long the client waited, and for Limited, how long the server asks
	// to wait.
	After    time.Duration
	Attempts int   // number of attempts
	Err      error // the cause, if any

	passing bool   // another attempt may succeed
	keyName string // what to check if the key is refused; "" if none was sent
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Error says what happened, at which endpoint, and what to do.
func (e *Error) Error() string {
	s := e.sentence()
	if e.Attempts > 1 {
		s += fmt.Sprintf(" (tried %d times)", e.Attempts)
	}
	return s
}

func (e *Error) sentence() string {
	said := func(s string) string {
		if e.Message == "" {
			return s
		}
		return s + ": " + e.Message
	}
	switch e.Kind {
	case Unreachable:
		if e.Message != "" {
			return fmt.Sprintf("%s cannot be reached: %s", e.Endpoint, e.Message)
		}
		return fmt.Sprintf("nothing answers at %s: is the server running?", e.Endpoint)
	case Dropped:
		return said(fmt.Sprintf("the connection to %s broke before the answer was complete", e.Endpoint))
	case Silent:
		return fmt.Sprintf("the server at %s said nothing for %s: it may be overloaded or hung; ask again, or raise the timeout", e.Endpoint, e.After)
	case Unauthorized:
		if e.keyName == "" {
			return fmt.Sprintf("%s asks for a key (%d): set OPENAI_API_KEY", e.Endpoint, e.Status)
		}
		return fmt.Sprintf("the key for %s was refused (%d): check %s", e.Endpoint, e.Status, e.keyName)
	case NotFound:
		if e.Operation == "chat" || strings.Contains(strings.ToLower(e.Message), "model") {
			return said(fmt.Sprintf("the server at %s does not have the model %q (404): choose another one, and check the base URL", e.Endpoint, e.Model))
		}
		return said(fmt.Sprintf("there is no %s at %s (404): check that the base URL ends in /v1",
			e.Operation, e.Endpoint))
	case TooLong:
		s := fmt.Sprintf("the prompt is longer than the context of %s at %s", e.Model, e.Endpoint)
		if e.Context > 0 {
			return s + fmt.Sprintf(": set the context to %d tokens", e.Context)
		}
		return said(s) + ": set the context to what the server was started with"
	case Limited:
		if e.After > 0 {
			return said(fmt.Sprintf("%s limits how much may be asked (429) and wants %s of patience", e.Endpoint, e.After))
		}
		return said(fmt.Sprintf("%s limits how much may be asked (429): wait, or check the account's quota", e.Endpoint))
	case NotReady:
		return said(fmt.Sprintf("the server at %s is not ready (%d)", e.Endpoint, e.Status))
	case Unsupported:
		return said(fmt.Sprintf("the server at %s cannot do %s (%d)", e.Endpoint, e.Operation, e.Status))
	case NotAPI:
		return fmt.Sprintf("the server at %s answered %s, not the API: check that the base URL ends in /v1", e.Endpoint, e.Message)
	case Oversized, Malformed:
		return fmt.Sprintf("the answer of %s cannot be read: %s", e.Endpoint, e.Message)
	}
	verb := "failed"
	if e.Kind == Rejected {
		verb = "does not take the request"
	}
	if e.Status > 0 {
		return said(fmt.Sprintf("the server at %s %s (%d)", e.Endpoint, verb, e.Status))
	}
	return said(fmt.Sprintf("the server at %s %s", e.Endpoint, verb))
}

// short returns the reason for a cut-off in a few words, to be shown beside the answer.
func (e *Error) short() string {
	switch e.Kind {
	case Dropped:
		if e.Message != "" {
			return "the connection broke: " + e.Message
		}
		return "the connection broke"
	case Silent:
		return fmt.Sprintf("the server fell silent for %s", e.After)
	case Oversized, Malformed:
		return e.Message
	case Failed:
		return "the server reported an error: " + e.Message
	}
	return e.Error()
}

// errorBody is the body of an error response: OpenAI's object, or a plain string in one of several
// places.
type errorBody struct {
	Error  json.RawMessage `json:"error"`
	Detail any             `json:"detail"` // FastAPI
}

// serverError is OpenAI's error object with llama.cpp's additions.
type serverError struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Code    any    `json:"code"`
	Context int    `json:"n_ctx"`
}

// readError parses an error object, or uses the raw text if there is none.
func readError(raw []byte) (e serverError) {
	var outer errorBody
	if json.Unmarshal(raw, &outer) != nil {
		return serverError{Message: oneLine(string(raw))}
	}
	inner := outer.Error
	if len(inner) == 0 || string(inner) == "null" {
		inner = raw
	}
	var s string
	switch {
	case json.Unmarshal(inner, &s) == nil:
		e.Message = s
	case json.Unmarshal(inner, &e) == nil && e.Message != "":
	case outer.Detail != nil:
		e.Message = fmt.Sprint(outer.Detail)
	default:
		e.Message = string(inner)
	}
	e.Message = oneLine(e.Message)
	return e
}

// isTooLong recognises the context overflow errors of llama.cpp, vLLM, OpenAI and LM Studio.
func (e serverError) isTooLong() bool {
	if e.Type == "exceed_context_size_error" || e.Code == "context_length_exceeded" {
		return true
	}
	m := strings.ToLower(e.Message)
	return strings.Contains(m, "context") && (strings.Contains(m, "exceed") ||
		strings.Contains(m, "maximum") || strings.Contains(m, "overflow"))
}

// kindOf returns the kind of failure for an HTTP status.
func kindOf(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Unauthorized
	case http.StatusNotFound:
		return NotFound
	case http.StatusTooManyRequests:
		return Limited
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return NotReady
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return Unsupported
	}
	if status >= 500 {
		return Failed
	}
	return Rejected
}

// oneLine makes foreign text safe for a message: one line without control characters, at most 300
// bytes.
func oneLine(s string) string {
	const limit = 300
	var b strings.Builder
	for _, f := range strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if b.Len()+len(f) > limit {
			for _, r := range f {
				if b.Len()+len("…") >= limit {
					break
				}
				b.WriteRune(r)
			}
			return b.String() + "…"
		}
		b.WriteString(f)
	}
	return strings.ToValidUTF8(b.String(), "")
}

// Passing reports whether an error is likely to be temporary: the server is busy, loading, or
// unreachable.
func Passing(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case Limited, NotReady, Silent, Dropped, Unreachable:
		return true
	}
	return false
}
