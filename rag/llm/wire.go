package llm

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"weft/flow/show"
)

// Limits on responses. No legitimate response comes near them.
const (
	maxLine = 1 << 20 // one line of a stream
	// A whole response. 512 embeddings of 4096 dimensions are about 50 MB.
	maxBody  = 256 << 20
	maxError = 64 << 10 // the body of an error response
	grace    = 2 * time.Second
)

// A wire sends requests and returns valid responses or an [*Error]. It is the HTTPDoer under
// go-openai. It applies timeouts and retries, and reports both to the call in the request's
// context.
type wire struct {
	cfg  Config
	http *http.Client
}

func newWire(cfg Config, transport http.RoundTripper) *wire {
	return &wire{cfg: cfg, http: &http.Client{
		Transport: &customiser{Custom: cfg.Custom, cfg: cfg, next: transport},
		// Following the redirect of a POST would send documents to an address that the person has
		// not agreed to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// A call is one operation with all its attempts, as the timeline shows it. It is used by one
// goroutine.
type call struct {
	operation, model, endpoint string
	key                        Key // must not be printed
	keyName                    string
	observe                    func(show.ModelCall)
	begun                      time.Time
	attempt                    int
	// finished is set once the finish reason was seen. Later failures are ignored.
	finished bool
	events   *events // the stream being read, if any
}

type callKey struct{}

// begin starts a call and reports it. The returned context carries the call to the wire.
func (w *wire) begin(ctx context.Context, operation, model, endpoint string) (context.Context, *call) {
	c := &call{operation: operation, model: model, endpoint: ShowURL(endpoint), key: w.cfg.Key,
		keyName: cmp.Or(w.cfg.KeyName, "the key"), observe: observerOf(ctx), begun: time.Now(), attempt: 1}
	c.report(show.ModelCall{State: show.CallQueued})
	return context.WithValue(ctx, callKey{}, c), c
}

// report completes an observation with the call's data and passes it to the observer.
func (c *call) report(m show.ModelCall) {
	m.Operation, m.Model, m.Endpoint, m.Attempt = c.operation, c.model, c.endpoint, c.attempt
	if m.State == show.CallFirstToken || m.State == show.CallDone {
		m.WaitMS = time.Since(c.begun).Milliseconds()
	}
	c.observe(m)
}

// end reports the end of a call.
func (c *call) end(err error, m show.ModelCall) {
	m.State = show.CallDone
	if err != nil {
		m.Reason = err.Error()
	}
	c.report(m)
}

// fail returns an error of this call.
func (c *call) fail(k Kind, message string, err error) *Error {
	return &Error{Kind: k, Operation: c.operation, Endpoint: c.endpoint, Model: c.model,
		Message: c.key.redact(message), Err: err}
}

// Do sends a request, with retries, and returns its response or an error. A returned response has a
// 2xx status and a body with an idle timeout. Do panics if the request's context has no call.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	c := req.Context().Value(callKey{}).(*call)
	if k := w.cfg.Key.value(); k != "" {
		req.Header.Set("Authorization", "Bearer "+k)
	}
	// This header allows net/http to repeat a request if the server closes a kept-alive connection
	// just then. An empty list is not sent.
	req.Header["X-Idempotency-Key"] = nil
	begun := time.Now()
	for try := 1; ; try++ {
		res, failed, header := w.once(c, req)
		if failed == nil && req.Header.Get("Accept") == "text/event-stream" {
			c.events = newEvents(c, res.Body)
			res.Body = c.events
			if failed = c.events.prime(); failed != nil {
				res.Body.Close() // the error is known
			}
		}
		if failed == nil {
			return res, nil
		}
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		failed.Attempts = try
		wait, again := w.cfg.Retry.next(failed, time.Since(begun), header)
		if !again {
			return nil, failed
		}
		retry := show.ModelCall{State: show.CallRetry, Reason: failed.sentence(), WaitMS: wait.Milliseconds()}
		if most := w.cfg.Retry.most(failed); most > 0 {
			retry.Attempts = c.attempt - try + most // a call may consist of several requests
		}
		c.report(retry)
		c.attempt++
		if err := sleep(req.Context(), wait); err != nil {
			return nil, err
		}
		if req.GetBody != nil {
			body, err := req.GetBody()
			if err != nil {
				return nil, fmt.Errorf("llm: repeating a request: %w", err)
			}
			req.Body = body
		}
	}
}

// once makes one attempt. With an error it also returns the header of the response, if there was a
// response.
func (w *wire) once(c *call, req *http.Request) (*http.Response, *Error, http.Header) {
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(w.cfg.HeadersTimeout, func() { cancel(errSilent) })
	res, err := w.http.Do(req.WithContext(ctx))
	timer.Stop()
	if err != nil {
		cancel(nil)
		if errors.Is(context.Cause(ctx), errSilent) {
			e := c.fail(Silent, "", nil)
			e.After = w.cfg.HeadersTimeout
			return nil, e, nil
		}
		return nil, c.connectionError(err), nil
	}
	res.Body = &guarded{call: c, body: res.Body, ctx: ctx, cancel: cancel, idle: w.cfg.IdleTimeout}
	if res.StatusCode/100 == 2 {
		return res, nil, nil
	}
	defer res.Body.Close()
	return nil, w.refusal(c, res), res.Header
}

// refusal converts a response without a 2xx status into an error.
func (w *wire) refusal(c *call, res *http.Response) *Error {
	if res.StatusCode/100 == 3 {
		e := c.serverFailure(res.StatusCode, serverError{})
		to, err := res.Location()
		if err != nil {
			return e
		}
		e.Message = "it redirects to " + ShowURL(to.String()) + ", which is not followed because documents would go there: make it the base URL if you trust it"
		return e
	}
	raw, _ := io.ReadAll(io.LimitReader(res.Body, maxError)) // a truncated message is still useful
	if !looksLikeHTML(raw) {
		return c.serverFailure(res.StatusCode, readError(raw))
	}
	e := c.serverFailure(res.StatusCode, serverError{})
	switch e.Kind {
	case NotFound:
		e.Kind, e.Message = NotAPI, "a web page"
	case Unauthorized:
		if title := pageTitle(raw); title != "" && res.StatusCode == http.StatusForbidden {
			e.Kind, e.Message = Forbidden, "it sent the page "+title
		}
	}
	return e // for other kinds the status suffices; the text of the page is not shown
}

// connectionError converts a failed request into an error.
func (c *call) connectionError(err error) *Error {
	if plain, ok := errors.AsType[*errPlain](err); ok {
		return c.fail(Unauthorized, "", plain)
	}
	var dns *net.DNSError
	var op *net.OpError
	if errors.As(err, &dns) {
		e := c.fail(Unreachable, "there is no host "+dns.Name, dns)
		if e.passing = !dns.IsNotFound; e.passing {
			e.Message = "the name " + dns.Name + " cannot be looked up"
		}
		return e
	}
	// Keep only the cause: net/http's message repeats the address, which may contain secrets.
	cause := err
	for u := errors.Unwrap(cause); u != nil; u = errors.Unwrap(cause) {
		cause = u
	}
	var e *Error
	switch {
	case isErrno(err, syscall.ECONNREFUSED, 10061) || errors.As(err, &op) && op.Op == "dial" && op.Timeout():
		e = c.fail(Unreachable, "", cause)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		isErrno(err, syscall.ECONNRESET, 10054), isErrno(err, syscall.EPIPE, 10053):
		e = c.fail(Dropped, "", cause)
	default:
		e = c.fail(Unreachable, oneLine(cause.Error()), cause)
	}
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	e.passing = !errors.As(err, &cert) && !errors.As(err, &record) && !errors.Is(err, http.ErrSchemeMismatch)
	return e
}

// isErrno reports whether an error is the given system error, by its Unix or its Windows number.
func isErrno(err error, unix, windows syscall.Errno) bool {
	return errors.Is(err, unix) || errors.Is(err, windows)
}

// mostFailures limits the attempts of a chat request that fails with an error that waiting is
// unlikely to cure.
const mostFailures = 3

// most returns how many attempts there may be at a request, by the error of the last one; 0: any
// number, as long as Patience lasts.
func (r Retry) most(e *Error) int {
	switch {
	case e.Kind == Failed:
		return min(mostFailures, r.Attempts)
	case e.isLoading():
		return 0
	}
	return r.Attempts
}

// next decides whether to retry a failed attempt, and after what wait.
func (r Retry) next(e *Error, since time.Duration, header http.Header) (wait time.Duration, again bool) {
	loading := e.isLoading()
	switch e.Kind {
	case Unreachable, Dropped:
		if !e.passing {
			return 0, false
		}
	case Limited, NotReady:
	case Failed:
		if e.Operation != show.OperationChat {
			return 0, false
		}
	default:
		return 0, false
	}
	if most := r.most(e); most > 0 && e.Attempts >= most {
		return 0, false
	}
	if after, said := retryAfter(header); said || e.After > 0 {
		if wait = cmp.Or(after, e.After); e.Kind == Limited {
			e.After = wait
		}
	} else {
		// Jitter keeps parallel calls from retrying at the same time.
		wait = time.Duration(float64(r.backOff(e.Attempts)) * (0.8 + 0.4*rand.Float64()))
	}
	if wait < 0 || wait > r.Patience || loading && since+wait > r.Patience {
		return 0, false
	}
	return wait, true
}

// backOff returns the wait after a number of attempts. It doubles with each, up to MaxWait.
func (r Retry) backOff(attempts int) time.Duration {
	wait := r.Wait
	for range attempts - 1 {
		if wait *= 2; wait >= r.MaxWait {
			break
		}
	}
	return min(wait, r.MaxWait)
}

// retryAfter returns the wait that a server asks for, in seconds or until a date (RFC 9110,
// 10.2.3). Some services send fractions of a second, or milliseconds in a header of their own.
func retryAfter(header http.Header) (wait time.Duration, said bool) {
	if ms, err := strconv.ParseFloat(header.Get("Retry-After-Ms"), 64); err == nil && ms >= 0 {
		return time.Duration(min(ms, math.MaxInt32) * float64(time.Millisecond)), true
	}
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(seconds) {
		return time.Duration(min(seconds, math.MaxInt32) * float64(time.Second)), seconds >= 0
	}
	until, err := http.ParseTime(text)
	return max(0, time.Until(until)), err == nil
}

// errSilent is the cancellation cause of a request whose timer has expired.
var errSilent = errors.New("silence")

// guarded is a response body with an idle timeout. Closing it frees the connection.
type guarded struct {
	call   *call
	body   io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	idle   time.Duration
	read   int64
}

func (g *guarded) Read(p []byte) (int, error) {
	idle := g.idle
	if g.call.finished {
		idle = min(idle, grace)
	}
	timer := time.AfterFunc(idle, func() { g.cancel(errSilent) })
	n, err := g.body.Read(p)
	timer.Stop()
	g.read += int64(n)
	switch {
	case err == nil && g.read > maxBody:
		return n, g.call.fail(Oversized, fmt.Sprintf("it is larger than %d MB", maxBody>>20), nil)
	case err == nil || err == io.EOF:
		return n, err
	case errors.Is(context.Cause(g.ctx), errSilent):
		e := g.call.fail(Silent, "", nil)
		e.After = idle
		return n, e
	case g.ctx.Err() != nil:
		return n, g.ctx.Err()
	}
	return n, g.call.fail(Dropped, "", err)
}

func (g *guarded) Close() error {
	g.cancel(nil)
	return g.body.Close()
}

// post sends a JSON body and decodes the JSON response into v. With a nil body it sends a GET
// request.
func (w *wire) post(ctx context.Context, url string, body, v any) error {
	method, data := http.MethodGet, []byte(nil)
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return fmt.Errorf("llm: encoding a request: %w", err)
		}
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("llm: making a request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := w.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	c := ctx.Value(callKey{}).(*call)
	if looksLikeHTML(raw) {
		return c.fail(NotAPI, "a web page", nil)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		if isError(raw) {
			return c.reported(raw)
		}
		if e, ok := errors.AsType[*Error](err); ok {
			return e
		}
		return c.fail(Malformed, "it is not the JSON that was expected: "+oneLine(err.Error()), err)
	}
	return nil
}

// looksLikeHTML recognises a web page, which proxies, routers and wrong ports send.
func looksLikeHTML(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n\ufeff"), []byte("<"))
}

// sleep waits for d, or until the context ends, and then returns its error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
