package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"weft/flow"
	"weft/rag/answer"
)

func newAsk() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ask QUESTION [DIR ...]",
		Short: "Ask one question and print the answer",
		Long: "ask answers one question about the documents in DIR and prints the answer with its sources. When the output is not a terminal it\n" +
			"prints a line for each event first. The exit code is 0 only if there is an answer: 3 means that nothing relevant was found.",
		Example: "weft ask \"how do I cancel a run?\" docs\nweft ask -w simple \"what is a workflow?\"\nweft ask --json \"which keys are there?\" docs | jq .result.text",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("there is no question: give one, in quotes")}
			}
			return nil
		},
	}
	addFlags(cmd.Flags(), "workflow", "timeout")
	plainly := cmd.Flags().Bool("plain", false, "a line for each event, then the answer and its sources (the default when the output is no terminal)")
	asJSON := cmd.Flags().Bool("json", false, "every record of the run as a line of JSON, then the result")
	verbose := cmd.Flags().BoolP("verbose", "v", false, "a line for every record of the run, on standard error")
	cmd.MarkFlagsMutuallyExclusive("plain", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err != nil {
			return err
		}
		tty := isTerminal(cmd.OutOrStdout())
		a := asking{
			out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr(), in: cmd.InOrStdin(),
			json: *asJSON, plain: *plainly || !tty && !*asJSON, verbose: *verbose, person: tty && isTerminal(cmd.InOrStdin()),
		}
		return a.run(cmd.Context(), st, directories(args[1:]), args[0])
	}
	return cmd
}

func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(file.Fd())
}

// An asking is one question on the command line.
type asking struct {
	out, errs            io.Writer
	in                   io.Reader
	json, plain, verbose bool
	person               bool // somebody can be asked
}

func (a asking) run(ctx context.Context, st *settings, dirs []string, question string) error {
	s, err := newSession(ctx, st, dirs)
	if err != nil {
		return err
	}
	defer s.close()
	run, err := s.ask(st.text("workflow"), question)
	if err != nil {
		return err
	}
	a.watch(ctx, run)
	got, err := run.Wait(ctx)
	if ctx.Err() != nil {
		return &exitError{exitCancelled, errors.New("cancelled")}
	}
	if err != nil {
		if a.json {
			a.result(map[string]any{"error": err.Error()})
		}
		if errors.Is(err, answer.ErrDeclined) {
			return &exitError{exitNothing, err}
		}
		return cause(err)
	}
	switch {
	case a.json:
		a.result(got)
	default:
		if a.plain {
			fmt.Fprintln(a.out)
		}
		printAnswer(a.out, got)
	}
	if got.Abstained {
		return &exitError{code: exitNothing}
	}
	return nil
}

func (a asking) result(v any) {
	_ = json.NewEncoder(a.out).Encode(map[string]any{"result": v}) // there is nobody left to tell
}

// watch shows the records of a run until it ends, and asks the person what it waits for.
func (a asking) watch(ctx context.Context, run flow.Handle) {
	var show []func(flow.Record)
	switch {
	case a.json:
		enc := json.NewEncoder(a.out)
		show = append(show, func(r flow.Record) { _ = enc.Encode(r) })
	case a.plain:
		show = append(show, newPlain(a.out, false).record)
	}
	if a.verbose {
		show = append(show, newPlain(a.errs, true).record)
	}
	for r := range run.Records(ctx, 0) {
		for _, f := range show {
			f(r)
		}
		if r.Kind == flow.AwaitOpened {
			a.reply(run, r)
		}
	}
}

// reply asks the person for the consent that the run waits for. Where nobody is there to be asked, the run is given up.
func (a asking) reply(run flow.Handle, r flow.Record) {
	p, _ := r.Payload.(flow.Prompt)
	sending, ok := p.Prompt.(answer.Sending)
	switch {
	case !ok:
		run.Cancel(fmt.Errorf("step %s waits for a %s, which cannot be given on the command line: use the explorer", r.Step, r.Type))
	case !a.person:
		run.Cancel(fmt.Errorf("passages of your documents would be sent to %s, and nobody can be asked here: allow it with --allow %s, or answer with --offline",
			sending.Endpoint, sending.Endpoint))
	default:
		fmt.Fprintf(a.errs, "%s\nSend them? [y/N] ", sending.Text)
		line, _ := bufio.NewReader(a.in).ReadString('\n')
		yes := strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "y")
		if err := run.Send(answer.Consent{Allow: yes}); err != nil {
			run.Cancel(err)
		}
	}
}
