package serve

import (
	"errors"
	"log/slog"
	"net/http"

	"weft/flow"
)

// maxEndpointBody limits the body of a request to an [Endpoint], in bytes.
const maxEndpointBody = 4 << 20

// Endpoint answers each request by a run of a workflow: the body is the start event as JSON, and the
// answer is the stop event. The run ends when the client goes away, and is not kept. A body that does
// not fit the start event is answered with 400, and a run that fails with 500 and its error.
func Endpoint(wf flow.Definition) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxEndpointBody)
		raw, ok := readBody(w, r)
		if !ok {
			return
		}
		run, err := wf.StartJSON(r.Context(), startEvent(raw))
		if err != nil {
			if !errors.Is(err, flow.ErrMalformed) {
				failed(w, err)
				return
			}
			fail(w, http.StatusBadRequest, "the body does not fit the start event of the workflow "+wf.Name()+misshape(err))
			return
		}
		switch stop, err := run.Result(r.Context()); {
		case err == nil:
			answer(w, http.StatusOK, stop)
		case r.Context().Err() == nil:
			slog.Error("a run failed", "workflow", wf.Name(), "run", run.ID(), "error", err)
			fail(w, http.StatusInternalServerError, err.Error())
		}
	})
}
