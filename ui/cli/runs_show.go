package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"weft/flow"
	"weft/flow/show"
	"weft/flow/trace"
	"weft/ui/canvas"
	"weft/ui/export"
	"weft/ui/history"
)

// readRun returns a run of the store with its records. A damaged run is returned as far as it could
// be read, with the error.
func readRun(store *history.Store, id string) (export.Kept, error) {
	r, err := store.Find(id)
	if err != nil {
		return export.Kept{}, err
	}
	file, err := store.Read(r.ID)
	if file == nil {
		return export.Kept{Run: r}, err
	}
	return export.Kept{Run: r, Header: file.Header, Records: file.Records}, err
}

func newRunsShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "Print a run: question, answer, sources and timeline",
		Long:    "show prints what a run was asked, what it answered from which sources, and its timeline. It calls no model and reads no document. --step prints what a step got and gave.",
		Example: "weft runs show last\nweft runs show k3f9 --step rerank\nweft runs show last --json | jq -r .answer.text",
		Args:    oneRun,
	}
	asJSON := cmd.Flags().Bool("json", false, "one JSON object with summary, answer and steps")
	step := cmd.Flags().String("step", "", "print what each execution of this step got, emitted and gave, as JSON")
	events := cmd.Flags().Bool("events", false, "one line for each event, and not the timeline")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, store, err := openRuns(cmd)
		if err != nil {
			return err
		}
		k, readErr := readRun(store, args[0])
		if len(k.Records) == 0 {
			return readErr
		}
		switch {
		case *step != "":
			err = printStep(cmd.OutOrStdout(), k.Records, *step)
		case *asJSON:
			err = export.Write(cmd.OutOrStdout(), export.JSON, k, trace.Names)
		default:
			err = printKept(cmd, st, k, *events)
		}
		if err != nil {
			return err
		}
		return readErr // what could be read was printed
	}
	return cmd
}

// printKept prints a run for a person.
func printKept(cmd *cobra.Command, st *settings, k export.Kept, events bool) error {
	page, err := st.page(cmd.OutOrStdout())
	if err != nil {
		return err
	}
	out, end := wrapped(cmd.OutOrStdout())
	fmt.Fprintf(out, "%s\n%s\n", canvas.Line(k.Question), export.Summary(k.Run))
	for _, w := range k.Waits {
		fmt.Fprintf(out, "waits for a reply of the type %s (--await %d): %s\n", canvas.Line(w.Type), w.Await, canvas.Line(w.Text))
	}
	fmt.Fprintln(out)
	if a, ok := k.Fold().Now().Answer(); ok {
		(&stream{w: out, page: page}).end(a)
		fmt.Fprintln(out)
	}
	end()
	if events {
		lines := newPlain(cmd.OutOrStdout(), false)
		for _, r := range k.Records {
			lines.record(r)
		}
		return nil
	}
	picture, err := export.Timeline(k, 80)
	if err == nil {
		fmt.Fprintln(cmd.OutOrStdout(), picture)
	}
	return err
}

// printStep prints the events that the executions of a step got, emitted and gave, one a line.
func printStep(w io.Writer, records []flow.Record, step string) error {
	enc := newJSON(w)
	sent := map[uint64]flow.Record{}
	mine := map[uint64]int{}
	var names []string
	line := func(n int, what string, r flow.Record) error {
		payload, err := r.JSON()
		if err != nil {
			return err
		}
		return enc.Encode(map[string]any{"execution": n, what: r.Type, "payload": json.RawMessage(payload)})
	}
	for _, r := range records {
		var err error
		switch {
		case r.Kind == flow.EventSent || r.Kind == flow.RunStarted:
			sent[r.Event] = r
			if n := mine[r.Cause]; n > 0 && r.Kind == flow.EventSent {
				err = line(n, "gave", r)
			}
		case r.Kind == flow.StepStarted && r.Step != step:
			if len(names) == 0 || names[len(names)-1] != r.Step {
				names = append(names, r.Step)
			}
		case r.Kind == flow.StepStarted && mine[r.Execution] == 0:
			mine[r.Execution] = len(mine) + 1
			if in, ok := sent[r.Cause]; ok { // a join begins without an event of its own
				err = line(mine[r.Execution], "got", in)
			}
		case r.Kind == flow.EventEmitted && mine[r.Execution] > 0 && r.Type != show.TypeDelta:
			err = line(mine[r.Execution], "emitted", r)
		case r.Kind == flow.RunFinished && mine[r.Cause] > 0:
			err = line(mine[r.Cause], "gave", r)
		}
		if err != nil {
			return err
		}
	}
	if len(mine) == 0 {
		return usageError{fmt.Errorf("there is no step %q: there are %s", step, strings.Join(names, ", "))}
	}
	return nil
}
