package answer

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// Model answers with a chat model.
type Model struct {
	Client  *llm.Client
	Prompts *llm.Prompts
	Gate    *Gate   // asked before passages leave this machine; nil: no check
	Budget  *Budget // limits what calls may use; nil: no limits
	// Now is the clock of the date in prompts; nil: prompts have no date.
	Now          func() time.Time
	Instructions string // what the user wants of all answers
	// History holds the turns of the conversation before the question, for answers.
	History []show.Message
}

// Write asks the model for an answer from the passages. It emits the prompt as sent, including a
// list of the parts that were omitted because they did not fit, and each state of the call.
// Citations of passages that were not given are removed. The notes of the answer list them, and the
// statements that the cited passages do not support. The answer abstains if the model says no more
// than that the passages do not have it.
func (m Model) Write(ctx *flow.Context, question string, passages []retrieve.Hit) (show.Answer, error) {
	return m.answer(ctx, llm.PromptAnswer, llm.PromptData{Question: question, History: m.History},
		sources(passages))
}

// Alone asks the model without passages.
func (m Model) Alone(ctx *flow.Context, question string) (show.Answer, error) {
	return m.answer(ctx, llm.PromptSimple, llm.PromptData{Question: question, History: m.History}, nil)
}

// Revise asks the model to change an answer that it gave before, for instance to shorten it. before
// holds the turns of the conversation before that answer.
func (m Model) Revise(ctx *flow.Context, request string, last show.Answer, before []show.Message) (show.Answer, error) {
	return m.answer(ctx, llm.PromptRevise,
		llm.PromptData{Question: request, Answer: last.Text, History: before}, last.Sources)
}

// Decide asks the model for something other than an answer, such as a class, a verdict or a new
// question, and returns the reply, without the model's reasoning. If the model cannot reply, the
// reply is "" and the caller decides by rule. Only an error that the user must fix, such as a wrong
// key, is returned. Decide emits the prompt and each state of the call; the reply is not streamed.
// private is the number of pieces of the prompt that come from documents; they must pass the gate.
func (m Model) Decide(ctx *flow.Context, prompt string, data llm.PromptData, private int) (string, error) {
	done, _, err := m.call(ctx, prompt, data, private, true, nil)
	if Replaceable(err) {
		return "", nil // each state of the call was emitted
	}
	return done.Text, err
}

func (m Model) answer(ctx *flow.Context, prompt string, data llm.PromptData, given []show.Source) (show.Answer, error) {
	for _, s := range given {
		data.Passages = append(data.Passages, llm.Passage{Source: where(s), Date: s.Date, Text: s.Text})
	}
	if data.Instructions = m.Instructions; m.Now != nil {
		data.Today = m.Now().Format("Monday, 2 January 2006")
	}
	emit := func(text string) { ctx.Emit(show.Delta{Text: text}) }
	cited := llm.NewCiteStream(data.Passages, emit)
	// Each turn of the conversation may quote documents.
	private := len(given) + len(data.History)/2
	done, sent, err := m.call(ctx, prompt, data, private, false, func(d show.Delta) {
		if d.Restart {
			cited.End()
			cited = llm.NewCiteStream(data.Passages, emit)
		}
		if d.Restart || d.Reasoning != "" {
			ctx.Emit(show.Delta{Restart: d.Restart, Reasoning: d.Reasoning})
		}
		cited.Add(d.Text)
	})
	cited.End()
	if err != nil {
		return show.Answer{}, err
	}
	return m.finished(data.Question, done, given[:sent], data.Passages[:sent]), nil
}

// finished returns the answer that a reply is, with the citations of the given sources, and what a
// person should know about them.
func (m Model) finished(question string, done llm.Completion, given []show.Source, passages []llm.Passage) show.Answer {
	cites := llm.Cite(done.Text, passages)
	a := show.Answer{
		Question: question, Text: cites.Text, Sources: citing(given, cites.Cited),
		By:     cmp.Or(done.Model, m.Client.Config().Model),
		CutOff: done.CutOff, Degraded: done.Degraded, Usage: done.Usage,
	}
	switch {
	case len(given) == 0:
	case a.CutOff == "" && declines(cites.Text, cites):
		a.Abstained = true
	default:
		a.Notes = notes(cites)
		if len(cites.Cited) > 0 {
			a.Notes = append(a.Notes, doubts(a, llm.OnlyCitations(a.Text, passages))...)
		}
	}
	return a
}

// A NoAnswer reports that a model was called and returned no text.
type NoAnswer struct {
	Model string
	Err   error // the cause
}

func (e *NoAnswer) Error() string { return e.Err.Error() + "; " + e.Model + " gave no answer" }

// Unwrap returns the cause.
func (e *NoAnswer) Unwrap() error { return e.Err }

// Replaceable reports whether err is a [NoAnswer] whose cause the user need not fix. The caller
// then falls back to an answer without the model.
func Replaceable(err error) bool {
	if _, ok := errors.AsType[*NoAnswer](err); !ok {
		return false
	}
	e, ok := errors.AsType[*llm.Error](err)
	return !ok || !e.NeedsPerson()
}

// mostShrinks limits how often a prompt that the server rejects as too long is shortened.
const mostShrinks = 3

// call sends a prompt and returns the reply and the number of passages sent. A prompt that is too
// long for the model is shortened and sent again. An empty reply is a [NoAnswer].
func (m Model) call(ctx *flow.Context, prompt string, data llm.PromptData, private int, brief bool,
	onDelta func(show.Delta)) (llm.Completion, int, error) {
	var overflow error
	cfg := m.Client.Config()
	room, reserve := cfg.Context, m.Client.Reserve()
	for shrinks := 0; ; shrinks++ {
		p, err := m.Prompts.Fit(prompt, data, room, reserve, m.Client.Tokens)
		if err != nil {
			return llm.Completion{}, 0, &NoAnswer{cfg.Model, cmp.Or(overflow, err)}
		}
		ctx.Emit(p.Prompt)
		if err := m.Budget.check(p.Tokens, cfg.Prices); err != nil {
			return llm.Completion{}, 0, err
		}
		if err := m.Gate.Pass(ctx, cfg, p.Tokens, private); err != nil {
			return llm.Completion{}, 0, err
		}
		done, err := m.send(ctx, p, brief, onDelta)
		e, ok := errors.AsType[*llm.Error](err)
		if !ok || e.Kind != llm.TooLong || shrinks >= mostShrinks {
			return done, len(p.Passages), err
		}
		overflow = e
		// The client has lowered its configured context if the server reported a smaller one.
		// Otherwise try two thirds of the rejected size.
		if known := m.Client.Config().Context; known < room {
			room = known
		} else {
			room = (p.Tokens + p.Reserve) * 2 / 3
		}
		reserve = min(m.Client.Reserve(), max(room/4, 1))
	}
}

// send sends a prompt once.
func (m Model) send(ctx *flow.Context, p llm.Prompt, brief bool, onDelta func(show.Delta)) (llm.Completion, error) {
	watched := llm.WithObserver(ctx, func(c show.ModelCall) { ctx.Emit(c) })
	req := llm.Request{Messages: p.Messages, MaxTokens: min(m.Client.Config().MaxTokens, p.Reserve), Brief: brief}
	if brief {
		req.Model = m.Client.Config().DecideModel
	}
	done, err := m.Client.Chat(watched, req, onDelta)
	m.Budget.spend(done.Usage, m.Client.Config().Prices)
	if ctx.Err() != nil {
		return llm.Completion{}, ctx.Err()
	}
	if strings.TrimSpace(done.Text) == "" {
		if err == nil {
			err = errors.New(cmp.Or(done.CutOff, "it sent no text"))
		}
		return llm.Completion{}, &NoAnswer{m.Client.Config().Model, err}
	}
	if err != nil {
		done.CutOff = cmp.Or(done.CutOff, err.Error())
	}
	return done, nil
}
