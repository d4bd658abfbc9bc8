// Command otlpreceiver is the OpenTelemetry Collector's receiver of OTLP over HTTP, for tests. It
// prints the address that it listens on, and then one line of JSON for each request with traces.
// With a file as argument, it decodes that file instead, and prints its line.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// A Span is what a line says about a span.
type Span struct {
	Trace, ID, Parent, Name, Kind, Status string
	Start, End                            int64
	Attributes                            map[string]any
	Events                                []string
	Links                                 int
}

func main() {
	run := serve
	if len(os.Args) == 2 {
		run = decode
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func decode() error {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(text)
	if err != nil {
		return err
	}
	return write(traces)
}

func write(traces ptrace.Traces) error {
	line := struct {
		Resource map[string]any
		Spans    []Span
	}{}
	for _, r := range traces.ResourceSpans().All() {
		line.Resource = r.Resource().Attributes().AsRaw()
		for _, scope := range r.ScopeSpans().All() {
			for _, s := range scope.Spans().All() {
				out := Span{
					Trace: s.TraceID().String(), ID: s.SpanID().String(), Parent: s.ParentSpanID().String(), Name: s.Name(),
					Kind: s.Kind().String(), Status: s.Status().Code().String(), Start: s.StartTimestamp().AsTime().UnixNano(),
					End: s.EndTimestamp().AsTime().UnixNano(), Attributes: s.Attributes().AsRaw(), Links: s.Links().Len(),
				}
				for _, e := range s.Events().All() {
					out.Events = append(out.Events, e.Name())
				}
				line.Spans = append(line.Spans, out)
			}
		}
	}
	return json.NewEncoder(os.Stdout).Encode(line)
}

func serve() error {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return err
	}
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	protocols := map[string]any{"http": map[string]any{"endpoint": address}}
	if err := confmap.NewFromStringMap(map[string]any{"protocols": protocols}).Unmarshal(config); err != nil {
		return err
	}
	sink, err := consumer.NewTraces(func(_ context.Context, traces ptrace.Traces) error { return write(traces) })
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := factory.CreateTraces(ctx, receivertest.NewNopSettings(factory.Type()), config, sink)
	if err != nil {
		return err
	}
	if err := r.Start(ctx, componenttest.NewNopHost()); err != nil {
		return err
	}
	fmt.Println(address)
	<-ctx.Done()
	return r.Shutdown(context.Background())
}
