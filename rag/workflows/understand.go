package workflows

import (
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm"
	"weft/rag/rephrase"
)

// Asked is a question as it was understood: it stands by itself, whatever was said before it.
type Asked struct {
	Question string   `json:"question"`
	Typed    string   `json:"typed,omitempty"` // the words that were typed, where they are others
	Scope    []string `json:"scope,omitempty"`
}

// understand is the first step of every workflow: it makes a follow-up, such as "and for the second one?", a question that stands by
// itself, mends slips of the keyboard that would find nothing, keeps the question in the run's shared state, where every step finds it,
// and passes it on.
func (p Parts) understand(ctx *flow.Context, q Question) (Asked, error) {
	a := Asked{Question: q.Text, Scope: q.Scope}
	if len(q.Conversation) > 0 {
		standing, err := p.standing(ctx, q)
		if err != nil {
			return Asked{}, err
		}
		a.Question = standing
	}
	if p.Search != nil {
		if search, err := p.retriever(ctx); err == nil { // an index that cannot be searched is for the step to tell that needs it
			a.Question = search.Respell(a.Question)
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

// How much of a conversation a question is understood by.
const (
	lastTurns    = 4
	answerTokens = 150 // of each of its answers
)

func (p Parts) standing(ctx *flow.Context, q Question) (string, error) {
	byRule := rephrase.Standing(q.Conversation, q.Text)
	if p.Model == nil {
		return byRule, nil
	}
	data := llm.PromptData{Question: q.Text}
	turns := q.Conversation[max(0, len(q.Conversation)-lastTurns):]
	for _, t := range turns {
		data.History = append(data.History, show.Message{Role: show.RoleUser, Content: t.Question},
			show.Message{Role: show.RoleAssistant, Content: llm.Shorten(strings.TrimSpace(t.Answer), answerTokens)})
	}
	reply, err := p.Model.Decide(ctx, llm.PromptCondense, data, len(turns))
	if err != nil {
		return "", err
	}
	if standing, ok := llm.ParseQuery(reply); ok {
		return standing, nil
	}
	return byRule, nil
}

// question returns what understand has kept.
func question(ctx *flow.Context) string {
	q, _ := flow.Get[string](ctx, "question")
	return q
}
