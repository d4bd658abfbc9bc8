package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"weft/flow"
)

// settleAfter is how long the outcome of an execution that ended without a result stays open. If
// the execution failed, the event that says so comes at once.
const settleAfter = 200 * time.Millisecond

// errGone reports the end of the stream of a run that has ended.
var errGone = errors.New("the server sends no more events of the run")

// A listener follows the events of a run of a foreign server over as many connections as it takes.
type listener struct {
	run    *Run
	made   *translator
	last   int64 // the number of the last event that came; below 0: none
	missed int   // events that have not come
	lost   bool  // the loss of the connection was reported
	read   bool  // an event came over the present connection
	yield  func(flow.Record) bool
	stop   bool // the reader wants no more
}

// followEvents yields the records that are made from the events of the run.
func (r *Run) followEvents(ctx context.Context, yield func(flow.Record) bool) error {
	workflow := r.workflow
	if workflow == "" {
		state, err := r.handler(ctx)
		if err != nil {
			return err
		}
		workflow = state.Workflow
	}
	f := r.client.workflow(workflow)
	l := listener{run: r, last: -1, yield: yield, made: newTranslator(r.id, f.graph, f.human, r.client.now)}
	l.made.begin(r.start)
	if !l.flush() {
		return nil
	}
	for pause := r.client.pause; ; pause = min(2*pause, longestPause) {
		l.read = false
		err := l.connect(ctx)
		if l.stop || l.made.over {
			return nil
		}
		if err == nil || errors.Is(err, errGone) {
			if err = l.ended(ctx); l.stop || l.made.over {
				return nil
			}
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case final(err):
			return err
		case !l.lost:
			l.lost = true
			r.client.link(err)
		}
		if l.read {
			pause = r.client.pause
		}
		if !waitFor(ctx, pause) {
			return context.Cause(ctx)
		}
	}
}

// flush yields the records that were made, and reports whether the reader wants more.
func (l *listener) flush() bool {
	for _, r := range l.made.take() {
		if l.stop = l.stop || !l.yield(r); l.stop {
			return false
		}
	}
	return true
}

// A received is an event with its number; below 0: it has none.
type received struct {
	id int64
	envelope
}

// connect reads events over one connection until it ends, and returns why; nil: it is complete.
func (l *listener) connect(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	silence := time.AfterFunc(silentFor, func() { stop(errSilent) })
	defer silence.Stop()
	query := url.Values{"sse": {"true"}, "include_internal": {"true"}, "after_sequence": {strconv.FormatInt(l.last, 10)}}
	res, err := l.run.client.do(ctx, http.MethodGet, l.run.path("/events/", ""), query, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNoContent {
		return errGone
	}
	events, end := make(chan received), make(chan error, 1)
	go func() {
		end <- readEvents(bufio.NewReader(res.Body), func() { silence.Reset(silentFor) }, func(e received) bool {
			select {
			case events <- e:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	settle := time.NewTimer(settleAfter)
	defer settle.Stop()
	for {
		select {
		case e := <-events:
			l.take(e)
			settle.Reset(settleAfter)
		case <-settle.C:
			l.made.settle("", "")
		case err := <-end:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if !l.flush() || l.made.over {
			return nil
		}
	}
}

// take translates an event, unless it was seen.
func (l *listener) take(e received) {
	if e.id >= 0 && e.id <= l.last {
		return
	}
	l.read = true
	if l.lost {
		l.lost = false
		l.run.client.link(nil)
	}
	// The number of the first event is 0 or 1.
	if gap := e.id - l.last - 1; e.id >= 0 && (gap > 1 || gap == 1 && l.last >= 0) {
		l.missed += int(gap)
		l.made.at = l.made.now()
		l.made.settle("", "")
		l.made.missed(l.missed)
	}
	l.last = max(l.last, e.id)
	l.made.event(e.envelope)
}

// readEvents reads server-sent events. alive is called for each line, take for each event until it
// returns false. A nil error is the end of the stream.
func readEvents(r *bufio.Reader, alive func(), take func(received) bool) error {
	e := received{id: -1}
	var data []byte
	for {
		line, err := readLine(r)
		switch {
		case errors.Is(err, io.EOF) && len(data) == 0:
			return nil
		case err != nil:
			return err // an event that was cut off is dropped
		}
		alive()
		text := strings.TrimSuffix(string(line), "\r")
		field, value, _ := strings.Cut(text, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case field == "id":
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				e.id = n
			}
		case field == "data":
			if len(data) > 0 {
				data = append(data, '\n')
			}
			if data = append(data, value...); len(data) > maxLine {
				return fmt.Errorf("an event is longer than %d bytes: %w", maxLine, io.ErrShortBuffer)
			}
		case text == "" && len(data) > 0:
			if err := json.Unmarshal(data, &e.envelope); err != nil {
				return fmt.Errorf("an event cannot be read: %w", err)
			}
			if !take(e) {
				return nil
			}
			e, data = received{id: -1}, nil
		}
	}
}

// A handlerState is what the server says about a run.
type handlerState struct {
	Workflow string `json:"workflow_name"`
	Status   string
	Error    string
	Result   *envelope
}

// The states of a run that has ended.
const (
	statusCompleted = "completed"
	statusFailed    = "failed"
	statusCancelled = "cancelled"
)

func (s handlerState) ended() bool {
	return s.Status == statusCompleted || s.Status == statusFailed || s.Status == statusCancelled
}

// handler asks for the state of the run. For a run that has failed, the server answers with the
// status 500.
func (r *Run) handler(ctx context.Context) (state handlerState, err error) {
	ctx, stop := context.WithTimeout(ctx, askWithin)
	defer stop()
	err = r.client.ask(ctx, http.MethodGet, r.path("/handlers/", ""), nil, nil, &state)
	var status *StatusError
	if errors.As(err, &status) && status.Status == http.StatusInternalServerError &&
		json.Unmarshal(status.body, &state) == nil && state.Status != "" {
		err = nil
	}
	return state, err
}

// errCut reports the end of the stream of a run that has not ended.
var errCut = errors.New("the server has ended the stream")

// ended asks the server how the run ended, if its stream ended without an event that says so.
func (l *listener) ended(ctx context.Context) error {
	state, err := l.run.handler(ctx)
	if err != nil {
		return err
	}
	t := l.made
	t.at = t.now()
	t.settle("", "")
	switch state.Status {
	case statusCompleted:
		r := flow.Record{Kind: flow.RunFinished, Event: t.newID(), Type: t.graph.Stop, Cause: t.stopper}
		if state.Result != nil {
			r.Type, r.Payload = state.Result.Type, state.Result.Value
		}
		t.end(r)
	case statusFailed:
		t.end(flow.Record{Kind: flow.RunFailed, Error: state.Error})
	case statusCancelled:
		t.end(flow.Record{Kind: flow.RunCancelled, Error: state.Error})
	default:
		return errCut
	}
	l.flush()
	return nil
}
