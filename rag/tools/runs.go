package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weft/flow/show"
)

// A Status says how far a run is.
type Status string

// The states of a run.
const (
	StatusDone    Status = "done"
	StatusRunning Status = "running" // call ask again with its run to wait for it
	StatusWaiting Status = "waiting" // for a person
)

// AskInput is the input of the tool ask.
type AskInput struct {
	Question     string `json:"question,omitempty" jsonschema:"the question, complete in itself; required unless run is given"`
	Workflow     string `json:"workflow,omitempty" jsonschema:"how it is answered: see the description; rag if left out"`
	Under        string `json:"under,omitempty" jsonschema:"folder or document to answer from, relative to the corpus; all if left out"`
	Conversation string `json:"conversation,omitempty" jsonschema:"the conversation of an earlier result, so that a follow-up question is understood"`
	Run          string `json:"run,omitempty" jsonschema:"instead of question: a run that was still running or waiting, to wait for its answer"`
}

// A Source is a passage that an answer was made from.
type Source struct {
	N       int      `json:"n" jsonschema:"the number that cites it, as in [1]"`
	Path    string   `json:"path"`
	Line    int      `json:"line"`
	EndLine int      `json:"end_line"`
	Place   string   `json:"place,omitempty"`
	Heading []string `json:"heading"`
	Cited   bool     `json:"cited"`
	Text    string   `json:"text,omitempty" jsonschema:"of a cited source; shortened, read shows all of it"`
}

// AskOutput is the result of the tool ask.
type AskOutput struct {
	Status       Status   `json:"status" jsonschema:"done, running or waiting"`
	Answer       string   `json:"answer" jsonschema:"Markdown with citations such as [1]; while it is running, what there is so far"`
	Sources      []Source `json:"sources"`
	Declined     bool     `json:"declined" jsonschema:"the documents do not answer the question, or a person declined"`
	Run          string   `json:"run" jsonschema:"identifier of the run, which people can open in weft"`
	Conversation string   `json:"conversation,omitempty" jsonschema:"give it with a follow-up question"`
	By           string   `json:"by,omitempty" jsonschema:"the model that wrote the answer; extractive: quoted from the documents without a model"`
	CutOff       string   `json:"cut_off,omitempty" jsonschema:"why the text is incomplete"`
	Degraded     string   `json:"degraded,omitempty" jsonschema:"why it is less than was asked for"`
	Waits        string   `json:"waits,omitempty" jsonschema:"what a person has to decide, and how"`
	Notes        []string `json:"notes,omitempty" jsonschema:"what to know about the citations"`
	Notice       string   `json:"notice"`
}

// mostSource is the number of bytes that are shown of a cited source.
const mostSource = 1000

// Answered returns the result of ask for an answer.
func Answered(a show.Answer) AskOutput {
	out := AskOutput{Status: StatusDone, Answer: a.Text, Sources: []Source{}, Declined: a.Abstained, By: a.By,
		CutOff: a.CutOff, Degraded: a.Degraded, Notes: slices.Concat(a.Notes, show.Unread(a.Sources)), Notice: Notice}
	for _, s := range a.Sources {
		source := Source{N: s.N, Path: s.Path, Line: s.Line, EndLine: s.EndLine, Place: s.Place,
			Heading: append([]string{}, s.Heading...), Cited: s.Cited}
		if s.Cited {
			source.Text, _ = clip(s.Text, mostSource)
		}
		out.Sources = append(out.Sources, source)
	}
	return out
}

// Summary describes the result in one line.
func (o AskOutput) Summary() string {
	switch {
	case o.Status == StatusRunning:
		return fmt.Sprintf("run %s is still running: call ask with this run to wait for its answer", o.Run)
	case o.Status == StatusWaiting:
		return fmt.Sprintf("run %s waits for a person: %s", o.Run, o.Waits)
	case o.Declined:
		return "no answer (run " + o.Run + ")"
	}
	var paths []string
	for _, s := range o.Sources {
		if s.Cited && !slices.Contains(paths, s.Path) {
			paths = append(paths, s.Path)
		}
	}
	text := "answered without sources"
	if len(paths) > 0 {
		text = "answered from " + strings.Join(paths[:min(len(paths), 3)], ", ")
		if n := len(paths) - 3; n > 0 {
			text += " and " + count(n, "other document")
		}
	}
	switch {
	case o.CutOff != "":
		text += "; cut off: " + o.CutOff
	case o.Degraded != "":
		text += "; degraded: " + o.Degraded
	}
	return text + " (run " + o.Run + ")"
}

// RunInput is the input of the tool run.
type RunInput struct {
	Workflow string          `json:"workflow" jsonschema:"the workflow to run: see the description"`
	Start    json.RawMessage `json:"start" jsonschema:"the start event"`
}

// RunOutput is the result of the tool run.
type RunOutput struct {
	Status Status          `json:"status" jsonschema:"done, running or waiting"`
	Run    string          `json:"run" jsonschema:"identifier of the run"`
	Result json.RawMessage `json:"result,omitempty" jsonschema:"the stop event, once the run is done"`
	Waits  string          `json:"waits,omitempty" jsonschema:"what a person has to decide, and how"`
	Notice string          `json:"notice"`
}

// Summary describes the result in one line.
func (o RunOutput) Summary() string {
	switch o.Status {
	case StatusRunning:
		return "run " + o.Run + " is still running"
	case StatusWaiting:
		return "run " + o.Run + " waits for a person: " + o.Waits
	}
	return "run " + o.Run + " is done"
}
