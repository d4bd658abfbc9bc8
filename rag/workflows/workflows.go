// Package workflows has the workflows that answer questions, one file each, written to be read as examples of the engine.
//
// A [Question] starts each of them and an [show.Answer] ends it; in between, every workflow has events and steps of its own. What they
// are made of, the search and the model, comes in as [Parts], so that a workflow is only its steps and how they follow on each other.
// What several of them share is a step in a file of its own: understand.go, find.go, write.go, decompose.go.
package workflows

import (
	"context"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/rephrase"
	"weft/rag/retrieve"
)

// A Workflow answers questions.
type Workflow = flow.Workflow[Question, show.Answer]

// A Question starts a workflow.
type Question struct {
	Text         string          `json:"text"`
	Scope        []string        `json:"scope,omitempty"`        // the files and folders to look in; none: everywhere
	Conversation []rephrase.Turn `json:"conversation,omitempty"` // what was asked and answered before, if the question goes on with it
}

// ParseQuestion reads a question as it is typed: words that begin with "@" in front of it are the files and folders to look in.
func ParseQuestion(line string) Question {
	rest := strings.TrimSpace(line)
	var q Question
	for strings.HasPrefix(rest, "@") {
		word, after, _ := strings.Cut(rest, " ")
		if word == "@" || strings.TrimSpace(after) == "" {
			break // nothing would be left to ask
		}
		q.Scope = append(q.Scope, strings.TrimPrefix(word, "@"))
		rest = strings.TrimSpace(after)
	}
	q.Text = rest
	return q
}

// Parts are what workflows are made of.
type Parts struct {
	Search   Search        // the index to search; nil: nothing is searched
	Model    *answer.Model // nil: there is none, and answers are extractive
	Timeout  time.Duration // of a run; 0: none
	Missing  func() string // what the search could not see yet, for a reader; nil or "": nothing
	Classify bool          // let the model tell simple questions from complex ones
	Faults   Faulty        // what is to go wrong; nil: nothing
}

// Search gives what an index is searched with. It may wait for the index, and tells so.
type Search func(ctx context.Context, tell func(show.Progress)) (*retrieve.Retriever, error)

// retriever is the Search of a step, which passes on what it is told.
func (p Parts) retriever(ctx *flow.Context) (*retrieve.Retriever, error) {
	return p.Search(ctx, func(how show.Progress) { ctx.Emit(how) })
}

// All returns the workflows in the order in which they are offered, the default first.
func All(p Parts) []*Workflow {
	return []*Workflow{RAG(p), Simple(p), Routing(p), Parallel(p), Streaming(p), Fallback(p), Refine(p), Approve(p), Research(p)}
}

func (p Parts) new(name, description string) *Workflow {
	return flow.New[Question, show.Answer](name, flow.Config{Description: description, Timeout: p.Timeout})
}
