package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"weft/rag/llm"
	"weft/ui/canvas"
)

// maxReply limits how much of a collector's reply is read, in bytes.
const maxReply = 64 << 10

// A collector receives traces by OTLP over HTTP, as JSON
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
type collector struct {
	url    *url.URL // where traces are posted
	header http.Header
}

// newCollector returns the collector at an address. Traces are posted to its path /v1/traces if the
// address does not end with it. OTEL_EXPORTER_OTLP_HEADERS holds headers, such as a key.
func newCollector(address string, environ func(string) string) (*collector, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, usageError{fmt.Errorf("%q is not the address of a collector, such as http://localhost:4318", address)}
	}
	if !strings.HasSuffix(u.Path, "/v1/traces") {
		u = u.JoinPath("v1", "traces")
	}
	header := http.Header{"Content-Type": {"application/json"}}
	for pair := range strings.SplitSeq(environ("OTEL_EXPORTER_OTLP_HEADERS"), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil {
			return nil, usageError{errors.New("OTEL_EXPORTER_OTLP_HEADERS must be of the form name=value,name=value")}
		}
		header.Set(strings.TrimSpace(name), value)
	}
	if len(header) > 1 && u.Scheme == "http" && !llm.IsLoopback(u.Hostname()) {
		return nil, fmt.Errorf("the headers of OTEL_EXPORTER_OTLP_HEADERS would be readable on the way to %s: use https", u.Host)
	}
	return &collector{u, header}, nil
}

// send posts traces. A collector that rejects a part of them is an error.
func (c *collector) send(ctx context.Context, traces []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.String(), bytes.NewReader(traces))
	if err != nil {
		return err
	}
	req.Header = c.header
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		var reason *url.Error
		if errors.As(err, &reason) {
			err = reason.Err // the address is added below, without a password
		}
		return fmt.Errorf("%w: nothing was sent to %s", err, llm.ShowURL(c.url.String()))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return fmt.Errorf("%w: it is not known whether %s has the traces", err, llm.ShowURL(c.url.String()))
	}
	var reply struct {
		Message        string `json:"message"`
		PartialSuccess struct {
			RejectedSpans json.Number `json:"rejectedSpans"`
			ErrorMessage  string      `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	_ = json.Unmarshal(text, &reply) // a reply in another form is shown as it is
	if resp.StatusCode/100 != 2 {
		why := reply.Message
		if why == "" {
			why = strings.TrimSpace(string(text))
		}
		return fmt.Errorf("%s %s: the traces were refused by %s", resp.Status, canvas.Line(why), llm.ShowURL(c.url.String()))
	}
	if n := reply.PartialSuccess.RejectedSpans; n != "" && n != "0" {
		return fmt.Errorf("%s: %s spans were rejected by %s", canvas.Line(reply.PartialSuccess.ErrorMessage), n, llm.ShowURL(c.url.String()))
	}
	return nil
}
