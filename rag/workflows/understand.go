package workflows

import (
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm"
	"weft/rag/rephrase"
)

// Asked is a standalone question: it can be understood without the conversation before it.
type Asked struct {
	Question string   `json:"question"`
	Typed    string   `json:"typed,omitempty"` // the question as typed, if it differs
	Scope    []string `json:"scope,omitempty"`
}

// understand is the first step of every workflow. It rewrites a follow-up, such as "and for the
// second one?", into a standalone question, corrects misspelled words that no passage contains,
// keeps the question in the run's shared state for the later steps, and passes it on. Corrections
// are for the search: a model is shown the words as typed.
func (p Parts) understand(ctx *flow.Context, q Question) (Asked, error) {
	a := Asked{Question: q.Text, Scope: q.Scope}
	if len(q.Conversation) > 0 && p.Model != nil {
		if err := flow.Set(ctx, "conversation", history(q.Conversation, keptTokens)); err != nil {
			return Asked{}, err
		}
	}
	if q.AsTyped {
		return a, flow.Set(ctx, "question", a.Question)
	}
	if len(q.Conversation) > 0 {
		standing, err := p.standalone(ctx, q)
		if err != nil {
			return Asked{}, err
		}
		a.Question = standing
	}
	if p.Search != nil {
		// An index that cannot be searched is reported by the step that needs it.
		if search, err := p.retriever(ctx); err == nil {
			worded := a.Question
			if a.Question = search.Respell(worded); a.Question != worded {
				if err := flow.Set(ctx, "worded", worded); err != nil {
					return Asked{}, err
				}
			}
		}
	}
	if a.Question != q.Text {
		a.Typed = q.Text
		if err := flow.Set(ctx, "typed", a.Typed); err != nil {
			return Asked{}, err
		}
	}
	return a, flow.Set(ctx, "question", a.Question)
}

// How much of a conversation is used: the last turns, and the beginning of each answer.
const (
	lastTurns    = 4
	answerTokens = 150 // to understand a question
	keptTokens   = 600 // to answer it; less if the context is small
)

// history returns the last turns as messages, with each answer shortened to a number of tokens. The
// answers have no citations, because their numbers would be those of other passages.
func history(conversation []rephrase.Turn, tokens int) (out []show.Message) {
	for _, t := range conversation[max(0, len(conversation)-lastTurns):] {
		out = append(out, show.Message{Role: show.RoleUser, Content: t.Question}, show.Message{Role: show.RoleAssistant,
			Content: llm.Shorten(strings.TrimSpace(llm.Uncited(t.Answer)), tokens)})
	}
	return out
}

func (p Parts) standalone(ctx *flow.Context, q Question) (string, error) {
	byRule := rephrase.Standalone(q.Conversation, q.Text)
	if p.Model == nil {
		return byRule, nil
	}
	turns := q.Conversation[max(0, len(q.Conversation)-lastTurns):]
	data := llm.PromptData{Question: q.Text, History: history(turns, answerTokens)}
	reply, err := p.Model.Decide(ctx, llm.PromptCondense, data, len(turns))
	if err != nil {
		return "", err
	}
	standing, ok := llm.ParseQuery(reply)
	if ok && rephrase.Accept(turns, q.Text, standing) {
		return standing, nil
	}
	return byRule, nil
}

// worded returns the words of a question for a model: where understand has corrected words for the
// search, those that were typed.
func worded(ctx *flow.Context, q string) string {
	if typed, ok := flow.Get[string](ctx, "worded"); ok && q == question(ctx) {
		return typed
	}
	return q
}

// question returns the question that understand has stored.
func question(ctx *flow.Context) string {
	q, _ := flow.Get[string](ctx, "question")
	return q
}
