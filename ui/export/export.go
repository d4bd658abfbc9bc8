// Package export writes a run for other people and programs. All exports are made of the records
// alone: nothing is read, and no model is called.
package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/show"
	"weft/flow/trace"
	"weft/ui/canvas"
	"weft/ui/history"
	"weft/ui/run"
)

// A Format is a form in which a run is written.
type Format string

// The formats.
const (
	Markdown Format = "markdown" // question, answer, sources and timeline, for a person
	JSON     Format = "json"     // summary, answer and steps, as one object
	JSONL    Format = "jsonl"    // all records, one a line, which weft runs import reads
	Mermaid  Format = "mermaid"  // the timeline as a Gantt chart
	Chrome   Format = "chrome"   // the timeline for Perfetto and chrome://tracing
	OTLP     Format = "otlp"     // spans for OpenTelemetry, as JSON
)

// Formats lists the formats.
var Formats = []Format{Markdown, JSON, JSONL, Mermaid, Chrome, OTLP}

// About says in a few words what a format is for.
func (f Format) About() string {
	return map[Format]string{
		Markdown: "question, answer, sources and timeline, for a person",
		JSON:     "summary, answer and steps, for a program",
		JSONL:    "all records, which weft runs import reads",
		Mermaid:  "the timeline as a diagram in Markdown",
		Chrome:   "the timeline for Perfetto and chrome://tracing",
		OTLP:     "spans for OpenTelemetry",
	}[f]
}

// Ending returns the ending of the names of files in a format, with its dot.
func (f Format) Ending() string {
	return map[Format]string{Markdown: ".md", JSON: ".json", JSONL: ".jsonl", Mermaid: ".mmd", Chrome: ".trace.json", OTLP: ".otlp.json"}[f]
}

// ParseFormat returns the format of a name.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats, f) {
		return f, nil
	}
	return "", fmt.Errorf("there is no format %q: there are %v", name, Formats)
}

// A Kept is a run with its records.
type Kept struct {
	history.Run
	Header  flow.Header
	Records []flow.Record
}

// Fold returns the index of the run's records.
func (k Kept) Fold() *run.Run {
	var r run.Run
	for _, rec := range k.Records {
		r.Apply(rec)
	}
	return &r
}

// Write writes a run. content says whether Chrome and OTLP have what was emitted, such as passages
// and prompts; the other formats have it always, or never.
func Write(w io.Writer, f Format, k Kept, content trace.Content) error {
	if f != Markdown && f != Mermaid {
		w = canvas.EscapeJSON(w)
	}
	switch f {
	case Markdown:
		return writeMarkdown(w, k)
	case JSON:
		return writeJSON(w, k)
	case JSONL:
		return writeLines(w, k)
	}
	spans := trace.Within(k.Header.Labels[trace.LabelParent], trace.Spans(slices.Values(k.Records)))
	switch f {
	case Mermaid:
		return trace.WriteMermaid(w, spans)
	case Chrome:
		return trace.WriteChrome(w, spans, content)
	case OTLP:
		return trace.WriteOTLP(w, spans, content)
	}
	return fmt.Errorf("there is no format %q", f)
}

// Create writes a new file with the content that write writes, and returns its path: base with an
// ending, after a number if there is such a file already. After an error no file is left.
func Create(base, ending string, write func(io.Writer) error) (path string, err error) {
	path = base + ending
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	for n := 2; errors.Is(err, fs.ErrExist) && n < 1000; n++ {
		path = fmt.Sprintf("%s-%d%s", base, n, ending)
		out, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if err != nil {
		return "", err
	}
	buffered := bufio.NewWriter(out)
	err = write(buffered)
	if err = errors.Join(err, buffered.Flush(), out.Close()); err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return path, nil
}

// writeLines writes a header and the records, without checksums.
func writeLines(w io.Writer, k Kept) error {
	enc := json.NewEncoder(w)
	head := struct {
		Journal string `json:"journal"`
		Version int    `json:"version"`
		flow.Header
	}{"weft", journal.Version, k.Header}
	if err := enc.Encode(head); err != nil {
		return err
	}
	for _, r := range k.Records {
		if err := enc.Encode(r); err != nil {
			return fmt.Errorf("record %d: %w", r.Seq, err)
		}
	}
	return nil
}

// A step is what the JSON of a run says about the executions of one step.
type step struct {
	Workflow   string  `json:"workflow"`
	Step       string  `json:"step"`
	Executions int     `json:"executions"`
	Attempts   int     `json:"attempts"`
	Failures   int     `json:"failures,omitempty"`
	BeganMS    float64 `json:"began_ms"` // after the begin of the run
	TookMS     float64 `json:"took_ms"`  // from its first begin to its last end
}

func writeJSON(w io.Writer, k Kept) error {
	out := struct {
		history.Run
		Answer *show.Answer `json:"answer,omitempty"`
		Steps  []step       `json:"steps"`
	}{Run: k.Run, Steps: steps(k.Records)}
	if a, ok := k.Fold().Now().Answer(); ok {
		out.Answer = &a
	}
	return json.NewEncoder(w).Encode(out)
}

// steps sums the executions of each step, in the order in which the steps began.
func steps(records []flow.Record) []step {
	all := []step{}
	index := map[[2]string]int{}
	workflows := map[string]string{}
	seen := map[uint64]bool{}
	for _, r := range records {
		switch r.Kind {
		case flow.RunStarted:
			workflows[r.Run] = r.Step
			continue
		case flow.StepStarted, flow.StepFinished, flow.StepFailed, flow.StepCancelled:
		default:
			continue
		}
		key := [2]string{workflows[r.Run], r.Step}
		at := float64(r.Time.Sub(records[0].Time).Microseconds()) / 1000
		i, ok := index[key]
		if !ok {
			i = len(all)
			index[key] = i
			all = append(all, step{Workflow: key[0], Step: r.Step, BeganMS: at})
		}
		s := &all[i]
		switch r.Kind {
		case flow.StepStarted:
			s.Attempts++
			if !seen[r.Execution] {
				seen[r.Execution] = true
				s.Executions++
			}
		case flow.StepFailed:
			s.Failures++
		}
		s.TookMS = max(s.TookMS, at-s.BeganMS)
	}
	return all
}
