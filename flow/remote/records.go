package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"weft/flow"
)

// Pauses before a client connects again: they double from the first to the longest.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
)

// silentFor is how long a stream may be silent. The server shows that it is alive every 25 seconds.
const silentFor = 70 * time.Second

// maxLine limits the length of a record, in bytes.
const maxLine = 256 << 20

// Errors of a connection that does not bring the next record.
var (
	errGap    = errors.New("a record is missing")
	errSilent = errors.New("the server is silent")
)

// Records yields the records of the run after a number, as they come, until the run has ended, ctx is
// done, or the server refuses to show it.
func (r *Run) Records(ctx context.Context, after uint64) iter.Seq[flow.Record] {
	return func(yield func(flow.Record) bool) {
		for record, err := range r.Follow(ctx, after) {
			if err != nil || !yield(record) {
				return
			}
		}
	}
}

// Follow is Records with the error that ends it early: the cause of ctx's end, or the server's
// refusal.
//
// The records of a run of a foreign server are made again from its events in each call. Their times are
// those at which the events arrived, as a show.Arrival after the first record says. An event that the
// server no longer has is missing, and an execution whose beginning is missing begins and ends at once.
func (r *Run) Follow(ctx context.Context, after uint64) iter.Seq2[flow.Record, error] {
	return func(yield func(flow.Record, error) bool) {
		if r.client.Foreign() {
			err := r.followEvents(ctx, func(record flow.Record) bool { return record.Seq <= after || yield(record, nil) })
			if err != nil {
				yield(flow.Record{}, r.explain(ctx, err))
			}
			return
		}
		f := follower{run: r, last: after, yield: yield}
		for pause := r.client.pause; ; pause = min(2*pause, longestPause) {
			before := f.last
			err := f.connect(ctx)
			switch {
			case f.over:
				return
			case ctx.Err() != nil:
				yield(flow.Record{}, context.Cause(ctx))
				return
			case final(err):
				yield(flow.Record{}, r.explain(ctx, err))
				return
			}
			if !f.lost {
				f.lost = true
				r.client.link(err)
			}
			if f.last > before {
				pause = r.client.pause // a record has come
			}
			waitFor(ctx, pause)
		}
	}
}

// explain says which run an error is about, unless it is the end of ctx.
func (r *Run) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("run %s at %s: %w", r.id, r.client.Address(), err)
}

// waitFor pauses before the next connection, and reports whether ctx lasts longer. The length is
// random, so that many clients do not come at once.
func waitFor(ctx context.Context, pause time.Duration) bool {
	select {
	case <-time.After(pause/2 + rand.N(pause/2)):
		return true
	case <-ctx.Done():
		return false
	}
}

// A follower reads the records of a run over as many connections as it takes.
type follower struct {
	run   *Run
	last  uint64 // the number of the last record that was yielded
	over  bool   // the run has ended, or the reader wants no more
	lost  bool   // the loss of the connection was reported
	yield func(flow.Record, error) bool
}

// connect reads records over one connection until it ends, and returns why.
func (f *follower) connect(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	silence := time.AfterFunc(silentFor, func() { stop(errSilent) })
	defer silence.Stop()
	query := url.Values{"after": {strconv.FormatUint(f.last, 10)}}
	res, err := f.run.client.do(ctx, http.MethodGet, f.run.path("/runs/", "/records"), query, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for {
		line, err := readLine(lines)
		if err != nil {
			return err // the rest of a line that was cut off is not a record
		}
		silence.Reset(silentFor)
		if len(line) == 0 {
			continue // the server is alive
		}
		var record flow.Record
		if err := json.Unmarshal(line, &record); err != nil {
			return fmt.Errorf("a record cannot be read: %w", err)
		}
		if record.Seq <= f.last {
			continue // it was seen
		}
		if record.Seq != f.last+1 && !(f.last == 0 && begins(record)) {
			return errGap
		}
		if f.lost {
			f.lost = false
			f.run.client.link(nil)
		}
		f.last = record.Seq
		if f.over = !f.yield(record, nil) || ends(record); f.over {
			return nil
		}
	}
}

// begins reports whether a record other than the first can be the first of a journal.
func begins(r flow.Record) bool { return r.Kind == flow.RunForked || r.Kind == flow.RunRestored }

func ends(r flow.Record) bool {
	switch r.Kind {
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		return !strings.Contains(r.Run, "/")
	}
	return false
}

// readLine reads a line without its end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(line) > maxLine:
			return nil, fmt.Errorf("a record is longer than %d bytes: %w", maxLine, io.ErrShortBuffer)
		}
	}
}
