// Package show is the protocol between workflows and the programs that display them: the types of
// the events that workflows, indexing and a session emit, and that a screen draws in a special way.
//
// An event of one of these types is shown by its meaning: [Delta] grows the answer, [Progress]
// draws how far a step is, [ModelCall] draws waiting and retries, [Passage] lists get ranks and
// scores. An event of another type is shown as JSON. Emit a value of these types from any step:
//
//	ctx.Emit(show.Progress{Message: "reading pages", Done: 3, Total: 10, Unit: "pages"})
//
// A reader finds them by the name of the type and by the names of the fields in JSON, because a run
// may be read from a journal or from another program. These names are frozen: journals hold them.
// Adding a field is compatible; renaming one is not. The package imports the standard library only.
package show

// The names of the types that a reader distinguishes by the type of a record. Types without a name
// here are recognised by their fields, wherever they occur in an event: the question in a start
// event, passages, the answer, and the prompt of an await.
const (
	TypeProvider  = "Provider"
	TypeCorpus    = "Corpus"
	TypeOverview  = "Overview"
	TypeNotice    = "Notice"
	TypeOpened    = "Opened"
	TypeArrival   = "Arrival"
	TypeProgress  = "Progress"
	TypeDelta     = "Delta"
	TypePrompt    = "Prompt"
	TypeModelCall = "ModelCall"
	TypeLog       = "Log" // of package flow: what a step has written to its logger
)
