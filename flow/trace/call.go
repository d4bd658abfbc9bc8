package trace

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"weft/flow"
	"weft/flow/show"
)

// A callKey identifies the request to a model that an execution makes: it makes one of a kind at a
// time.
type callKey struct {
	execution uint64
	operation string
	model     string
}

// call adds what a step says about a request to a model. The names of the attributes are those of
// OpenTelemetry for generative AI.
func (b *builder) call(r flow.Record, attempt *Span, payload []byte) {
	var c show.ModelCall
	if json.Unmarshal(payload, &c) != nil {
		return
	}
	key := callKey{r.Execution, c.Operation, c.Model}
	s := b.calls[key]
	if s == nil {
		s = b.begin(r, strings.TrimSpace(c.Operation+" "+c.Model), "request", attempt.ID, strconv.FormatUint(r.Event, 10))
		s.Lane = attempt.Lane
		s.Attrs = append(s.Attrs, Attr{"gen_ai.operation.name", c.Operation}, Attr{"gen_ai.request.model", c.Model})
		if at, err := url.Parse(c.Endpoint); err == nil && at.Host != "" {
			s.Attrs = append(s.Attrs, Attr{"server.address", at.Hostname()})
			if port, err := strconv.Atoi(at.Port()); err == nil {
				s.Attrs = append(s.Attrs, Attr{"server.port", port})
			}
		}
		b.calls[key] = s
	}
	switch c.State {
	case show.CallFirstToken:
		s.Attrs = append(s.Attrs, Attr{"gen_ai.response.time_to_first_chunk", r.Time.Sub(s.Start).Seconds()})
	case show.CallRetry:
		s.Events = append(s.Events, Event{r.Time, "retry", strconv.Quote(c.Reason)})
	case show.CallDone:
		delete(b.calls, key)
		s.End, s.Status = r.Time, OK
		if c.Finish == "" && c.Reason != "" {
			s.Status, s.Error = Failed, c.Reason
		}
		s.Attrs = append(s.Attrs, Attr{"gen_ai.usage.input_tokens", c.PromptTokens}, Attr{"gen_ai.usage.output_tokens", c.CompletionTokens})
		if c.Finish != "" {
			s.Attrs = append(s.Attrs, Attr{"gen_ai.response.finish_reasons", []string{c.Finish}})
		}
		if c.Currency != "" {
			s.Attrs = append(s.Attrs, Attr{"weft.cost", c.Cost}, Attr{"weft.currency", c.Currency})
		}
	}
}
