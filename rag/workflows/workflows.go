// Package workflows provides the workflows that answer questions, one file each, written to be read
// as examples of the engine.
//
// Each is started by a [Question] and ends with a [show.Answer]; between them, every workflow has
// events and steps of its own. [Parts] supplies the search and the model, so a workflow consists
// only of its steps and their order. Steps that several workflows share have files of their own:
// understand.go, find.go, write.go, decompose.go.
package workflows

import (
	"context"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/outside"
	"weft/rag/rephrase"
	"weft/rag/retrieve"
)

// A Workflow answers questions.
type Workflow = flow.Workflow[Question, show.Answer]

// A Question starts a workflow.
type Question struct {
	Text string `json:"text"`
	// Scope lists the files and folders to search. If it is empty, all are searched.
	Scope []string `json:"scope,omitempty"`
	// Conversation holds the earlier turns that a follow-up question refers to.
	Conversation []rephrase.Turn `json:"conversation,omitempty"`
	// AsTyped keeps the text unchanged: it is not joined to the last question, and no word of it is
	// corrected.
	AsTyped bool `json:"as_typed,omitempty"`
}

// ParseQuestion parses a question as typed. Leading words that begin with "@" name the files and
// folders to search; one with spaces is between quotation marks, as in @"my notes/".
func ParseQuestion(line string) Question {
	rest := strings.TrimSpace(line)
	var q Question
	for strings.HasPrefix(rest, "@") {
		end := " "
		if strings.HasPrefix(rest, `@"`) && strings.Contains(rest[2:], `" `) {
			end = `" `
		}
		word, after, _ := strings.Cut(rest, end)
		if word == "@" || strings.TrimSpace(after) == "" {
			break // the question must not become empty
		}
		q.Scope = append(q.Scope, strings.TrimPrefix(strings.TrimPrefix(word, "@"), end[:len(end)-1]))
		rest = strings.TrimSpace(after)
	}
	q.Text = rest
	return q
}

// Parts holds the components and settings that all workflows share.
type Parts struct {
	Search  Search        // the index to search; nil: no search
	Model   *answer.Model // nil: no model, answers are extractive
	Timeout time.Duration // of a run; 0: no limit
	// Missing describes documents that the search could not see yet. If it is nil or returns "",
	// there are none.
	Missing func() string
	// MostParts is how many parts of a question research and routing search for; 0: the constant
	// MostParts.
	MostParts int
	Limits    Limits           // the budgets of the workflow agent
	Outside   *outside.Servers // programs whose tools the workflow agent may call; nil: none
	Permits   *answer.Gate     // asked before a tool of theirs is first called; nil: none may be called
	Classify  bool             // let the model classify questions as simple or complex
	Faults    Faulty           // the faults to inject; nil: none
}

// Search returns the retriever for the index. It may wait for the index to be ready, and reports
// its progress to tell.
type Search func(ctx context.Context, tell func(show.Progress)) (*retrieve.Retriever, error)

// retriever returns the retriever for a step, which emits the progress.
func (p Parts) retriever(ctx *flow.Context) (*retrieve.Retriever, error) {
	return p.Search(ctx, func(how show.Progress) { ctx.Emit(how) })
}

// All returns the workflows in menu order, the default first.
func All(p Parts) []*Workflow {
	return []*Workflow{RAG(p), Simple(p), Routing(p), Parallel(p), Streaming(p), Fallback(p),
		Refine(p), Approve(p), Research(p), Agent(p)}
}

func (p Parts) new(name, description string) *Workflow {
	return flow.New[Question, show.Answer](name, flow.Describe(description), flow.Timeout(p.Timeout))
}
