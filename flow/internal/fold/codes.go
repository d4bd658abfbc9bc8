package fold

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// An ErrorCode names an error that is registered with the workflow, in the record of a failure. A
// record has those of all registered errors that the failure wraps, the outermost first.
type ErrorCode struct {
	Code string          `json:"code"`
	Data json.RawMessage `json:"data,omitempty"` // of an error that is registered by its type: its fields
}

// An errorKind is a registered error, by its value or by its type.
type errorKind struct {
	code   string
	value  error
	typ    reflect.Type
	encode func(error) (json.RawMessage, error)
	// decode rebuilds the error. The inner codes are of the errors that it may wrap.
	decode func(data json.RawMessage, inner []ErrorCode) (error, error)
	wraps  bool // the error holds what it wraps, so that inner belongs to it
}

// errorKinds are the registered errors of a workflow.
type errorKinds []errorKind

// RegisterError registers an error value under a code.
func (w *Workflow) RegisterError(code string, value error) {
	w.register(errorKind{code: code, value: value})
}

// RegisterErrorType registers a type of errors under a code. A value of the type must survive
// encoding to JSON and decoding.
func (w *Workflow) RegisterErrorType(code string, t reflect.Type) {
	encode := func(err error) (json.RawMessage, error) { return json.Marshal(err) }
	decode := func(data json.RawMessage, _ []ErrorCode) (error, error) {
		v := reflect.New(t)
		if err := json.Unmarshal(data, v.Interface()); err != nil {
			return nil, err
		}
		return v.Elem().Interface().(error), nil
	}
	w.register(errorKind{code: code, typ: t, encode: encode, decode: decode})
}

func (w *Workflow) register(k errorKind) {
	w.mustBeOpen("the error code", k.code)
	for _, old := range w.errors {
		if old.code == k.code || k.value == nil && old.typ == k.typ {
			panic(fmt.Sprintf("flow: %s: error code %q: the code or the error is registered already", w.Name, k.code))
		}
	}
	w.errors = append(w.errors, k)
}

// registerOwn registers the errors of the fold.
func (w *Workflow) registerOwn() {
	w.RegisterError("flow.await_timeout", ErrAwaitTimeout)
	w.RegisterErrorType("flow.stuck", reflect.TypeFor[*StuckError]())
	w.register(errorKind{
		code: "flow.step", typ: reflect.TypeFor[*StepError](), wraps: true,
		encode: func(err error) (json.RawMessage, error) {
			e := err.(*StepError)
			return json.Marshal(stepErrorJSON{e.Step, e.Event, e.Attempts, TextOf(e.Err)})
		},
		decode: func(data json.RawMessage, inner []ErrorCode) (error, error) {
			var j stepErrorJSON
			err := json.Unmarshal(data, &j)
			return &StepError{Step: j.Step, Event: j.Event, Attempts: j.Attempts, Err: w.ErrorOf(j.Error, inner)}, err
		},
	})
	w.register(errorKind{
		code: "flow.timeout", typ: reflect.TypeFor[*TimeoutError](),
		encode: func(err error) (json.RawMessage, error) {
			e := err.(*TimeoutError)
			return json.Marshal(timeoutJSON{e.Step, e.Limit, e.Active})
		},
		decode: func(data json.RawMessage, _ []ErrorCode) (error, error) {
			var j timeoutJSON
			err := json.Unmarshal(data, &j)
			return &TimeoutError{Step: j.Step, Limit: j.Limit, Active: j.Active, deadline: w.Deadline}, err
		},
	})
	w.register(errorKind{
		code: "flow.panic", typ: reflect.TypeFor[*PanicError](), wraps: true,
		encode: func(err error) (json.RawMessage, error) {
			e := err.(*PanicError)
			return json.Marshal(panicJSON{fmt.Sprint(e.Value)})
		},
		decode: func(data json.RawMessage, inner []ErrorCode) (error, error) {
			var j panicJSON
			err := json.Unmarshal(data, &j)
			if len(inner) == 0 {
				return &PanicError{Value: j.Value}, err
			}
			return &PanicError{Value: w.ErrorOf(j.Value, inner)}, err
		},
	})
}

type stepErrorJSON struct {
	Step     string `json:"step"`
	Event    string `json:"event"`
	Attempts int    `json:"attempts"`
	Error    string `json:"error"`
}

type timeoutJSON struct {
	Step   string        `json:"step,omitempty"`
	Limit  time.Duration `json:"limit_ns"`
	Active []string      `json:"active,omitempty"`
}

// A panicJSON leaves out the stack, which the record of the step's failure has.
type panicJSON struct {
	Value string `json:"value"`
}

// adoptErrors adds the errors that are registered with the sub-workflows.
func (w *Workflow) adoptErrors() {
	for _, in := range w.Within()[1:] {
		for _, k := range in.errors {
			if strings.HasPrefix(k.code, "flow.") || strings.HasPrefix(k.code, "context.") {
				continue
			}
			if !slices.ContainsFunc(w.errors, func(old errorKind) bool { return old.code == k.code }) {
				w.errors = append(w.errors, k)
			}
		}
	}
}

// CodesOf returns the codes of the registered errors that an error is or wraps. It calls the user's
// methods; if one of them panics, there are no codes.
func (w *Workflow) CodesOf(err error) (codes []ErrorCode) {
	defer func() {
		if recover() != nil {
			codes = nil
		}
	}()
	codes = w.errors.appendCodes(nil, err)
	for _, k := range w.errors { // an Is method may match a registered error that err does not wrap
		if k.value != nil && !hasCode(codes, k.code) && errors.Is(err, k.value) {
			codes = append(codes, ErrorCode{Code: k.code})
		}
	}
	return codes
}

func hasCode(codes []ErrorCode, code string) bool {
	return slices.ContainsFunc(codes, func(c ErrorCode) bool { return c.Code == code })
}

const maxCodes = 64 // of one error

// appendCodes appends the codes of an error and of what it wraps, the outermost first.
func (all errorKinds) appendCodes(codes []ErrorCode, err error) []ErrorCode {
	if err == nil || len(codes) >= maxCodes {
		return codes
	}
	if kept, ok := err.(*keptError); ok {
		return append(codes, kept.codes...)
	}
	t := reflect.TypeOf(err)
	for _, k := range all {
		switch {
		case k.typ == t:
			if data, bad := k.encode(err); bad == nil {
				codes = append(codes, ErrorCode{k.code, data})
			}
		case k.value != nil && t.Comparable() && err == k.value && !hasCode(codes, k.code):
			codes = append(codes, ErrorCode{Code: k.code})
		}
	}
	switch x := err.(type) {
	case interface{ Unwrap() error }:
		return all.appendCodes(codes, x.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range x.Unwrap() {
			codes = all.appendCodes(codes, inner)
		}
	}
	return codes
}

// ErrorOf rebuilds an error from its text and its codes: errors.Is and errors.As find in it the
// same errors as in the original, if this program has registered them.
func (w *Workflow) ErrorOf(text string, codes []ErrorCode) error {
	var found []error
	for i, c := range codes {
		at := slices.IndexFunc(w.errors, func(k errorKind) bool { return k.code == c.Code })
		if at < 0 {
			continue
		}
		k := w.errors[at]
		if k.value != nil {
			found = append(found, k.value)
			continue
		}
		if err, bad := k.decode(c.Data, codes[i+1:]); bad == nil {
			found = append(found, err)
			if k.wraps {
				break
			}
		}
	}
	switch {
	case len(codes) == 0:
		return ErrorText(text)
	case len(found) == 1 && TextOf(found[0]) == text:
		return found[0]
	}
	return &keptError{text, found, codes}
}

// A keptError is an error that was read from a journal: its text, and the registered errors that it
// wraps.
type keptError struct {
	text  string
	found []error
	codes []ErrorCode // also those that this program does not know
}

func (e *keptError) Error() string { return e.text }

// Unwrap returns the registered errors.
func (e *keptError) Unwrap() []error { return e.found }
