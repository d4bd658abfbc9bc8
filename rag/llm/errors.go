package llm

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"weft/flow/show"
	"weft/rag/lazyregexp"
)

// A Kind classifies the failure of a call.
type Kind int

const (
	Unreachable  Kind = iota + 1 // no connection
	Dropped                      // the connection ended before the answer
	Silent                       // no headers or no data in time
	Unauthorized                 // 401, 403: the key is missing or refused
	Exhausted                    // 402: the account has no credit left
	Forbidden                    // the service's rules refuse the request, its content or its origin
	NotFound                     // 404: no such model, no access to it, or no such endpoint
	TooLong                      // the prompt exceeds the context
	Rejected                     // another 4xx: the server rejects the request
	Limited                      // 429
	NotReady                     // 408, 502, 503, 504, 52x: busy, or loading
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
	Message   string // the server's message, or what is wrong; one line
	Context   int    // TooLong: context in tokens, if the server reported it
	Prompt    int    // TooLong: tokens of the prompt, if the server reported it
	// After is, for Silent, how long the client waited, and for Limited, how long the server asks
	// to wait.
	After    time.Duration
	Attempts int   // number of attempts
	Err      error // the cause, if any

	passing bool   // another attempt may succeed
	keyName string // what to check if the key is refused; "" if none was sent
	param   string // the parameter that the server names as the cause
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
	if plain, ok := errors.AsType[*errPlain](e.Err); ok {
		return plain.Error()
	}
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
		words := ""
		if e.Message != "" {
			words = "; it says: " + e.Message
		}
		if e.keyName == "" {
			return fmt.Sprintf("a key is needed%s at %s: set OPENAI_API_KEY%s", e.status(), e.Endpoint, words)
		}
		return fmt.Sprintf("the key was refused%s at %s: check %s%s", e.status(), e.Endpoint, e.keyName, words)
	case Exhausted:
		return said(fmt.Sprintf("the account at %s has no credit left%s", e.Endpoint, e.status()))
	case Forbidden:
		return said(fmt.Sprintf("the rules of %s forbid the request%s", e.Endpoint, e.status()))
	case NotFound:
		if e.Operation == show.OperationChat || strings.Contains(strings.ToLower(e.Message), "model") {
			return said(fmt.Sprintf("the server at %s does not have the model %q%s: choose another one, and check the base URL", e.Endpoint, e.Model, e.status()))
		}
		return said(fmt.Sprintf("there is no %s at %s%s: check that the base URL ends in /v1",
			e.Operation, e.Endpoint, e.status()))
	case TooLong:
		s := fmt.Sprintf("the prompt is longer than the context of %s at %s", e.Model, e.Endpoint)
		if e.Context > 0 {
			s += fmt.Sprintf(": set the context to %d tokens", e.Context)
			if e.Message != "" {
				s += "; it says: " + e.Message
			}
			return s
		}
		return said(s) + ": set the context to what the server was started with"
	case Limited:
		if e.After > 0 {
			return said("429 too many requests at "+e.Endpoint) + fmt.Sprintf("; it asks to wait %s", e.After)
		}
		return said("429 too many requests at "+e.Endpoint) + "; wait, or check the account's quota"
	case NotReady:
		return said(fmt.Sprintf("%d not ready at %s", e.Status, e.Endpoint))
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
	return said(fmt.Sprintf("the server %s%s at %s", verb, e.status(), e.Endpoint))
}

// status returns the HTTP status in brackets, or "" if there was none.
func (e *Error) status() string {
	if e.Status == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d)", e.Status)
}

// NeedsPerson reports whether the user has to fix the cause: a key, a model's name, an account, an
// address, or a violation of the service's rules. A retry would fail in the same way.
func (e *Error) NeedsPerson() bool {
	switch e.Kind {
	case Unauthorized, Exhausted, Forbidden, NotFound, NotAPI, Unsupported:
		return true
	case Rejected:
		return e.Status/100 == 3 // a redirect
	}
	return false
}

var loadingWords = lazyregexp.New(`(?i)\b(?:loading|starting|warming|not ready)`)

// isLoading reports whether the server is loading its model. The client waits for that, but not for
// an overloaded server, which may stay overloaded for hours.
func (e *Error) isLoading() bool {
	return e.Status == http.StatusServiceUnavailable && (e.Message == "" || loadingWords.MatchString(e.Message))
}

// short returns the reason why an answer was cut off in a few words, for display next to the
// answer.
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

// Temporary reports whether an error is likely to be temporary: the server is busy, loading, or
// unreachable.
func Temporary(err error) bool {
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
