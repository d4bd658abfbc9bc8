package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weft/flow/show"
	"weft/rag/eval"
	"weft/rag/load"
)

// hasQuestions reports whether a directory has questions to measure answers with.
func hasQuestions(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, eval.QuestionsFile))
	return err == nil
}

// A variant is a way of answering that is measured.
type variant struct {
	name     string
	settings *settings
}

// variants returns the ways of answering that are measured: with the settings as they are and, if
// against is not empty, with some of them changed. against is the name of a workflow, or settings as
// key=value, separated by blanks.
func variants(st *settings, against string) ([]variant, error) {
	all := []variant{{st.Workflow.value, st}}
	if against == "" {
		return all, nil
	}
	changes := strings.Fields(against)
	if !strings.Contains(against, "=") {
		changes = []string{"workflow=" + against}
	}
	other, err := st.changed(changes)
	if err != nil {
		return nil, usageError{fmt.Errorf("--against: %w", err)}
	}
	return append(all, variant{against, other}), nil
}

// evalAnswers asks the questions of a directory, and once more with other settings if against names
// some, and prints how well each answered. The documents are those in the folder docs, or else in
// the directory itself.
func evalAnswers(ctx context.Context, out io.Writer, st *settings, dir, against string, asJSON bool) error {
	questions, err := eval.ReadQuestions(filepath.Join(dir, eval.QuestionsFile))
	if err != nil {
		return err
	}
	docs := eval.Documents(dir)
	if err := load.CheckRoots([]string{docs}); err != nil {
		return err
	}
	compared, err := variants(st, against)
	if err != nil {
		return err
	}
	if !asJSON {
		fmt.Fprintf(out, "%s: %d questions\n%-20s %5s %5s %5s %5s %6s %5s %4s %8s %9s %6s %7s\n", dir,
			len(questions), "answered by", "asked", "first", "found", "good", "partly", "place", "bad", "declined",
			"others", "words", "p50")
	}
	var all [][]eval.Outcome
	for _, v := range compared {
		outcomes, err := askAll(ctx, v.settings, docs, questions)
		if err != nil {
			return err
		}
		all = append(all, outcomes)
		sum := eval.Summarise(outcomes)
		if asJSON {
			if err := printOutcomes(out, dir, v, outcomes, sum); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(out, "%-20s %5d %5d %5d %5d %6d %5d %4d %8d %4d of %-2d %6.0f %4d ms\n", v.name,
			sum.Answerable, sum.First, sum.Found, sum.Marks[eval.Good], sum.Marks[eval.Partly], sum.Marks[eval.Place],
			sum.Marks[eval.Bad], sum.Marks[eval.Declined], sum.Marks[eval.Rightly], sum.Other,
			sum.Words, sum.Median.Milliseconds())
	}
	if len(all) < 2 {
		return nil
	}
	more, p := eval.Compare(all[0], all[1])
	if asJSON {
		return newJSON(out).Encode(map[string]any{"collection": dir,
			"compared": []string{compared[0].name, compared[1].name}, "more": more, "p": p})
	}
	fmt.Fprintf(out, "%s answers %+d of the questions well or declines them rightly, compared with %s; p = %.3f\n",
		compared[1].name, more, compared[0].name, p)
	return nil
}

// fitWeights prints the weights of the offline answerer, fitted on the questions of the
// directories.
func fitWeights(ctx context.Context, out io.Writer, dirs []string) error {
	for _, dir := range dirs {
		if !hasQuestions(dir) {
			return usageError{fmt.Errorf("there is no %s in %s", eval.QuestionsFile, dir)}
		}
	}
	tables, err := eval.FitWeights(ctx, dirs)
	if err != nil {
		return err
	}
	for _, t := range tables {
		fmt.Fprintf(out, "%s: of %d questions the first is right for %d, %d with the fitted weights", t.Name, t.Choices,
			t.Present, t.New)
		if len(dirs) > 1 {
			fmt.Fprintf(out, ", %d with weights fitted on the other directories", t.Apart)
		}
		fmt.Fprintln(out)
		for i, f := range t.Features {
			fmt.Fprintf(out, "  %-10s %6.2f %6.2f  %s\n", f.Name, f.Weight, t.Weights[i], f.Says)
		}
	}
	return nil
}

// askAll asks the questions about the documents one after the other, and grades the answers.
func askAll(ctx context.Context, st *settings, docs string, questions []eval.Question) ([]eval.Outcome, error) {
	s, err := newSession(ctx, st, []string{docs})
	if err != nil {
		return nil, err
	}
	defer s.close()
	select {
	case <-s.built:
	case <-ctx.Done():
		return nil, interrupted(ctx)
	}
	if s.err != nil {
		return nil, s.err
	}
	if err := s.effective(st.Workflow.value); err != nil {
		return nil, usageError{err}
	}
	var outcomes []eval.Outcome
	for i := range questions {
		begin := time.Now()
		run, err := s.ask(st.Workflow.value, questions[i].Text)
		if err != nil {
			return nil, err
		}
		a, err := run.Wait(ctx)
		if ctx.Err() != nil {
			return nil, interrupted(ctx)
		}
		if err != nil {
			a = show.Answer{Abstained: true, Text: err.Error()} // a failed run counts as no answer
		}
		o := eval.Grade(&questions[i], a)
		o.Took = time.Since(begin)
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}

// printOutcomes writes a line of JSON for each question, and one for the summary.
func printOutcomes(out io.Writer, dir string, v variant, outcomes []eval.Outcome, sum eval.Summary) error {
	enc := newJSON(out)
	for _, o := range outcomes {
		line := struct {
			Question string `json:"question"`
			Kind     string `json:"kind"`
			By       string `json:"by"`
			eval.Outcome
		}{o.Question.Text, o.Question.Kind, v.name, o}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return enc.Encode(map[string]any{"collection": dir, "by": v.name, "summary": sum})
}
