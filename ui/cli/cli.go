// Package cli is weft's command line. It turns flags, environment and config file into settings,
// wires the parts of the program together, and passes a run's records to the explorer, to plain
// text or to JSON. It is the only package that imports all the others.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weft/rag/load"
	"weft/ui/canvas"
)

// Exit codes.
const (
	exitAnswer     = 0 // a complete answer
	exitFailed     = 1 // a person must correct something; the message says what
	exitUsage      = 2
	exitNothing    = 3 // nothing relevant was found, or a person declined
	exitIncomplete = 4 // the answer is cut off, or is less than was asked for
	exitCancelled  = 130
	exitTerminated = 143
)

// An exitError ends the program with an exit code. If it wraps no error, nothing is printed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// A usageError reports an invalid command line.
type usageError struct{ error }

// Main runs the command line and returns the exit code.
func Main(args []string) int {
	load.ServePDF()
	serveGuard()
	ctx, stop := interruptible()
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	out := canvas.NewDoor(os.Stdout)
	root.SetOut(out)
	root.SetErr(canvas.NewDoor(os.Stderr))
	err := execute(ctx, root, args)
	if lost := out.Err(); lost != nil && !errors.Is(err, lost) && context.Cause(ctx) == nil {
		err = fmt.Errorf("the output is not complete: %w", lost)
	}
	if err != nil {
		showError(root.ErrOrStderr(), err)
	}
	var exit *exitError
	var usage usageError
	var by interruption
	switch {
	case err == nil && errors.As(context.Cause(ctx), &by):
		return by.code()
	case err == nil:
		return exitAnswer
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(context.Cause(ctx), &by):
		return by.code()
	}
	return exitFailed
}

// execute runs the command. Only the manual page goes through fang, which generates it. For other
// commands fang would query the terminal's background before printing an error, which takes seconds
// on a terminal that does not reply, and its help breaks lines within words.
func execute(ctx context.Context, root *cobra.Command, args []string) error {
	for _, a := range args {
		switch a {
		case "--":
			return root.ExecuteContext(ctx)
		case "man":
			return fang.Execute(ctx, root, fang.WithoutVersion(),
				fang.WithErrorHandler(func(io.Writer, fang.Styles, error) {}))
		}
	}
	return root.ExecuteContext(ctx)
}

// showError prints an error. Errors of this program already say what to do.
func showError(w io.Writer, err error) {
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil {
		return
	}
	fmt.Fprintf(w, "weft: %v\n", err)
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintln(w, "Try weft --help.")
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:     "weft [DIR ...]",
		Short:   "Ask your documents, and watch the answer being made",
		Long:    "weft answers questions about the documents in a directory, and shows each step of the answer on a timeline.\n\nWithout a command it opens the explorer on DIR, or on the directory it is started in.",
		Example: "weft ~/notes\nweft ask \"how do I cancel a run?\" docs",
		Args:    cobra.ArbitraryArgs,
		RunE:    explore,
		Version: version(),

		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetHelpFunc(showHelp)
	root.SetGlobalNormalizationFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "provider" {
			name = "profile"
		}
		return pflag.NormalizedName(name)
	})
	root.SetVersionTemplate("weft {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{flagError(err)} })
	addFlags(root.Flags(), func(o *options) []anyOption {
		return []anyOption{&o.Workflow, &o.Timeout, &o.Classifier, &o.Fault, &o.Theme, &o.ScreenReader}
	})
	ask, search, index, eval, doctor := newAsk(), newSearch(), newIndex(), newEval(), newDoctor()
	// Cobra's own commands get no flags
	grep, read, list, agents := newGrep(), newRead(), newList(), newMCP()
	served, attach := newServe(), newAttach()
	for _, cmd := range []*cobra.Command{root, ask, search, grep, read, list, agents, served, index, eval, doctor} {
		addFlags(cmd.Flags(), func(o *options) []anyOption {
			return []anyOption{&o.Profile, &o.BaseURL, &o.Model, &o.EmbeddingModel, &o.RerankModel, &o.Offline, &o.Allow}
		})
		if cmd != eval {
			addFlags(cmd.Flags(), (*options).inclusion)
		}
	}
	root.AddCommand(ask, search, grep, read, list, agents, served, attach, index, eval, doctor, newGraph(), newClean(), newRuns())
	return root
}

// flagError replaces pflag's message for an invalid value with one that says what the flag accepts.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	wants := map[string]string{"int": "a whole number", "bool": "true or false",
		"duration": "a duration such as 30s or 2m"}
	f := invalid.GetFlag()
	want, ok := wants[f.Value.Type()]
	if !ok {
		return err
	}
	return fmt.Errorf("--%s is %q: it must be %s", f.Name, invalid.GetValue(), want)
}

// directories returns the directories of the corpus, by default the current one.
func directories(args []string) []string {
	if len(args) == 0 {
		return []string{"."}
	}
	return args
}
