package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weft/flow"
	"weft/rag/statefile"
	"weft/rag/workflows"
	"weft/ui/history"
)

// tokenFile is the file in the state directory that holds the token of the server.
const tokenFile = "serve.token"

// keptToken returns the token that is kept for weft serve, so that a client can connect again after a
// restart. It is made at the first start; if it cannot be kept, it is one for this process.
func keptToken(st *settings, log *slog.Logger) string {
	token := []byte(rand.Text())
	err := statefile.Update(filepath.Join(stateDir(st), tokenFile), func(old []byte) ([]byte, error) {
		if len(old) > 0 {
			token = old
		}
		return token, nil
	})
	if err != nil {
		log.Warn("the token cannot be kept: the next start has another one", "error", err)
	}
	return string(token)
}

// servedStore opens the store of the runs that are served, and returns what to do at the end. If no
// runs are to be kept, it is a directory that is removed then.
func servedStore(st *settings, log *slog.Logger) (*history.Store, func(), error) {
	if !st.KeepRuns.value {
		dir, err := os.MkdirTemp("", "weft-serve-")
		if err != nil {
			return nil, nil, err
		}
		log.Info("runs are not kept when the server ends, as keep_runs says")
		store, err := history.Open(dir)
		return store, func() { os.RemoveAll(dir) }, err
	}
	store, err := history.Open(runsDir(st))
	return store, func() {
		if _, err := store.ExpireDaily(st.limit()); err != nil {
			log.Warn("old runs could not be removed", "error", err)
		}
	}, err
}

// servedRuns returns which runs of the store are served: those about a directory that were not
// deleted, whichever command has started them.
func servedRuns(store *history.Store, directory string) func(flow.Header) bool {
	return func(h flow.Header) bool {
		return h.Labels[history.LabelDirectory] == directory && !store.IsDeleted(h.Run)
	}
}

// lookForModel is how often a server without a model looks for one.
const lookForModel = 30 * time.Second

// servedWorkflows returns the workflows with the present model. It looks for a model from time to
// time as long as there is none.
func (s *session) servedWorkflows(log *slog.Logger) ([]flow.Definition, error) {
	model, err := s.models.detect(s.ctx)
	if err != nil {
		return nil, err
	}
	if model != nil && s.models.allowed() == nil {
		provider, _ := s.models.current()
		at := provider.Endpoint
		log.Warn("no model is asked, because documents may not be sent to it: allow it with --allow "+at, "endpoint", at)
	}
	s.wg.Go(func() {
		again := time.NewTicker(lookForModel)
		defer again.Stop()
		for s.ctx.Err() == nil && s.models.allowed() == nil {
			select {
			case <-again.C:
				_, _ = s.models.detect(s.ctx) // a later look may succeed
			case <-s.ctx.Done():
			}
		}
	})
	parts, err := s.parts(s.models.limited(s.models.allowed()))
	if err != nil {
		return nil, err
	}
	var all []flow.Definition
	for _, w := range workflows.All(parts) {
		all = append(all, servedWorkflow{w, s})
	}
	return all, nil
}

// A servedWorkflow starts each run with the model of its time and a budget of its own.
type servedWorkflow struct {
	flow.Definition
	s *session
}

// StartJSON implements flow.Definition.
func (w servedWorkflow) StartJSON(ctx context.Context, start json.RawMessage, opts ...flow.RunOption) (flow.Handle, error) {
	var q workflows.Question
	if json.Unmarshal(start, &q) == nil && strings.TrimSpace(q.Text) == "" {
		return nil, fmt.Errorf("there is no question: give it as the member text: %w", flow.ErrMalformed)
	}
	model := w.s.models.allowed()
	parts, err := w.s.parts(w.s.models.limited(model))
	if err != nil {
		return nil, err
	}
	wf, err := findWorkflow(parts, w.Name())
	if err != nil {
		return nil, err
	}
	typed := q.Text
	for _, scope := range q.Scope {
		typed = "@" + scope + " " + typed
	}
	return wf.StartJSON(ctx, start, append(opts, flow.Labels(w.s.labels(typed, model)))...)
}
