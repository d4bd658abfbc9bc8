package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"weft/flow/show"
	"weft/rag/load"
	"weft/ui/explorer"
)

// explore opens the explorer on the directories.
func explore(cmd *cobra.Command, args []string) error { return exploreRun(cmd, args, "") }

// exploreRun opens the explorer on the directories. If run is not empty, the explorer opens the
// kept run with this identifier.
func exploreRun(cmd *cobra.Command, args []string, run string) error {
	st, err := loadSettings(cmd.Flags(), os.Getenv)
	if err == nil {
		err = st.checkNames()
	}
	if err != nil {
		return err
	}
	folders, err := load.Folders(directories(args))
	err = st.vanished(err, directories(args))
	var root *load.RootError
	// A directory that exists but cannot be searched is reported in the explorer instead.
	if errors.As(err, &root) && root.Problem == load.NotThere {
		return err
	}
	if !isTerminal(cmd.OutOrStdout()) || os.Getenv("TERM") == "dumb" {
		if err != nil {
			return err
		}
		return usageError{errors.New(`the explorer needs a terminal: without one, use weft ask "QUESTION" DIR`)}
	}
	reader, err := st.screenReader()
	if err != nil {
		return err
	}
	s, err := newSession(cmd.Context(), st, directories(args))
	if err != nil {
		return err
	}
	defer s.close()
	if _, err := s.faults.all(); err != nil {
		return usageError{err}
	}
	past := newQuestionFile(st)
	eng := &engine{s: s, questions: past}
	eng.warnOfFaults(st.Workflow.value)
	s.keeping.keep(func(err error) { s.emit(show.Notice{Level: show.Warning, Text: err.Error()}) })
	eng.announceUnfinished(func(text string) { s.emit(show.Notice{Level: show.Info, Text: text}) })
	s.corpus.watch()
	s.corpus.describe()
	for _, t := range st.themes {
		if hard := t.LowContrast(); len(hard) > 0 {
			s.emit(show.Notice{Level: show.Warning,
				Text: fmt.Sprintf("theme %s is hard to read: contrast of %s", t.Name, strings.Join(hard, ", "))})
		}
	}
	defer guardTerminal(stateDir(st))()
	go watchTerminal() // it ends with the process
	questions, err := past.read()
	if err != nil {
		s.emit(show.Notice{Level: show.Warning, Text: err.Error()})
	}
	res, err := explorer.Open(cmd.Context(), eng, explorer.Options{
		Theme: st.Theme.value, Themes: st.ownThemes(), Keys: st.keys, Workflow: st.Workflow.value,
		Run: run, History: questions,
		ScreenReader: reader, Folders: folders,
	})
	if err != nil {
		return err
	}
	if err := past.addRest(res.History); err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "weft: the questions of this session could not be saved:", err)
	}
	if res.Summary != "" {
		fmt.Fprintln(cmd.OutOrStdout(), res.Summary)
	}
	return nil
}
