package cli

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/eval"
	"weft/ui/canvas"
	"weft/ui/history"
)

// evalName is the workflow of an evaluation.
const evalName = "eval"

// An evaluation asks the questions of a directory in one or more ways, one after the other, and
// grades the answers. It is a run of the workflow "eval": it is kept like the runs of questions, so
// that the history shows it while it goes and later.
type evaluation struct {
	dir, docs string
	questions []eval.Question
	variants  []variant
	done      func(way int) error // is called when a way has answered all questions

	outcomes [][]eval.Outcome // of each way, in the order of the questions
	session  *session         // of the way that answers now
	way      int              // of session
}

// The events of an evaluation, under the names that the timeline shows. The first text of an event
// names its execution there.
type (
	// Evaluation says what is asked, and in which ways.
	Evaluation struct {
		Question string   `json:"question"`
		Ways     []string `json:"ways"`
	}
	// Posed is one question, in one way of answering.
	Posed struct {
		Question string `json:"question"`
		By       string `json:"by"`
		N        int    `json:"n"` // of the question, from 0
		Way      int    `json:"way"`
	}
	// Graded is the answer to it, with its grade.
	Graded struct {
		Question string        `json:"question"`
		By       string        `json:"by"`
		Mark     eval.Mark     `json:"mark"`
		Words    int           `json:"words"`
		Rank     int           `json:"rank,omitempty"`    // of the first source from a right file
		Missing  []string      `json:"missing,omitempty"` // required but not in the answer
		Cited    []string      `json:"cited,omitempty"`
		Text     string        `json:"text"`
		Took     time.Duration `json:"took"`
	}
)

// title says what is measured.
func (e *evaluation) title() string {
	if len(e.questions) == 1 {
		return "1 question of " + e.dir
	}
	return fmt.Sprintf("%d questions of %s", len(e.questions), e.dir)
}

// run runs the evaluation, and keeps it if the settings say so. It returns when all questions are
// graded, and writes on errs how the run can be seen again.
func (e *evaluation) run(ctx context.Context, st *settings, errs io.Writer) error {
	keep, err := bareSession(ctx, st)
	if err != nil {
		return err
	}
	defer keep.close()
	keep.corpus.dirs = []string{e.docs}
	keep.keeping.keep(func(err error) { fmt.Fprintln(errs, "weft:", canvas.Line(err.Error())) })
	defer e.close()
	labels := map[string]string{history.LabelQuestion: e.title(), history.LabelDirectory: keep.corpus.directory()}
	start := Evaluation{Question: e.title()}
	for _, v := range e.variants {
		start.Ways = append(start.Ways, v.name)
	}
	e.outcomes = make([][]eval.Outcome, len(e.variants))
	run, err := keep.startKept(&keep.conversation, labels, func(opts ...flow.RunOption) (*flow.Run[show.Answer], error) {
		return e.workflow(ctx).Start(ctx, start, opts...)
	})
	if err != nil {
		return err
	}
	_, err = run.Wait(ctx)
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if err == nil && keep.keeping.keeper() != nil {
		fmt.Fprintf(errs, "weft: `weft runs show %s` shows the timeline\n", run.ID())
	}
	return cause(err)
}

// workflow returns the workflow of the evaluation. ctx ends with the command, and not with a step:
// the session of a way serves many steps.
func (e *evaluation) workflow(ctx context.Context) *flow.Workflow[Evaluation, show.Answer] {
	wf := flow.New[Evaluation, show.Answer](evalName, flow.Describe("ask questions whose answers are known, and grade the answers"))
	flow.Each(wf, "questions", func(*flow.Context, Evaluation) iter.Seq2[Posed, error] {
		return func(yield func(Posed, error) bool) {
			for way, v := range e.variants {
				for i, q := range e.questions {
					if !yield(Posed{q.Text, v.name, i, way}, nil) {
						return
					}
				}
			}
		}
	}, flow.Describe("name each question, for each way of answering"))
	flow.Step(wf, "ask", func(_ *flow.Context, a Posed) (Graded, error) {
		o, err := e.ask(ctx, a)
		return Graded{a.Question, a.By, o.Mark, o.Words, o.Rank, o.Missing, o.Cited, o.Text, o.Took}, err
	}, flow.Workers(1), flow.Describe("answer one question, and grade the answer"))
	flow.Join(wf, "summarise", func(*flow.Context, []Graded) (show.Answer, error) {
		return show.Answer{Question: e.title(), Text: e.table(), By: "eval"}, nil
	}, flow.Describe("count the grades"))
	return wf
}

// ask asks a question, and grades the answer.
func (e *evaluation) ask(ctx context.Context, a Posed) (eval.Outcome, error) {
	if err := e.open(ctx, a.Way); err != nil {
		return eval.Outcome{}, err
	}
	began := time.Now()
	run, err := e.session.ask(e.variants[a.Way].settings.Workflow.value, a.Question)
	if err != nil {
		return eval.Outcome{}, err
	}
	got, err := run.Wait(ctx)
	if ctx.Err() != nil {
		return eval.Outcome{}, interrupted(ctx)
	}
	if err != nil {
		got = show.Answer{Abstained: true, Text: err.Error()} // a failed run counts as no answer
	}
	o := eval.Grade(&e.questions[a.N], got)
	o.Took = time.Since(began)
	e.outcomes[a.Way] = append(e.outcomes[a.Way], o)
	if len(e.outcomes[a.Way]) < len(e.questions) {
		return o, nil
	}
	return o, e.done(a.Way)
}

// open opens the session of a way, unless it is open, and waits for its index.
func (e *evaluation) open(ctx context.Context, way int) error {
	if e.session != nil && e.way == way {
		return nil
	}
	e.close() // two sessions cannot both write the index
	st := e.variants[way].settings
	s, err := newSession(ctx, st, []string{e.docs})
	if err != nil {
		return err
	}
	e.session, e.way = s, way
	select {
	case <-s.corpus.built:
	case <-ctx.Done():
		return interrupted(ctx)
	}
	if s.corpus.err != nil {
		return s.corpus.err
	}
	if err := s.faults.effective(st.Workflow.value); err != nil {
		return usageError{err}
	}
	return nil
}

func (e *evaluation) close() {
	if e.session != nil {
		e.session.close()
		e.session = nil
	}
}

// table returns the summaries as a table in Markdown.
func (e *evaluation) table() string {
	var b strings.Builder
	b.WriteString("| by | asked | good | partly | place | bad | declined | others declined |\n|---|---|---|---|---|---|---|---|\n")
	for i, v := range e.variants {
		sum := eval.Summarise(e.outcomes[i])
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %d of %d |\n", strings.ReplaceAll(v.name, "|", `\|`), sum.Answerable, sum.Marks[eval.Good],
			sum.Marks[eval.Partly], sum.Marks[eval.Place], sum.Marks[eval.Bad], sum.Marks[eval.Declined], sum.Marks[eval.Rightly], sum.Other)
	}
	return b.String()
}
