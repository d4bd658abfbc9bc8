package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weft/ui/canvas"
	"weft/ui/history"
	"weft/ui/status"
	"weft/ui/units"
)

func newRuns() *cobra.Command {
	cmd := newRunsList()
	cmd.Use = "runs [WORD ...]"
	cmd.Short = "List, show, continue and export kept runs"
	cmd.Long = "runs lists the kept runs that have all the given words, the latest first, and its commands do something with one of them. ID is a run's identifier, its beginning, or last.\n\nA run that waits for you is answered with runs answer; one that was interrupted continues with runs resume."
	cmd.Example = "weft runs\nweft runs failed\nweft runs show last\nweft runs resume k3f9"
	list := newRunsList()
	list.Use = "list [WORD ...]"
	list.Short = "List the kept runs, the latest first"
	cmd.AddCommand(list, newRunsShow(), newRunsOpen(), newRunsResume(), newRunsAnswer(), newRunsAgain(), newRunsFork(),
		newRunsExport(), newRunsImport(), newRunsCompare(), newRunsRename())
	cmd.AddCommand(
		newRunsEach("mark", "Mark runs, so that they never expire", func(s *history.Store, id string) error { return s.Mark(id, true) }),
		newRunsEach("unmark", "Remove the mark of runs", func(s *history.Store, id string) error { return s.Mark(id, false) }),
		newRunsEach("delete", "Delete runs; for a day runs undelete restores them", (*history.Store).Delete),
		newRunsEach("undelete", "Restore deleted runs", (*history.Store).Restore))
	return cmd
}

// openRuns opens the store of runs. There need not be one yet.
func openRuns(cmd *cobra.Command) (*settings, *history.Store, error) {
	st, err := loadSettings(cmd.Flags(), os.Getenv)
	if err != nil {
		return nil, nil, err
	}
	store, err := history.Open(runsDir(st))
	return st, store, err
}

// openRun opens the store and finds the one run that an argument identifies.
func openRun(cmd *cobra.Command, id string) (*settings, *history.Store, history.Run, error) {
	st, store, err := openRuns(cmd)
	if err != nil {
		return nil, nil, history.Run{}, err
	}
	r, err := store.Find(id)
	return st, store, r, err
}

func newRunsList() *cobra.Command {
	cmd := &cobra.Command{
		Long:    "list prints the kept runs that have all the given words in their question, workflow, status, reason, model or directory, the latest first.",
		Example: "weft runs list\nweft runs list --order slowness timeout\nweft runs list --json | jq .id",
	}
	flags := cmd.Flags()
	workflow := flags.StringP("workflow", "w", "", "only runs of this workflow")
	dir := flags.String("dir", "", "only runs about this directory")
	talk := flags.String("talk", "", "only runs of the conversation that this run belongs to")
	outcome := flags.StringSlice("status", nil, "only runs with this status, such as failed, waiting or interrupted")
	marked := flags.Bool("marked", false, "only marked runs")
	deleted := flags.Bool("deleted", false, "only deleted runs, which can be restored")
	order := flags.String("order", "time", "time, slowness, size, question or workflow")
	most := flags.IntP("number", "n", 20, "how many runs are listed (0: all)")
	asJSON := flags.Bool("json", false, "one JSON object per line, with all details")
	cmd.RunE = func(cmd *cobra.Command, words []string) error {
		q := history.Query{Text: strings.Join(words, " "), Workflow: *workflow, Marked: *marked, Deleted: *deleted}
		var err error
		if q.Order, err = history.ParseOrder(*order); err != nil {
			return usageError{err}
		}
		for _, o := range *outcome {
			q.Outcomes = append(q.Outcomes, history.Outcome(o))
		}
		if *dir != "" {
			q.Directory = history.Directory([]string{*dir})
		}
		_, store, err := openRuns(cmd)
		if err != nil {
			return err
		}
		if *talk != "" {
			first, err := store.Find(*talk)
			if err != nil {
				return err
			}
			q.Talk = first.TalkID()
		}
		all, err := store.List()
		if err != nil {
			return err
		}
		runs := q.Filter(all)
		shown := runs
		if *most > 0 && len(runs) > *most {
			shown = runs[:*most]
		}
		out := cmd.OutOrStdout()
		for _, r := range shown {
			if *asJSON {
				err = newJSON(out).Encode(r)
			} else {
				err = printRun(out, r)
			}
			if err != nil {
				return err
			}
		}
		switch {
		case *asJSON:
		case len(all) == 0:
			fmt.Fprintln(cmd.ErrOrStderr(), "weft: there are no runs yet: ask a question")
		case len(runs) == 0:
			fmt.Fprintf(cmd.ErrOrStderr(), "weft: none of %d runs fits\n", len(all))
		case len(shown) < len(runs):
			fmt.Fprintf(cmd.ErrOrStderr(), "weft: %d of %d runs: -n 0 lists all\n", len(shown), len(runs))
		}
		return nil
	}
	return cmd
}

// printRun prints a run in one line.
func printRun(w io.Writer, r history.Run) error {
	sign := status.OfKept(r.Outcome).Glyph()
	if r.Outcome == history.Incomplete {
		sign = status.Incomplete
	}
	mark := " "
	if r.Marked {
		mark = "●"
	}
	line := fmt.Sprintf("%s%s %-10s  %s  %-9s %6s  %s", mark, sign, canvas.Line(r.ID), whenText(r.Started),
		canvas.Line(r.Workflow), units.Duration(r.Took()), canvas.Line(shorten(r.Question, 100)))
	if r.Title != "" {
		line += " · in " + canvas.Line(shorten(r.Title, 40))
	}
	if r.Origin != "" {
		line += " · by " + canvas.Line(shorten(r.Origin, 40))
	}
	if why := outcomeText(r); why != "" {
		line += " · " + canvas.Line(shorten(why, 100))
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

func whenText(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// outcomeText says why a run is not simply done; "": it is.
func outcomeText(r history.Run) string {
	switch r.Outcome {
	case history.Done:
		return ""
	case history.Waiting:
		text := "waits for you"
		for _, w := range r.Waits {
			text += ": " + w.Text
		}
		return text
	case history.Declined:
		return "nothing relevant was found"
	case history.Running:
		return "running in " + r.Owner.String()
	}
	return strings.TrimSuffix(string(r.Outcome)+": "+r.Reason, ": ")
}

func newRunsRename() *cobra.Command {
	return &cobra.Command{
		Use:     "rename ID TITLE",
		Short:   "Give the conversation of a run a title",
		Long:    "rename gives the conversation that a run belongs to a title, which lists show and find. An empty title removes it.",
		Example: "weft runs rename last 'how time-outs work'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{errors.New("give a run and a title, in quotes")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			_, store, r, err := openRun(cmd, args[0])
			if err != nil {
				return err
			}
			return store.Rename(r.TalkID(), args[1])
		},
	}
}

// newRunsEach returns a command that does something to each of the given runs.
func newRunsEach(name, short string, do func(*history.Store, string) error) *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use:   name + " ID ...",
		Short: short,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errNoRun
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, ids []string) error {
			_, store, err := openRuns(cmd)
			if err != nil {
				return err
			}
			for _, id := range ids {
				r, err := store.Find(id)
				if err == nil {
					err = do(store, r.ID)
				}
				if err == nil && *asJSON {
					if r, err = store.Find(r.ID); err == nil {
						err = newJSON(cmd.OutOrStdout()).Encode(r)
					}
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	asJSON = cmd.Flags().Bool("json", false, "print each run as a JSON object, with the change")
	return cmd
}

var errNoRun = usageError{errors.New("there is no run: give its identifier, or last; weft runs lists them")}

// oneRun is the check of commands on one run.
func oneRun(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errNoRun
	}
	return nil
}
