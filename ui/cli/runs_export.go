package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/trace"
	"weft/rag/statefile"
	"weft/ui/canvas"
	"weft/ui/export"
	"weft/ui/history"
)

func newRunsExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "export ID",
		Short:   "Write a run for another person or program",
		Long:    "export writes a run to standard output or to a file: as markdown (question, answer, sources and timeline), json (summary, answer and steps), jsonl (all records, for weft runs import), mermaid (a Gantt chart), chrome (for Perfetto) or otlp (spans for OpenTelemetry, which --send posts to a collector).",
		Example: "weft runs export last > answer.md\nweft runs export last --send http://localhost:4318",
		Args:    oneRun,
	}
	format := cmd.Flags().StringP("format", "f", string(export.Markdown), "markdown, json, jsonl, mermaid, chrome or otlp")
	content := cmd.Flags().Bool("content", false, "with chrome and otlp: passages, prompts and all other payloads too")
	file := cmd.Flags().StringP("output", "o", "", "write to this file")
	send := cmd.Flags().String("send", "", "send it as otlp to the collector at this address, with the headers of OTEL_EXPORTER_OTLP_HEADERS")
	cmd.MarkFlagsMutuallyExclusive("output", "send")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f, err := export.ParseFormat(*format)
		if err != nil {
			return usageError{err}
		}
		var to *collector
		if cmd.Flags().Changed("send") {
			if cmd.Flags().Changed("format") && f != export.OTLP {
				return usageError{fmt.Errorf("--send sends otlp, not %s", f)}
			}
			if to, err = newCollector(*send, os.Getenv); err != nil {
				return err
			}
		}
		_, store, err := openRuns(cmd)
		if err != nil {
			return err
		}
		k, err := readRun(store, args[0])
		if err != nil {
			return err
		}
		if to != nil {
			var traces bytes.Buffer
			if err := export.Write(&traces, export.OTLP, k, trace.Content(*content)); err != nil {
				return err
			}
			return to.send(cmd.Context(), traces.Bytes())
		}
		if *file == "" {
			return export.Write(cmd.OutOrStdout(), f, k, trace.Content(*content))
		}
		var exported bytes.Buffer
		if err := export.Write(&exported, f, k, trace.Content(*content)); err != nil {
			return err
		}
		return writeOutput(*file, exported.Bytes())
	}
	return cmd
}

// writeOutput writes data to the path that the user named. After an error, such as a full disk, a
// file that existed keeps its content. A pipe or a device is written to directly.
func writeOutput(path string, data []byte) error {
	old, err := os.Stat(path)
	if err == nil && !old.Mode().IsRegular() {
		out, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = out.Write(data)
		return errors.Join(err, out.Close())
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return err // a mistyped directory is not created
	}
	if werr := statefile.Write(path, data); werr != nil || err != nil {
		return werr
	}
	return os.Chmod(path, old.Mode().Perm())
}

func newRunsImport() *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:     "import FILE",
		Short:   "Keep a run that was written by weft ask --json or runs export",
		Long:    "import reads a journal, the output of weft ask --json, or an export in the format jsonl, and keeps it as a run. FILE may be - for standard input.",
		Example: "weft ask --json \"how do I cancel a run?\" docs > run.jsonl\nweft runs import run.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("give one file, or - for standard input")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			_, store, err := openRuns(cmd)
			if err != nil {
				return err
			}
			var r history.Run
			if args[0] == "-" {
				r, err = importRun(store, cmd.InOrStdin())
			} else {
				r, err = importFile(store, args[0])
			}
			if err != nil {
				return err
			}
			if *asJSON {
				return newJSON(cmd.OutOrStdout()).Encode(r)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", canvas.Line(r.ID), canvas.Line(r.Question))
			return nil
		},
	}
	asJSON = cmd.Flags().Bool("json", false, "print the run as a JSON object, with all details")
	return cmd
}

// importFile reads a run from a file, and keeps it.
func importFile(store *history.Store, path string) (history.Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return history.Run{}, err
	}
	defer f.Close()
	r, err := importRun(store, f)
	if err != nil {
		return r, fmt.Errorf("%w: %s is not imported", err, path)
	}
	return r, nil
}

// importRun keeps the run that is read from in, under the identifier that its records have.
func importRun(store *history.Store, in io.Reader) (history.Run, error) {
	file, err := journal.Read(in)
	if err != nil {
		return history.Run{}, err
	}
	if len(file.Records) == 0 {
		return history.Run{}, journal.ErrEmpty
	}
	for _, r := range file.Records {
		if partial, ok := r.Payload.(flow.Partial); ok {
			return history.Run{}, fmt.Errorf("record %d: a part of it, of %d bytes, is in a file of its own: export the run where it is kept", r.Seq, partial.Blobs[0].Bytes)
		}
	}
	first := file.Records[0]
	head := file.Header
	head.Run = cmp.Or(head.Run, first.Run)
	if head.Workflow == "" {
		head.Workflow, head.Created = first.Step, first.Time
	}
	w, err := store.Journals().Create(head.Run)
	if errors.Is(err, journal.ErrExists) {
		return history.Run{}, keptAlready(store, head.Run)
	}
	if err != nil {
		return history.Run{}, err
	}
	if _, err = w.Begin(head); err == nil {
		_, err = w.Append(file.Records)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return history.Run{}, errors.Join(err, store.Remove(head.Run))
	}
	if err := store.Add(head, slices.Values(file.Records)); err != nil {
		return history.Run{}, err
	}
	return history.Summarise(head, file.Records), nil
}

// keptAlready returns the error for the import of a run that the store has. A deleted run counts
// until it can no longer be restored.
func keptAlready(store *history.Store, id string) error {
	if r, err := store.Find(id); err == nil && !r.Deleted.IsZero() {
		return fmt.Errorf("the run %s is deleted but can still be restored: do so with `weft runs undelete %[1]s`", canvas.Line(id))
	}
	return fmt.Errorf("the run %s is kept already: see it with `weft runs show %[1]s`", canvas.Line(id))
}
