package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/show"
	"weft/ui/fork"
	"weft/ui/history"
)

// A continuing is a command that begins or resumes a run from a kept one, and shows it like weft
// ask.
type continuing struct {
	*cobra.Command
	dir   *string
	asked askFlags
}

func newContinuing(cmd *cobra.Command) continuing {
	addFlags(cmd.Flags(), func(o *options) []anyOption {
		return []anyOption{&o.Timeout, &o.Classifier, &o.Fault, &o.ScreenReader, &o.Profile, &o.BaseURL,
			&o.Model, &o.EmbeddingModel, &o.RerankModel, &o.Offline, &o.Allow}
	})
	addFlags(cmd.Flags(), (*options).inclusion)
	return continuing{cmd, cmd.Flags().String("dir", "", "search this directory, and not that of the run"), addAskFlags(cmd)}
}

// answer begins a run with a session on the directories of a kept run, and prints its answer.
func (c continuing) answer(st *settings, r history.Run, begin func(*session) (*flow.Run[show.Answer], error)) error {
	dirs := filepath.SplitList(cmp.Or(*c.dir, r.Directory))
	if len(dirs) == 0 {
		return usageError{errors.New("the run does not name its directory: give it with --dir")}
	}
	if err := st.checkDirectories(dirs); err != nil {
		return err
	}
	a, end, err := c.asked.asking(c.Command, st)
	if err != nil {
		return err
	}
	defer end()
	st.KeepRuns.value = true // what follows belongs to a kept run
	return a.answer(c.Context(), st, dirs, begin)
}

func newRunsResume() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "resume ID",
		Short:   "Continue a run that was interrupted, and print its answer",
		Long:    "resume continues a run whose process ended before the run did. Steps that had finished are not done again. The present model and settings are used.",
		Example: "weft runs resume last\nweft runs resume k3f9 --approve all",
		Args:    oneRun,
	}
	c := newContinuing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, _, r, err := openRun(cmd, args[0])
		if err == nil && r.Outcome.Ended() {
			err = fmt.Errorf("the run is over: weft runs show %s prints its answer, weft runs again %s asks again", r.ID, r.ID)
		}
		if err != nil {
			return err
		}
		return c.answer(st, r, func(s *session) (*flow.Run[show.Answer], error) { return s.resume(r.ID) })
	}
	return cmd
}

func newRunsAnswer() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "answer ID REPLY",
		Short:   "Reply to a run that waits for you",
		Long:    "answer replies to a run that waits. REPLY is JSON of the type that weft runs show names. A run that a process has continues there; any other continues here, and its answer is printed.",
		Example: "weft runs answer last '{\"keep\": [1, 2]}'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 || !json.Valid([]byte(args[1])) {
				return usageError{errors.New(`give a run and a reply in JSON, such as '{"keep": [1]}'`)}
			}
			return nil
		},
	}
	await := cmd.Flags().Uint64("await", 0, "the number of the wait, where there are several")
	c := newContinuing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, store, r, err := openRun(cmd, args[0])
		if err != nil {
			return err
		}
		wait, err := theWait(r, *await)
		if err != nil {
			return err
		}
		m := flow.Message{Await: wait.Await, Payload: json.RawMessage(args[1])}
		if wait.Shared { // one reply answers all waits for its type
			m = flow.Message{Type: wait.Type, Payload: m.Payload}
		}
		err = store.Journals().Send(cmd.Context(), r.ID, m)
		if !errors.Is(err, journal.ErrUnowned) {
			return err
		}
		return c.answer(st, r, func(s *session) (*flow.Run[show.Answer], error) {
			run, err := s.resume(r.ID)
			if err != nil {
				return nil, err
			}
			if m.Await != 0 {
				err = run.Reply(m.Await, m.Payload)
			} else {
				err = run.SendJSON(m.Type, m.Payload)
			}
			if err != nil { // the run is suspended at the end of the session, and waits on
				return nil, err
			}
			return run, nil
		})
	}
	return cmd
}

// theWait returns the wait of a run with a number, or its only one if the number is 0.
func theWait(r history.Run, number uint64) (history.Wait, error) {
	if len(r.Waits) == 0 {
		return history.Wait{}, fmt.Errorf("run %s does not wait for anyone: it is %s", r.ID, r.Outcome)
	}
	if number == 0 && len(r.Waits) == 1 {
		return r.Waits[0], nil
	}
	for _, w := range r.Waits {
		if w.Await == number {
			return w, nil
		}
	}
	return history.Wait{}, usageError{fmt.Errorf("run %s has %d waits: give the number of one with --await; weft runs show %s lists them", r.ID, len(r.Waits), r.ID)}
}

func newRunsAgain() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "again ID",
		Short:   "Ask the question of a run again",
		Long:    "again asks the question of a run once more, with the same workflow unless another is given, and with the present model and settings.",
		Example: "weft runs again last -w refine",
		Args:    oneRun,
	}
	workflow := cmd.Flags().StringP("workflow", "w", "", "ask this workflow")
	question := cmd.Flags().String("question", "", "ask this question in its place")
	c := newContinuing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, _, r, err := openRun(cmd, args[0])
		if err != nil {
			return err
		}
		return c.answer(st, r, func(s *session) (*flow.Run[show.Answer], error) {
			return s.ask(cmp.Or(*workflow, r.Workflow), cmp.Or(*question, r.Question))
		})
	}
	return cmd
}

func newRunsFork() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "fork ID --at STEP",
		Short:   "Begin a new run with the past of another one",
		Long:    "fork begins a new run that has the same past as another one up to a step, and continues from there. --edit gives the step another event than it had.",
		Example: "weft runs fork last --at synthesize --model other-model\nweft runs fork last --at rerank --edit '{\"question\": \"…\", \"passages\": []}'",
		Args:    oneRun,
	}
	at := cmd.Flags().String("at", "", "the step that is the first to be done again, or the number of the last record that is kept")
	edit := cmd.Flags().String("edit", "", "the event that the step gets, as JSON")
	c := newContinuing(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		st, store, r, err := openRun(cmd, args[0])
		if err != nil {
			return err
		}
		file, err := store.Read(r.ID)
		if err != nil {
			return err
		}
		seq, event, err := forkPoint(file.Records, *at)
		if err != nil {
			return usageError{err}
		}
		request := fork.Request{Run: r.ID, At: seq}
		if *edit != "" {
			if event == 0 || !json.Valid([]byte(*edit)) {
				return usageError{errors.New("--edit needs an event as JSON, and --at the name of the step that gets it")}
			}
			request.Event, request.Payload, request.Start = event, json.RawMessage(*edit), event == file.Records[0].Event
		}
		return c.answer(st, r, func(s *session) (*flow.Run[show.Answer], error) {
			run, _, err := s.fork(request)
			return run, err
		})
	}
	return cmd
}

// forkPoint returns the number of the last record that a fork keeps, and of the event that its
// first step gets; 0 if at is a number.
func forkPoint(records []flow.Record, at string) (seq, event uint64, err error) {
	if n, err := strconv.ParseUint(at, 10, 64); err == nil {
		return n, 0, nil
	}
	var names []string
	for _, r := range records {
		if r.Kind != flow.StepQueued && r.Kind != flow.StepStarted {
			continue
		}
		if r.Step == at {
			return r.Seq - 1, r.Cause, nil
		}
		if len(names) == 0 || names[len(names)-1] != r.Step {
			names = append(names, r.Step)
		}
	}
	return 0, 0, fmt.Errorf("--at is %q: the steps of the run are %v", at, names)
}
