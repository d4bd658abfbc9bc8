package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	"weft/rag/lazyregexp"
)

// errorBody is the body of an error response, with the places where services put the error.
type errorBody struct {
	Error  json.RawMessage   `json:"error"`  // OpenAI, Gemini, Anthropic: an object, or a text
	Detail json.RawMessage   `json:"detail"` // FastAPI, Mistral: a text, or an array
	Errors []json.RawMessage `json:"errors"` // Cloudflare
	Base   struct {
		Code    int    `json:"status_code"`
		Message string `json:"status_msg"`
	} `json:"base_resp"` // MiniMax: 0 means success
	Object string `json:"object"`

	// Of services that have an envelope of their own around answers and errors.
	Choices json.RawMessage `json:"choices"`
	Code    flexibleInt     `json:"code"`
	Message flexibleString  `json:"message"`
	Msg     flexibleString  `json:"msg"`
}

// serverError is OpenAI's error object with the additions of other servers.
type serverError struct {
	Message flexibleString `json:"message"`
	Type    flexibleString `json:"type"`
	Code    any            `json:"code"`
	Status  any            `json:"status"` // Gemini: a word; Azure: a number
	Param   flexibleString `json:"param"`
	Context flexibleInt    `json:"n_ctx"`           // llama.cpp
	Prompt  flexibleInt    `json:"n_prompt_tokens"` // llama.cpp
	Details []struct {
		Reason flexibleString `json:"reason"`
		Delay  flexibleString `json:"retryDelay"`
	} `json:"details"` // Gemini
}

// isError reports whether the JSON body of a successful response is an error.
func isError(raw []byte) bool {
	var b errorBody
	raw = bytes.TrimSpace(raw)
	var list []json.RawMessage
	if len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &list) == nil && len(list) > 0 {
		raw = list[0]
	}
	if json.Unmarshal(raw, &b) != nil {
		return false
	}
	enveloped := len(b.Choices) == 0 && b.Code >= 400 && b.Message+b.Msg != ""
	return len(b.Error) > 0 && string(b.Error) != "null" || b.Base.Code != 0 || b.Object == "error" || enveloped
}

// readError parses the body of an error, or uses the raw text if it has no known form.
func readError(raw []byte) (e serverError) {
	raw = bytes.TrimSpace(raw)
	var list []json.RawMessage
	if len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &list) == nil && len(list) > 0 {
		raw = list[0] // Gemini
	}
	var outer errorBody
	if json.Unmarshal(raw, &outer) != nil {
		return serverError{Message: flexibleString(oneLine(string(raw)))}
	}
	inner := outer.Error
	if len(inner) == 0 || string(inner) == "null" {
		inner = raw
	}
	var text string
	switch {
	case json.Unmarshal(inner, &text) == nil:
		e.Message = flexibleString(text)
	case json.Unmarshal(inner, &e) == nil && e.Message != "":
	case outer.Msg != "":
		e.Message = outer.Msg
	case outer.Base.Code != 0:
		e.Message, e.Code = flexibleString(outer.Base.Message), outer.Base.Code
	case len(outer.Detail) > 0 && string(outer.Detail) != "null":
		e.Message, e.Param = detail(outer.Detail)
	case len(outer.Errors) > 0:
		return readError(outer.Errors[0])
	default:
		e.Message = flexibleString(inner)
	}
	e.Message = flexibleString(oneLine(string(e.Message)))
	return e
}

// detail reads FastAPI's detail: a text, or a list of what is wrong with which part of the request.
func detail(raw json.RawMessage) (message, param flexibleString) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return flexibleString(text), ""
	}
	var list []struct {
		Where   []any  `json:"loc"`
		Message string `json:"msg"`
	}
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 || list[0].Message == "" {
		return flexibleString(raw), ""
	}
	var all []string
	for _, d := range list {
		where := ""
		for _, w := range d.Where {
			if w = fmt.Sprint(w); w != "body" {
				where = strings.TrimPrefix(where+"."+w.(string), ".")
			}
		}
		all = append(all, strings.TrimPrefix(where+": "+d.Message, ": "))
		if param == "" {
			param = flexibleString(where)
		}
	}
	return flexibleString(strings.Join(all, "; ")), param
}

// words returns all texts of an error, in lower case.
func (e serverError) words() string {
	s := fmt.Sprintf("%s %s %v %v", e.Message, e.Type, e.Code, e.Status)
	for _, d := range e.Details {
		s += " " + string(d.Reason)
	}
	return strings.ToLower(s)
}

// Errors are recognised by the wording of their messages, because services disagree on status
// codes.
var (
	tooLongWords = lazyregexp.New(`exceed_context_size|context_length_exceeded|(?:prompt|input|request|message)s? (?:is |are )?too (?:long|large)|` +
		`context.{0,40}(?:exceed|overflow)|exceed.{0,60}context|maximum context|maximum number of tokens allowed|reduce (?:your|the) (?:message|prompt|input|length)|too large for model with|` +
		`max_new_tokens\W{1,3}must be|tokens.{0,40}must be (?:<=|less than)|longer than the (?:maximum|model)|shorter (?:input|prompt)`)
	creditWords = lazyregexp.New(`insufficient.{0,3}(?:quota|balance|credit|fund)|exceeded your current quota|` +
		`out of credit|no credit|credit balance|payment required|billing (?:hard )?limit|spending limit|` +
		`(?:monthly|included|free|more) (?:\w+ )?credits|requires billing|billing to be enabled`)
	quotaWords = lazyregexp.New(`\bquota\b`)
	rulesWords = lazyregexp.New(`content_filter|content management policy|content.policy|moderation|flagged|` +
		`unsupported_country|(?:country|region|territory|location).{0,30}(?:not |un)supported|not (?:available|supported) in your (?:country|region)`)
	keyWords = lazyregexp.New(`api_key_invalid|invalid_api_key|invalid api.?key|incorrect api key|api key (?:is )?(?:not valid|invalid|expired)|` +
		`(?:key|token) (?:has |was |is )?(?:been )?(?:expired|revoked)|unauthenticated|authentication_error`)
	modelWords = lazyregexp.New(`model_not_found|(?:not|no) (?:have )?access to (?:the )?model|no such model|(?:invalid|unknown) model|` +
		`model\b.{0,60}(?:not exist|not found|not available|deprecated|decommissioned|is not supported by)`)
	busyWords  = lazyregexp.New(`overloaded|unavailable|try again later`)
	limitWords = lazyregexp.New(`rate.?limit|resource_exhausted|too many requests`)
)

// classify returns the kind of a failure. The wording takes precedence over the status: one service
// answers 400 where another answers 401.
func classify(status int, e serverError) Kind {
	said := e.words()
	switch {
	case creditWords.MatchString(said), status == http.StatusPaymentRequired,
		status == http.StatusForbidden && quotaWords.MatchString(said):
		return Exhausted
	case rulesWords.MatchString(said) && status != http.StatusTooManyRequests:
		return Forbidden
	case keyWords.MatchString(said) && status < 500:
		return Unauthorized
	case tooLongWords.MatchString(said) && status != http.StatusTooManyRequests:
		return TooLong
	case modelWords.MatchString(said) && status < 500:
		return NotFound
	}
	return kindOf(status)
}

// httpStatus returns the HTTP status that an error in the body of a successful response names, or 0.
func (e serverError) httpStatus() int {
	for _, v := range []any{e.Code, e.Status} {
		n, err := strconv.Atoi(fmt.Sprint(v))
		if f, ok := v.(float64); ok {
			n, err = int(f), nil
		}
		if err == nil && n >= 400 && n < 600 {
			return n
		}
	}
	said := e.words()
	switch {
	case limitWords.MatchString(said):
		return http.StatusTooManyRequests
	case busyWords.MatchString(said):
		return http.StatusServiceUnavailable
	}
	return 0
}

// kindOf returns the kind of failure for an HTTP status.
func kindOf(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Unauthorized
	case http.StatusPaymentRequired:
		return Exhausted
	case http.StatusNotFound:
		return NotFound
	case http.StatusTooManyRequests:
		return Limited
	case http.StatusRequestEntityTooLarge:
		return TooLong
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
		520, 521, 522, 523, 524, 529: // Cloudflare's, and Anthropic's "overloaded"
		return NotReady
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return Unsupported
	}
	if status >= 500 {
		return Failed
	}
	return Rejected
}

var (
	contextLength = lazyregexp.New(`(?:context (?:length|size|window))[^0-9]{0,20}([0-9][0-9,_]{2,})`)
	contextAfter  = lazyregexp.New(`(?:maximum|max|context|limit|allowed|available|supports|must be)[^0-9]{0,40}([0-9][0-9,_]{2,})`)
	contextBefore = lazyregexp.New(`([0-9][0-9,_]{2,})(?: tokens?)? (?:maximum|max|limit)`)
	promptTokens  = lazyregexp.New(`([0-9][0-9,_]+)(?: tokens?)? in (?:the|your) (?:messages|prompt)|([0-9][0-9,_]+) (?:input|prompt) tokens|request \(([0-9][0-9,_]+) tokens|prompt (?:is too long: |contains )([0-9][0-9,_]+)|given: ([0-9][0-9,_]+) .inputs|prompt \(length ([0-9][0-9,_]+)\)`)
)

// sizes returns the sizes of the context and of the prompt, in tokens, that an error names; 0 for a
// size that it does not name.
func (e serverError) sizes() (context, prompt int) {
	said := strings.ToLower(string(e.Message))
	context, prompt = int(e.Context), int(e.Prompt)
	if context == 0 {
		for _, r := range []*lazyregexp.Regexp{contextLength, contextAfter, contextBefore} {
			if m := r.FindStringSubmatch(said); m != nil && context == 0 {
				context = digits(m[1])
			}
		}
	}
	if m := promptTokens.FindStringSubmatch(said); prompt == 0 && m != nil {
		prompt = digits(strings.Join(m[1:], ""))
	}
	return context, prompt
}

func digits(s string) int {
	n, err := strconv.Atoi(strings.NewReplacer(",", "", "_", "").Replace(s))
	if err != nil {
		return 0 // implausibly large
	}
	return n
}

var tryAgainIn = lazyregexp.New(`(?:try again|retry) (?:in|after) ([0-9.]+) ?(ms|s|m)\b`)

// after returns how long the error asks to wait, or 0.
func (e serverError) after() time.Duration {
	for _, d := range e.Details {
		if wait, err := time.ParseDuration(string(d.Delay)); err == nil && wait > 0 {
			return wait
		}
	}
	if m := tryAgainIn.FindStringSubmatch(strings.ToLower(string(e.Message))); m != nil {
		wait, _ := time.ParseDuration(m[1] + m[2]) // 0 if it is not a duration
		return wait
	}
	return 0
}

var title = lazyregexp.New(`(?is)<title[^>]*>(.*?)</title>`)

// pageTitle returns the title of a web page in quotes, or "".
func pageTitle(page []byte) string {
	m := title.FindSubmatch(page)
	if m == nil {
		return ""
	}
	return strconv.Quote(oneLine(html.UnescapeString(string(m[1]))))
}

// serverFailure converts a server's status and error body into an [*Error].
func (c *call) serverFailure(status int, said serverError) *Error {
	e := c.fail(classify(status, said), string(said.Message), nil)
	e.Status, e.After, e.param = status, said.after(), string(said.Param)
	if e.Kind == TooLong {
		e.Context, e.Prompt = said.sizes()
	}
	if !c.key.IsZero() {
		e.keyName = c.keyName
	}
	return e
}

// reported returns the error in the JSON body of a successful response, classified as if the
// response had had the status that the body names.
func (c *call) reported(raw []byte) *Error {
	said := readError(raw)
	status := said.httpStatus()
	e := c.serverFailure(status, said)
	if status == 0 && e.Kind == Rejected {
		e.Kind = Failed
	}
	return e
}
