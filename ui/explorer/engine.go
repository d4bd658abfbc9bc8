package explorer

import (
	"context"
	"encoding/json"
	"io"
	"iter"

	"weft/flow"
	"weft/ui/export"
	"weft/ui/history"
)

// An Engine is what the explorer shows and drives.
type Engine interface {
	// Session is the program's own run: provider, corpus, notices, and the runs that were opened
	// are records of it.
	Session() Run
	// Workflows returns the workflows that can answer a question, the default first: name,
	// description, steps and edges.
	Workflows() []flow.Graph
	// Ask starts a run that answers the question. It may be called from any goroutine.
	Ask(workflow, question string) (Run, error)
	// Run finds a run that the session has announced (an Opened record), such as indexing.
	Run(id string) (Run, bool)
}

// A grapher is a Run that knows the graph of its workflow.
type grapher interface {
	Graph() flow.Graph
}

// An OfflineAsker is an Engine that can leave its model out and answer from the documents alone.
type OfflineAsker interface {
	// AskOffline is Ask without a model.
	AskOffline(workflow, question string) (Run, error)
}

// A TypedAsker is an Engine that may understand a question differently from how it was typed, and can
// be told not to.
type TypedAsker interface {
	// AskTyped is Ask for the question exactly as typed.
	AskTyped(workflow, question string) (Run, error)
}

// A TalkStarter is an Engine whose questions may refer to those before them.
type TalkStarter interface {
	// NewTalk makes the next question the first of a new conversation. It does not wait.
	NewTalk()
}

// A TalkContinuer is an Engine that can continue a talk of an earlier session.
type TalkContinuer interface {
	// ContinueTalk makes the next question a follow-up to a kept run, and to those before it in its
	// talk.
	ContinueTalk(run string) error
}

// A Breaker is an Engine whose runs can be given breakpoints: every run that it starts asks stop
// before each execution, with the names of the step and of the event's type, and pauses where it
// reports true. It is set once, before the first run.
type Breaker interface {
	Break(stop func(step, event string) bool)
}

// A RemoteBreaker is an Engine whose runs are in another process, which cannot ask the explorer
// before each execution. It is given the breakpoints whenever they change. Its method may take a
// while.
type RemoteBreaker interface {
	// SetBreakpoints replaces the steps and the types of event before which runs pause.
	SetBreakpoints(steps, events []string)
}

// A Refuser is an Engine for whose runs some commands do not work, such as those of a server.
type Refuser interface {
	// Refuses returns why a command, which settings name by this identifier, never works; "": it does.
	Refuses(command string) string
}

// A FaultInjector is an Engine that can make steps fail on purpose, in each attempt that begins
// after the fault is set.
type FaultInjector interface {
	// Faults returns the faults by step name, as texts such as "error=0.5,delay=300ms".
	Faults() map[string]string
	// Inject sets the fault of a step; an empty text removes it.
	Inject(step, fault string) error
}

// A ModelAsker is an Engine that can ask a model other than the one in use.
type ModelAsker interface {
	// Models returns the names of the models that can be asked; none: there is no choice. It does
	// not wait.
	Models() []string
	// AskModel is Ask with one of these models.
	AskModel(workflow, question, model string) (Run, error)
}

// A Pricer is an Engine that knows what its models cost.
type Pricer interface {
	// Price returns the cost of read prompt tokens and written answer tokens, such as "0.0021 USD",
	// with one of the models or with the one in use (""). It returns "" if no prices are known. It
	// does not wait.
	Price(model string, read, written int) string
}

// A Historian is an Engine that keeps its runs. Its methods may take a while, except Directory.
type Historian interface {
	// History returns all kept runs, the latest first.
	History() ([]history.Run, error)
	// Directory returns the directory that the program is about, as history.Run has it.
	Directory() string
	// Preview returns the beginning of a run's answer as text; "" if it has none.
	Preview(id string) string
	// Kept returns the journal of a run as it is now. A damaged one is returned as far as it can be
	// read, with the error.
	Kept(id string) (flow.Header, []flow.Record, error)
	// Past opens a run to be looked at. Nothing is done again.
	Past(id string) (Run, error)
	// Resume continues a run that no process owns.
	Resume(id string) (Run, error)
	// Export writes a run to a new file, and returns its path.
	Export(id string, f export.Format) (path string, err error)
	Mark(id string, marked bool) error
	// Rename gives the talk that began with a run a title; "" removes it.
	Rename(talk, title string) error
	Delete(id string) error
	Restore(id string) error
}

// A Saver is an Engine that can write a text to a new file.
type Saver interface {
	// Save writes a file whose name begins with name, and returns its path. It may take a while.
	Save(name string, write func(io.Writer) error) (path string, err error)
}

// A Run is one run's journal and its controls. A *flow.Run is one.
//
// A run that waits for a person asks with a prompt, of which the explorer reads these fields:
// "text", what is asked; "schema", the JSON schema of the reply; "default", a reply to begin with;
// "shared", whether one reply answers all waits for its type. A prompt may also be a text alone.
type Run interface {
	ID() string
	// Records yields the records after the one numbered after, and waits for more at the live edge
	// until the run ends or ctx does.
	Records(ctx context.Context, after uint64) iter.Seq[flow.Record]
	// Cancel ends the run, if it has not ended.
	Cancel(cause error)
	// Pause prevents further executions from starting, Continue ends the pause, and StepOnce lets
	// exactly one more start.
	Pause()
	Continue()
	StepOnce()
	// Explain describes what the run is doing, and why executions that do not move are waiting.
	Explain() flow.Explanation
	// Reply answers the open wait with this identifier, with a json.RawMessage.
	Reply(await uint64, reply any) error
	// SendJSON sends an event into the run: the reply to all open waits that share one.
	SendJSON(typeName string, payload json.RawMessage) error
}
