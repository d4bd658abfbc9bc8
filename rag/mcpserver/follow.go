package mcpserver

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/tools"
)

// An ending is how far a run came during a call.
type ending struct {
	status tools.Status
	stop   any                 // the stop event, if the run is done
	text   string              // of the answer so far, if it is running
	waits  string              // what a person has to decide, if it waits
	needs  *mcp.CallToolResult // the request for input, if the client can ask a person
	err    error
}

// follow reports a run's progress until it ends, waits for a person, or the patience is over. The
// end of ctx means that the client has cancelled the call: the run is cancelled.
func (s *server) follow(ctx context.Context, req *mcp.CallToolRequest, run flow.Handle) ending {
	limited, stop := context.WithTimeout(ctx, s.Patience)
	defer stop()
	p := s.newProgress(limited, req, run)
	defer p.end()
	var text strings.Builder
	for r := range run.Records(limited, 0) {
		p.record(r)
		if d, ok := r.Payload.(show.Delta); ok && r.Run == run.ID() {
			if d.Restart {
				text.Reset()
			}
			text.WriteString(d.Text)
		}
		if r.Kind == flow.AwaitOpened && isOpen(run.Explain(), r.Event) {
			return s.waiting(req, run, r)
		}
	}
	switch {
	case ctx.Err() != nil:
		run.Cancel(errCancelled)
		return ending{err: errCancelled}
	case limited.Err() != nil:
		return ending{status: tools.StatusRunning, text: text.String()}
	}
	got, err := run.Result(ctx)
	return ending{status: tools.StatusDone, stop: got, err: err}
}

// isOpen reports whether an await of a run or of its sub-workflows is open.
func isOpen(e flow.Explanation, await uint64) bool {
	for _, w := range e.Awaits {
		if w.ID == await {
			return true
		}
	}
	for _, sub := range e.Runs {
		if isOpen(*sub, await) {
			return true
		}
	}
	return false
}

// Clients cut messages at about mostMessage bytes, and are sent at most burst messages at once and
// one each messageInterval after that.
const (
	mostMessage     = 200
	burst           = 5
	messageInterval = time.Second / burst
)

// A progress sends progress messages about one run to a client.
type progress struct {
	ctx    context.Context
	req    *mcp.CallToolRequest
	token  any
	run    flow.Handle
	does   map[string]string // what a step does, by its name
	ending sync.WaitGroup
	stop   chan struct{}

	mu      sync.Mutex
	sent    int
	credit  int       // messages that may be sent at once
	refill  time.Time // when credit was counted
	last    time.Time // when a message was sent
	message string    // the latest one
	pending bool      // message is not sent
	begun   time.Time
}

func (s *server) newProgress(ctx context.Context, req *mcp.CallToolRequest, run flow.Handle) *progress {
	now := time.Now()
	p := &progress{ctx: ctx, req: req, token: req.Params.GetProgressToken(), run: run, does: map[string]string{},
		stop: make(chan struct{}), credit: burst, refill: now, last: now, begun: now}
	if p.token == nil {
		return p
	}
	for _, step := range run.Graph().Steps {
		p.does[step.Name] = step.Description
	}
	p.ending.Go(func() {
		tick := time.NewTicker(min(messageInterval, s.Heartbeat))
		defer tick.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-ctx.Done():
				return
			case now := <-tick.C:
				p.tick(now, s.Heartbeat)
			}
		}
	})
	return p
}

// end sends the last message and stops.
func (p *progress) end() {
	if p.token == nil {
		return
	}
	close(p.stop)
	p.ending.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending {
		p.send()
	}
}

// tick sends a message that was held back, or repeats the last one as a heartbeat.
func (p *progress) tick(now time.Time, heartbeat time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.pending && p.mayThen(now):
		p.send()
	case now.Sub(p.last) >= heartbeat:
		text := p.message
		p.message = fmt.Sprintf("%s (%d s)", text, int(now.Sub(p.begun).Seconds()))
		p.send()
		p.message = text
	}
}

// mayThen reports whether a message may be sent now, and counts it.
func (p *progress) mayThen(now time.Time) bool {
	if n := int(now.Sub(p.refill) / messageInterval); n > 0 {
		p.credit = min(burst, p.credit+n)
		p.refill = now
	}
	if p.credit == 0 {
		return false
	}
	p.credit--
	return true
}

// say sends a message, now or as soon as the next one may be sent.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.message, p.pending = text, true
	if p.mayThen(time.Now()) {
		p.send()
	}
}

// send sends the message. The lock must be held.
func (p *progress) send() {
	p.sent++
	p.pending, p.last = false, time.Now()
	text := p.message
	if len(text) > mostMessage {
		at := mostMessage - len("…")
		for at > 0 && !utf8.RuneStart(text[at]) {
			at--
		}
		text = text[:at] + "…"
	}
	// A client that is gone is noticed by the end of the call.
	_ = p.req.Session.NotifyProgress(p.ctx, &mcp.ProgressNotificationParams{
		ProgressToken: p.token, Message: text, Progress: float64(p.sent)})
}

// record sends what a record says.
func (p *progress) record(r flow.Record) {
	if p.token == nil {
		return
	}
	if text := p.text(r); text != "" {
		p.say(text)
	}
}

// text returns the message for a record; "": it is not worth one.
func (p *progress) text(r flow.Record) string {
	switch r.Kind {
	case flow.RunStarted:
		if r.Run == p.run.ID() {
			return "run " + p.run.ID() + " of the workflow " + p.run.Workflow()
		}
	case flow.StepStarted:
		if r.Attempt > 1 {
			return fmt.Sprintf("%s: attempt %d", r.Step, r.Attempt)
		}
		return strings.TrimSuffix(r.Step+": "+p.does[r.Step], ": ")
	case flow.RunFinished:
		if r.Run == p.run.ID() {
			return "done"
		}
	case flow.EventEmitted:
		switch e := r.Payload.(type) {
		case show.Progress:
			text := r.Step + ": " + e.Message
			if e.Total > 0 {
				text += fmt.Sprintf(", %d of %d %s", e.Done, e.Total, e.Unit)
			}
			return text
		case show.ModelCall:
			return callText(r.Step, e)
		}
	}
	return ""
}

func callText(step string, c show.ModelCall) string {
	switch c.State {
	case show.CallQueued:
		return step + ": " + c.Model + " is asked"
	case show.CallRetry:
		return step + ": " + cmp.Or(c.Reason, "asked again")
	case show.CallFirstToken:
		return step + ": " + c.Model + " answers"
	}
	return ""
}
