package answer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// A Turn is one call of a model in a conversation with tools.
type Turn struct {
	Question string
	Tools    []llm.Tool // none: the model must answer
	// Messages returns the calls and their results since the question, shortened to a number of
	// tokens if that is possible.
	Messages func(tokens int, count llm.Counter) []show.Message
	// Read are the passages that the messages quote. They may be cited, by their position from 1.
	Read []retrieve.Hit
	// Timer limits the time that the model takes; nil: no limit. A reply that is not complete by
	// then is cut off.
	Timer *Timer
}

// Turn asks the model for tool calls or an answer. It emits the prompt as sent, each state of the
// call, and the text as it arrives; text before a tool call is taken back. A reply without text and
// calls is a [NoAnswer].
func (m Model) Turn(ctx *flow.Context, t Turn) (llm.Completion, error) {
	passages := quotedFrom(sources(t.Read))
	emit := func(text string) { ctx.Emit(show.Delta{Text: text}) }
	cited, streamed := llm.NewCiteStream(passages, emit), false
	onDelta := func(d show.Delta) {
		if d.Restart {
			cited.End()
			cited = llm.NewCiteStream(passages, emit)
		}
		if d.Restart || d.Reasoning != "" {
			ctx.Emit(show.Delta{Restart: d.Restart, Reasoning: d.Reasoning})
		}
		streamed = streamed || d.Text != ""
		cited.Add(d.Text)
	}
	done, err := m.turn(ctx, t, onDelta)
	cited.End()
	if err == nil && len(done.Calls) > 0 && streamed {
		ctx.Emit(show.Delta{Restart: true})
	}
	return done, err
}

// turn sends the conversation, and sends it again, shorter, if it is too long for the model.
func (m Model) turn(ctx *flow.Context, t Turn, onDelta func(show.Delta)) (llm.Completion, error) {
	cfg := m.Client.Config()
	data := llm.PromptData{Question: t.Question, History: m.History, Instructions: m.Instructions}
	if m.Now != nil {
		data.Today = m.Now().Format("Monday, 2 January 2006")
	}
	offered := 0
	for _, tool := range t.Tools {
		offered += m.Client.Tokens(tool.Name + tool.Description + string(tool.Schema))
	}
	room, reserve := cfg.Context, m.Client.Reserve()
	var overflow error
	for shrinks := 0; ; shrinks++ {
		p, err := m.Prompts.Fit(llm.PromptAgent, data, room, min(reserve+offered, room), m.Client.Tokens)
		if err != nil {
			return llm.Completion{}, &NoAnswer{cfg.Model, cmp.Or(overflow, err)}
		}
		since := t.Messages(room-reserve-offered-p.Tokens, m.Client.Tokens)
		sent := append(p.Messages, since...)
		p.Messages, p.Reserve = shown(sent), reserve
		for _, message := range since {
			p.Tokens += m.Client.Tokens(message.Content)
		}
		ctx.Emit(p.Prompt)
		if err := m.Budget.check(p.Tokens, cfg.Prices); err != nil {
			return llm.Completion{}, err
		}
		if err := m.Gate.Pass(ctx, cfg, p.Tokens, len(t.Read)+len(m.History)/2); err != nil {
			return llm.Completion{}, err
		}
		var done llm.Completion
		err = t.Timer.Run(ctx, func(limited context.Context) (err error) {
			watched := llm.WithObserver(limited, func(c show.ModelCall) { ctx.Emit(c) })
			done, err = m.Client.Chat(watched, llm.Request{Messages: sent, Tools: t.Tools,
				MaxTokens: min(cfg.MaxTokens, reserve)}, onDelta)
			return err
		})
		m.Budget.spend(done.Usage, cfg.Prices)
		if e, ok := errors.AsType[*llm.Error](err); ok && e.Kind == llm.TooLong && shrinks < mostShrinks {
			overflow = e
			if known := m.Client.Config().Context; known < room {
				room = known
			} else {
				room = (p.Tokens + offered + reserve) * 2 / 3
			}
			reserve = min(m.Client.Reserve(), max(room/4, 1))
			continue
		}
		return m.reply(ctx, done, err)
	}
}

// reply returns the result of a call: an error only if there is neither text nor a tool call.
func (m Model) reply(ctx *flow.Context, done llm.Completion, err error) (llm.Completion, error) {
	switch {
	case ctx.Err() != nil:
		return llm.Completion{}, ctx.Err()
	case err != nil && len(done.Calls) > 0:
		done.Calls = nil // they may be incomplete
	case len(done.Calls) > 0:
		return done, nil
	}
	if strings.TrimSpace(done.Text) == "" {
		if err == nil {
			err = errors.New(cmp.Or(done.CutOff, "it sent no text"))
		}
		return done, &NoAnswer{m.Client.Config().Model, err}
	}
	if err != nil {
		done.CutOff = cmp.Or(done.CutOff, err.Error())
	}
	return done, nil
}

// Check makes an answer of a model's reply to a [Turn]. Only citations of passages that were read
// are kept.
func (m Model) Check(question string, done llm.Completion, read []retrieve.Hit) show.Answer {
	given := sources(read)
	return m.finished(question, done, given, quotedFrom(given))
}

// Quote renders passages for the result of a tool, each after its number and place. They are
// enclosed by fences, so that a document cannot end its passage. A passage is shortened to a number
// of tokens; 0: its text is left out.
func Quote(read []retrieve.Hit, numbers []int, tokens int) string {
	all := quotedFrom(sources(read))
	var chosen []llm.Passage
	for _, n := range numbers {
		p := all[n-1]
		p.Text = llm.Shorten(p.Text, tokens)
		chosen = append(chosen, p)
	}
	return llm.Quote(chosen, numbers)
}

func quotedFrom(given []show.Source) (passages []llm.Passage) {
	for _, s := range given {
		passages = append(passages, llm.Passage{Source: where(s), Date: s.Date, Text: s.Text})
	}
	return passages
}

// shown returns messages with their tool calls as text, for a person.
func shown(messages []show.Message) (out []show.Message) {
	for _, m := range messages {
		for _, c := range m.Calls {
			m.Content = strings.TrimSpace(m.Content + fmt.Sprintf("\n%s(%s)", c.Name, c.Arguments))
		}
		out = append(out, show.Message{Role: m.Role, Content: m.Content})
	}
	return out
}
