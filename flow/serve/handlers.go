package serve

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// The states of a run: those that the protocol knows, and further ones, for which the protocol has
// the status running.
const (
	statusRunning   = "running"
	statusCompleted = "completed"
	statusFailed    = "failed"
	statusCancelled = "cancelled"

	stateWaiting     = "waiting"     // for a reply, an event or an instant
	stateSuspended   = "suspended"   // it was put aside
	stateInterrupted = "interrupted" // its process has ended
)

// endWithin is how long a cancel waits for the run's clean-up.
const endWithin = 15 * time.Second

// A handlerInfo describes a run to clients.
type handlerInfo struct {
	ID        string     `json:"handler_id"`
	Workflow  string     `json:"workflow_name"`
	Run       string     `json:"run_id"`
	Status    string     `json:"status"`
	State     string     `json:"state"` // the status in more detail
	Started   time.Time  `json:"started_at"`
	Updated   time.Time  `json:"updated_at"`
	Completed *time.Time `json:"completed_at"`
	Error     *string    `json:"error"`
	Result    *envelope  `json:"result"`
}

// info describes a run by the header and the last record of its journal.
func (s *Server) info(head flow.Header, last flow.Record) handlerInfo {
	h := handlerInfo{
		ID: head.Run, Workflow: head.Workflow, Run: head.Run, Status: statusRunning,
		Started: head.Created.UTC(), Updated: last.Time.UTC(),
	}
	if last.Seq == 0 {
		h.Updated = h.Started
	}
	over := false
	if !strings.Contains(last.Run, "/") {
		switch last.Kind {
		case flow.RunFinished:
			h.Status, over = statusCompleted, true
			payload, _ := last.JSON() // one that cannot be read is shown empty
			result := enclose(head.Workflow, last.Type, payload, "StopEvent")
			h.Result = &result
		case flow.RunFailed:
			h.Status, over = statusFailed, true
		case flow.RunCancelled:
			h.Status, over = statusCancelled, true
		}
	}
	if over {
		h.Completed = &h.Updated
		if last.Error != "" {
			h.Error = &last.Error
		}
	}
	h.State = h.Status
	if !over {
		h.State = s.state(head.Run, last)
	}
	return h
}

// state returns the state of a run that has not ended, in more detail than the protocol's status.
func (s *Server) state(id string, last flow.Record) string {
	if last.Kind == flow.RunSuspended && !strings.Contains(last.Run, "/") {
		if last.Type == "waits" {
			return stateWaiting
		}
		return stateSuspended
	}
	if last.Kind == flow.AwaitOpened {
		return stateWaiting
	}
	if _, owned, err := s.settings.Dir.Owner(id); err == nil && !owned {
		return stateInterrupted
	}
	return statusRunning
}

// find returns the state of the run that a request names. Without such a run it answers the
// request and returns false.
func (s *Server) find(w http.ResponseWriter, r *http.Request) (handlerInfo, bool) {
	id := r.PathValue("id")
	if path, err := s.settings.Dir.Path(id); err != nil || path == "" {
		fail(w, http.StatusNotFound, "there is no such handler")
		return handlerInfo{}, false
	}
	h, err := s.look(id)
	if err != nil {
		failed(w, err)
		return h, false
	}
	return h, true
}

func (s *Server) look(id string) (handlerInfo, error) {
	head, last, err := s.settings.Dir.Last(id)
	switch {
	case errors.Is(err, journal.ErrEmpty):
		return handlerInfo{}, errUnknownRun
	case err != nil:
		return handlerInfo{}, err
	case !s.shows(head):
		return handlerInfo{}, errUnknownRun
	}
	return s.info(head, last), nil
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	select {
	case <-s.closing:
		answer(w, http.StatusServiceUnavailable, map[string]string{"status": "unhealthy"})
	default:
		answer(w, http.StatusOK, map[string]string{"status": "healthy"})
	}
}

func (s *Server) handler(w http.ResponseWriter, r *http.Request) {
	if h, ok := s.find(w, r); ok {
		if s.fromPage(r) {
			h = s.forPage(h)
		}
		answer(w, codeOf(h), h)
	}
}

// codeOf returns the code with which the protocol reports the status of a run.
func codeOf(h handlerInfo) int {
	switch h.Status {
	case statusRunning:
		return http.StatusAccepted
	case statusFailed:
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

func (s *Server) handlers(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	for _, status := range query["status"] {
		if !slices.Contains([]string{statusRunning, statusCompleted, statusFailed, statusCancelled}, status) {
			fail(w, http.StatusBadRequest, "status must be running, completed, failed or cancelled")
			return
		}
	}
	fits := func(values []string, v string) bool { return len(values) == 0 || slices.Contains(values, v) }
	all, err := s.settings.Dir.List()
	if err != nil {
		failed(w, err)
		return
	}
	out := []handlerInfo{}
	for _, run := range all {
		if len(out) == maxListed {
			break
		}
		if run.Err != nil || !fits(query["workflow_name"], run.Workflow) || !s.shows(run.Header) {
			continue
		}
		if h, err := s.look(run.ID); err == nil && fits(query["status"], h.Status) {
			out = append(out, h)
		}
	}
	answer(w, http.StatusOK, map[string]any{"handlers": out})
}

func (s *Server) cancel(w http.ResponseWriter, r *http.Request) {
	purge := false
	switch r.URL.Query().Get("purge") {
	case "", "false", "0":
	case "true", "1":
		purge = true
	default:
		fail(w, http.StatusBadRequest, "purge must be true or false")
		return
	}
	h, ok := s.find(w, r)
	if !ok {
		return
	}
	if h.Status != statusRunning && !purge {
		fail(w, http.StatusNotFound, "the handler has ended: there is nothing to cancel")
		return
	}
	if h.Status == statusRunning {
		err := s.host.Cancel(h.ID, errors.New("cancelled by a client"))
		if err != nil && !errors.Is(err, flow.ErrEnded) {
			failed(w, err)
			return
		}
		ctx, stop := context.WithTimeout(r.Context(), endWithin)
		defer stop()
		if _, err := s.host.Wait(ctx, h.ID); err != nil && ctx.Err() != nil {
			slog.Warn("a cancelled run still cleans up", "run", h.ID)
		}
	}
	if !purge {
		answer(w, http.StatusOK, map[string]string{"status": "cancelled"})
		return
	}
	switch err := s.settings.Remove(h.ID); {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, journal.ErrOwned):
		failed(w, err)
		return
	default:
		fail(w, http.StatusConflict, err.Error())
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "deleted"})
}
