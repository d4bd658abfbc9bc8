// Package workflows has the workflows that answer questions, one file each, written to be read as examples of the engine.
//
// A [Question] starts each of them and an [answer.Answer] ends it; in between, every workflow has events and steps of its own. What they
// are made of, the search and the model, comes in as [Parts], so that a workflow is only its steps and how they follow on each other.
package workflows

import (
	"context"
	"strings"
	"time"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/retrieve"
)

// A Workflow answers questions.
type Workflow = flow.Workflow[Question, answer.Answer]

// A Question starts a workflow.
type Question struct {
	Text  string   `json:"text"`
	Scope []string `json:"scope,omitempty"` // the files and folders to look in; none: everywhere
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

// A Searcher finds and places passages. A [retrieve.Retriever] is one.
type Searcher interface {
	Candidates(ctx context.Context, q retrieve.Query) ([]retrieve.Hit, error)
	Rerank(ctx context.Context, question string, hits []retrieve.Hit, k int) ([]retrieve.Hit, error)
}

// Parts are what workflows are made of.
type Parts struct {
	Search  Searcher
	Model   *answer.Model // nil: there is none, and answers are extractive
	Timeout time.Duration // of a run; 0: none
	Missing func() string // what the search could not see yet, for a reader; nil or "": nothing
}

// All returns the workflows in the order in which they are offered, the default first.
func All(p Parts) []*Workflow { return []*Workflow{RAG(p), Simple(p)} }

func (p Parts) new(name, description string) *Workflow {
	return flow.New[Question, answer.Answer](name, flow.Config{Description: description, Timeout: p.Timeout})
}

// by names who would write an answer.
func (p Parts) by() string {
	if p.Model == nil {
		return "extractive"
	}
	return p.Model.Client.Config().Model
}

// write answers a question from its passages, and says so if none of them is relevant: nobody is asked to make something of nothing.
func (p Parts) write(ctx *flow.Context, question string, passages []retrieve.Hit) (a answer.Answer, err error) {
	switch passages = relevant(passages); {
	case len(passages) == 0:
		a = answer.Nothing(question, p.by())
	case p.Model == nil:
		a, err = answer.Extractive{}.Write(ctx, question, passages)
	default:
		a, err = p.Model.Write(ctx, question, passages)
	}
	if err == nil && p.Missing != nil && a.Degraded == "" {
		a.Degraded = p.Missing()
	}
	return a, err
}

// relevant returns the passages that an answer may be made of: none if the best is not relevant, else those that are at least half as
// likely to be as the threshold asks of the best.
func relevant(passages []retrieve.Hit) []retrieve.Hit {
	best := 0.0
	for _, p := range passages {
		best = max(best, p.Score)
	}
	if best < retrieve.Relevant {
		return nil
	}
	var kept []retrieve.Hit
	for _, p := range passages {
		if p.Score >= retrieve.Relevant/2 {
			kept = append(kept, p)
		}
	}
	return kept
}
