package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

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
func evalAnswers(ctx context.Context, out, errs io.Writer, st *settings, dir, against string, asJSON bool) error {
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
	e := &evaluation{dir: dir, docs: docs, questions: questions, variants: compared}
	if !asJSON {
		fmt.Fprintf(out, "%s\n%-20s %5s %5s %5s %5s %6s %5s %4s %8s %9s %6s %7s\n", e.title(),
			"answered by", "asked", "first", "found", "good", "partly", "place", "bad", "declined",
			"others", "words", "p50")
	}
	e.done = func(way int) error {
		outcomes, v := e.outcomes[way], compared[way]
		sum := eval.Summarise(outcomes)
		if asJSON {
			return printOutcomes(out, dir, v, outcomes, sum)
		}
		_, err := fmt.Fprintf(out, "%-20s %5d %5d %5d %5d %6d %5d %4d %8d %4d of %-2d %6.0f %4d ms\n", v.name,
			sum.Answerable, sum.First, sum.Found, sum.Marks[eval.Good], sum.Marks[eval.Partly], sum.Marks[eval.Place],
			sum.Marks[eval.Bad], sum.Marks[eval.Declined], sum.Marks[eval.Rightly], sum.Other,
			sum.Words, sum.Median.Milliseconds())
		return err
	}
	if err := e.run(ctx, st, errs); err != nil || len(compared) < 2 {
		return err
	}
	more, p := eval.Compare(e.outcomes[0], e.outcomes[1])
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
