package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"weft/flow"
)

const (
	lookEvery   = 25 * time.Millisecond // how often a stream looks for new records in the journal
	writeWithin = 30 * time.Second      // a client that takes longer for one event is disconnected
)

// flag reads a query parameter that is true or false.
func flag(r *http.Request, name string, otherwise bool) (bool, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	v, err := strconv.ParseBool(text)
	if err != nil {
		return v, fmt.Errorf("%s must be true or false", name)
	}
	return v, nil
}

// position returns the number of the record after which a stream begins. A client that connects
// again says where it was. Without either the stream begins with the first record, because a short
// run is over before a client connects.
func (s *Server) position(r *http.Request, id, parameter string) (uint64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get(parameter)
	}
	switch text {
	case "", "-1":
		return 0, nil
	case "now":
		_, last, err := s.settings.Dir.Last(id)
		return last.Seq, err
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s must be a number from -1, or now", parameter)
	}
	return n, nil
}

func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	h, ok := s.find(w, r)
	if !ok {
		return
	}
	sse, err := flag(r, "sse", true)
	var internal, qualified bool
	if err == nil {
		internal, err = flag(r, "include_internal", false)
	}
	if err == nil {
		qualified, err = flag(r, "include_qualified_name", true)
	}
	var after uint64
	if err == nil {
		after, err = s.position(r, h.ID, "after_sequence")
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	p := newProjector(h.Workflow, s.flows[h.Workflow])
	page := s.fromPage(r)
	s.stream(w, r, h.ID, sse, func(rec flow.Record) []byte {
		if page && ends(rec) {
			s.read.add(h.ID) // before it is written: the page asks for the status at once
		}
		ev, ok := p.next(rec)
		if !ok || rec.Seq <= after || ev.internal && !internal {
			return nil
		}
		if !qualified {
			ev.Qualified = ""
		}
		data, err := json.Marshal(ev.envelope)
		if err != nil {
			slog.Error("an event cannot be sent", "run", h.ID, "record", rec.Seq, "error", err)
			return nil
		}
		if sse {
			return fmt.Appendf(nil, "id: %d\ndata: %s\n\n", rec.Seq, data)
		}
		return append(data, '\n')
	})
}

// records streams the journal itself, a line of JSON for each record. Empty lines
// show that the stream is alive.
func (s *Server) records(w http.ResponseWriter, r *http.Request) {
	h, ok := s.find(w, r)
	if !ok {
		return
	}
	after, err := s.position(r, h.ID, "after")
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	s.stream(w, r, h.ID, false, func(rec flow.Record) []byte {
		if rec.Seq <= after {
			return nil
		}
		line, err := json.Marshal(rec)
		if err != nil {
			slog.Error("a record cannot be sent", "run", h.ID, "record", rec.Seq, "error", err)
			return nil
		}
		return append(line, '\n')
	})
}

// stream writes what format makes of the records of a run, as they come, until the run has ended, the
// client is gone or the server shuts down. A stream that ends before its run is cut off, so that its
// client does not take that for the end, and connects again. A slow client slows nothing but its own stream, because
// the records are read from the journal.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, id string, sse bool, format func(flow.Record) []byte) {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusServiceUnavailable, "too many streams are open")
		return
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	pieces := make(chan []byte)
	whole := false // all records were read; set before pieces is closed
	go func() {
		defer close(pieces)
		for rec, err := range s.settings.Dir.Follow(ctx, id, 0, lookEvery) {
			if err != nil {
				slog.Error("the journal of a run cannot be read further", "run", id, "error", err)
				return
			}
			piece := format(rec)
			if piece == nil {
				continue
			}
			select {
			case pieces <- piece:
			case <-ctx.Done():
				return
			}
		}
		whole = true
	}()
	alive, kind := []byte("\n"), "application/x-ndjson"
	if sse {
		alive, kind = []byte(": alive\n\n"), "text/event-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Accel-Buffering", "no") // proxies otherwise hold events back
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	_ = out.Flush() // a writer that cannot flush is flushed at the end
	beat := time.NewTicker(s.settings.Heartbeat)
	defer beat.Stop()
	for {
		piece := alive
		var more bool
		select {
		case piece, more = <-pieces:
			if !more && !whole {
				panic(http.ErrAbortHandler)
			}
			if !more {
				return
			}
			piece = joinReady(piece, pieces)
		case <-beat.C:
		case <-s.closing:
			panic(http.ErrAbortHandler)
		case <-ctx.Done():
			return
		}
		_ = out.SetWriteDeadline(time.Now().Add(writeWithin)) // not every writer has one
		if _, err := w.Write(piece); err != nil {
			return
		}
		_ = out.Flush()
		beat.Reset(s.settings.Heartbeat)
	}
}

// ends reports whether a record ends its run.
func ends(r flow.Record) bool {
	switch r.Kind {
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		return !strings.Contains(r.Run, "/")
	}
	return false
}

// joinReady appends the pieces that are there already, up to a limit, so that they are one write.
func joinReady(piece []byte, pieces <-chan []byte) []byte {
	all := bytes.NewBuffer(piece)
	for all.Len() < 64<<10 {
		select {
		case next, more := <-pieces:
			if !more {
				return all.Bytes()
			}
			all.Write(next)
		default:
			return all.Bytes()
		}
	}
	return all.Bytes()
}
