package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/workflows"
	"weft/ui/canvas"
	"weft/ui/markdown"
)

func newAsk() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ask QUESTION [DIR ...]",
		Short:   "Ask one question and print the answer",
		Long:    "ask answers one question about the documents in DIR and prints the answer with its sources. When the output is not a terminal it prints a line for each event first. The exit code is 0 only if there is a complete answer: 3 means that nothing relevant was found, 4 that the answer is cut off or less than was asked for.",
		Example: "weft ask \"how do I cancel a run?\" docs\nweft ask -w simple \"what is a workflow?\"\nweft ask --json \"which keys are there?\" docs | jq .result.text",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || workflows.ParseQuestion(args[0]).Text == "" {
				return usageError{errors.New("there is no question: give one, in quotes")}
			}
			return nil
		},
	}
	addFlags(cmd.Flags(), func(o *options) []anyOption {
		return []anyOption{&o.Workflow, &o.Timeout, &o.Classifier, &o.Fault, &o.ScreenReader}
	})
	continueLast := cmd.Flags().Bool("continue", false,
		"continue the last conversation about these documents, so that follow-ups are understood")
	asked := addAskFlags(cmd)
	waits := addWaitFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, err := loadSettings(cmd.Flags(), os.Getenv)
		if err != nil {
			return err
		}
		if err := st.checkWorkflow(); err != nil {
			return err
		}
		a, end, err := asked.asking(cmd, st)
		if err != nil {
			return err
		}
		defer end()
		long, err := waits.patience(cmd.OutOrStdout())
		if err != nil {
			return err
		}
		a.continueLast, a.patience = *continueLast, long
		return a.run(cmd.Context(), st, directories(args[1:]), args[0])
	}
	return cmd
}

// Ask flags are those of every command that shows a run until it has an answer.
type askFlags struct {
	approve              *string
	plain, json, verbose *bool
}

func addAskFlags(cmd *cobra.Command) askFlags {
	return askFlags{
		approve: cmd.Flags().String("approve", "", "decide on proposed sources without being asked: all, none or top3"),
		plain: cmd.Flags().Bool("plain", false,
			"a line for each event, then the answer and its sources (the default when the output is not a terminal)"),
		json:    cmd.Flags().Bool("json", false, "every record of the run as a line of JSON, then the result"),
		verbose: cmd.Flags().BoolP("verbose", "v", false, "a line for every record of the run, on standard error"),
	}
}

// asking returns how a run is shown. end must be called after the output.
func (f askFlags) asking(cmd *cobra.Command, st *settings) (a *asking, end func(), err error) {
	if *f.plain && *f.json {
		return nil, nil, usageError{errors.New("--plain and --json exclude each other: give one of them")}
	}
	if _, err := approval(*f.approve, nil); err != nil && *f.approve != "" {
		return nil, nil, err
	}
	reader, err := st.screenReader()
	if err != nil {
		return nil, nil, err
	}
	tty := isTerminal(cmd.OutOrStdout())
	page, err := st.page(cmd.OutOrStdout())
	if err != nil {
		return nil, nil, err
	}
	out, end := cmd.OutOrStdout(), func() {}
	if !*f.json {
		out, end = wrapped(out)
	}
	a = &asking{
		out: out, page: page, errs: cmd.ErrOrStderr(), in: bufio.NewReader(cmd.InOrStdin()),
		approve: *f.approve,
		json:    *f.json, plain: *f.plain || (!tty || reader) && !*f.json, verbose: *f.verbose,
		person: tty && isTerminal(cmd.InOrStdin()),
	}
	if tty && !a.json && !a.plain && !a.verbose && isTerminal(a.errs) {
		a.progress.w = behind(a.errs)
	}
	return a, end, nil
}

// isTerminal reports whether a reader or writer is a terminal, or a door to one.
func isTerminal(f any) bool {
	if w, ok := f.(io.Writer); ok {
		f = behind(w)
	}
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(file.Fd())
}

// An asking is one run of weft ask.
type asking struct {
	out, errs io.Writer
	// page draws the answer as Markdown. If it is nil, the answer is written as plain text.
	page                 *markdown.Scroll
	in                   *bufio.Reader
	json, plain, verbose bool
	person               bool // a person can be prompted
	continueLast         bool // continue the last conversation
	progress             progress
	patience             patience // how long the question waits for the index
	// approve is the --approve flag. If it is empty, the person is asked.
	approve string
	// waits is the error that says how to answer the run that was put aside because it waits for a
	// decision; nil: no run was put aside.
	waits error
}

func (a *asking) run(ctx context.Context, st *settings, dirs []string, question string) error {
	if err := st.checkDirectories(dirs); err != nil {
		if a.json {
			a.result(map[string]any{"error": err.Error()})
		}
		return err
	}
	return a.answer(ctx, st, dirs, func(s *session) (*flow.Run[show.Answer], error) {
		if a.continueLast {
			talk, err := conversationFile(st, dirs)
			if err == nil {
				err = s.conversation.load(talk)
			}
			if err != nil {
				return nil, err
			}
		}
		return s.ask(st.Workflow.value, question)
	})
}

// answer begins a run in a session on the directories, shows it, and prints its answer.
func (a *asking) answer(ctx context.Context, st *settings, dirs []string, begin func(*session) (*flow.Run[show.Answer], error)) error {
	st.unattended = !a.person
	s, err := bareSession(ctx, st)
	if err != nil {
		return err
	}
	defer s.close()
	s.corpus.patience = a.patience
	s.corpus.open(dirs)
	s.corpus.sayMisplaced(a.errs)
	defer s.sayTroubles(a.errs)
	s.keeping.keep(func(err error) { fmt.Fprintln(a.errs, "weft:", canvas.Line(err.Error())) })
	if err := s.faults.effective(st.Workflow.value); err != nil {
		return usageError{err}
	}
	run, err := begin(s)
	if err != nil {
		return err
	}
	if notUsed := s.models.refusal(); notUsed != "" {
		fmt.Fprintln(a.errs, "weft:", canvas.Line(notUsed))
	}
	live := &stream{w: a.out, page: a.page, run: run.ID()}
	lines := &pipe{stream: live, events: newPlain(a.out, false)}
	defer live.finish() // ends the line of the answer, so that an error begins a new one
	a.watch(ctx, run, lines)
	got, err := run.Wait(ctx)
	if err != nil || ctx.Err() != nil {
		return a.failed(ctx, err, lines)
	}
	s.conversation.add(got)
	talk, err := conversationFile(st, dirs)
	if err == nil {
		err = s.conversation.save(talk)
	}
	if err != nil {
		fmt.Fprintf(a.errs, "weft: the conversation could not be saved for --continue: %v\n", err)
	}
	switch {
	case a.json:
		a.result(got)
	case a.plain:
		lines.end(got)
	default:
		live.end(got)
	}
	switch {
	case got.Abstained:
		return &exitError{code: exitNothing}
	case got.CutOff != "" || got.Degraded != "":
		return &exitError{code: exitIncomplete}
	}
	return nil
}

// failed ends a question without an answer. The text that had arrived was written already, or is
// part of the result in JSON; it is marked as cut off.
func (a *asking) failed(ctx context.Context, err error, lines *pipe) error {
	var late *flow.TimeoutError
	out := err
	switch {
	case ctx.Err() != nil:
		out = interrupted(ctx)
	case a.waits != nil:
		out = a.waits
	case errors.Is(err, answer.ErrDeclined):
		out = &exitError{exitNothing, err}
	default:
		out = cause(err)
	}
	text := strings.TrimSpace(lines.text.String())
	if text != "" && errors.As(err, &late) {
		out = &exitError{exitIncomplete, out}
	}
	if a.json {
		result := map[string]any{"error": out.Error()}
		if text != "" {
			result["text"], result["cut_off"] = text, out.Error()
		}
		a.result(result)
		return out
	}
	if text != "" {
		if a.plain {
			lines.release()
		}
		lines.finish()
		printAside(a.out, asideCutOff, out.Error())
	}
	return out
}

func (a *asking) result(v any) {
	// a failed write to standard output cannot be reported
	_ = newJSON(a.out).Encode(map[string]any{"result": v})
}

// watch shows the records of a run until it ends, and replies to its prompts.
func (a *asking) watch(ctx context.Context, run flow.Handle, lines *pipe) {
	live := lines.stream
	var viewers []func(flow.Record)
	switch {
	case a.json:
		enc := newJSON(a.out)
		viewers = append(viewers, func(r flow.Record) { _ = enc.Encode(r) }, live.keep)
	case a.plain:
		viewers = append(viewers, lines.record)
	// With --verbose the answer is not streamed, because the record lines would be printed within
	// it.
	case !a.verbose:
		viewers = append(viewers, live.record)
		defer a.progress.run()()
	}
	if a.progress.w == nil {
		report := waitReport{w: a.errs}
		viewers = append(viewers, report.record)
	}
	if a.verbose {
		viewers = append(viewers, newPlain(a.errs, true).record)
	}
	for r := range run.Records(ctx, 0) {
		a.progress.record(r)
		if _, text := r.Payload.(show.Delta); text && r.Run == live.run || r.Kind == flow.AwaitOpened {
			a.progress.hide(true) // no progress line while the answer is streamed
		}
		for _, view := range viewers {
			view(r)
		}
		if r.Kind == flow.AwaitOpened {
			live.finish()
			a.reply(run, r)
			a.progress.hide(live.exec != 0)
		}
	}
}

// reply answers a prompt of the run, from the flags or by asking the person. If there is no person
// to ask, it puts the run aside, or cancels it if it is not kept.
func (a *asking) reply(run flow.Handle, r flow.Record) {
	if !isOpen(run.Explain(), r.Event) {
		return // it was answered before the run was resumed, or by another process
	}
	var reply any
	var err error
	send := func() error { return run.Reply(r.Event, reply) }
	switch p := promptOf(r).(type) {
	case answer.Sending:
		reply, err = a.consent(p)
		send = func() error { return run.Send(reply) } // the reply goes to all steps that ask
	case answer.Calling:
		reply = a.permission(p)
	case workflows.Proposal:
		switch {
		case a.approve != "":
			reply, err = approval(a.approve, p.Default.Keep)
		case a.person:
			reply, err = askApproval(a.errs, a.in, p)
		default:
			if err = putAside(run, p); !errors.Is(err, errUnattended) {
				a.waits = err
				return
			}
		}
	default:
		err = fmt.Errorf("step %s waits for a %s, which cannot be given on the command line: use the explorer",
			r.Step, r.Type)
	}
	if err == nil {
		err = send()
	}
	if err != nil && !errors.Is(err, flow.ErrNotAwaited) {
		run.Cancel(err)
	}
}

// isOpen reports whether an await of a run or of its sub-workflows is open.
func isOpen(e flow.Explanation, await uint64) bool {
	return slices.ContainsFunc(e.Awaits, func(w flow.AwaitWait) bool { return w.ID == await }) ||
		slices.ContainsFunc(e.Runs, func(sub *flow.Explanation) bool { return isOpen(*sub, await) })
}

// promptOf returns the prompt of an await. In a run that was resumed it is known as JSON only.
func promptOf(r flow.Record) any {
	if p, ok := r.Payload.(flow.Prompt); ok {
		return p.Prompt
	}
	data, _ := r.JSON() // without JSON the prompt is of no known type
	var sending struct{ Prompt answer.Sending }
	var proposal struct{ Prompt workflows.Proposal }
	var calling struct{ Prompt answer.Calling }
	switch {
	case r.Type == "Consent" && json.Unmarshal(data, &sending) == nil:
		return sending.Prompt
	case r.Type == "Permission" && json.Unmarshal(data, &calling) == nil:
		return calling.Prompt
	case r.Type == "Approval" && json.Unmarshal(data, &proposal) == nil:
		return proposal.Prompt
	}
	return nil
}

// permission asks the person whether a tool of another program may be called. Without a terminal
// the call is not permitted: the model is informed, and the run continues.
func (a *asking) permission(c answer.Calling) answer.Permission {
	if !a.person {
		fmt.Fprintf(a.errs, "weft: the tool %s of %s is not called, because weft cannot ask without a terminal: allow it with --allow tool:%s/%s\n",
			c.Tool, c.Server, c.Server, c.Tool)
		return answer.Permission{}
	}
	fmt.Fprintf(a.errs, "%s\nCall it? [y/N] ", c.Text)
	line, _ := a.in.ReadString('\n') // end of input means no
	return answer.Permission{Allow: strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "y")}
}

// consent asks the person whether documents may be sent to the endpoint.
func (a *asking) consent(s answer.Sending) (answer.Consent, error) {
	if !a.person {
		return answer.Consent{}, fmt.Errorf("passages of your documents would go to %s, and weft cannot ask without a terminal: allow it with --allow %s, or use --offline",
			s.Endpoint, s.Endpoint)
	}
	fmt.Fprintf(a.errs, "%s\nSend them? [y/N] ", s.Text)
	line, _ := a.in.ReadString('\n') // end of input means no
	return answer.Consent{Allow: strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "y")}, nil
}
