package inspect

import (
	"encoding/json"
	"fmt"
	"strings"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/run"
)

// prompts writes the prompt of a language model message by message. The system message is folded.
func (b *builder) prompts(e *run.Execution) {
	at := b.noted(e, show.TypePrompt)
	const most = 8
	for _, n := range at[max(0, len(at)-most):] {
		var p show.Prompt
		if json.Unmarshal(b.v.Run().JSON(n), &p) != nil || len(p.Messages) == 0 {
			b.heading("prompt")
			b.payload(n)
			continue
		}
		size := ""
		if p.Tokens > 0 {
			size = fmt.Sprintf("  about %d tokens of %d", p.Tokens, p.Context)
		}
		if k := len(p.LeftOut); k > 0 {
			size += fmt.Sprintf(", without %s for which there was no room", plural(k, "passage", "passages"))
		}
		b.heading("prompt", part{text: size, style: b.th.Muted})
		for i, m := range p.Messages {
			first, _, _ := strings.Cut(strings.TrimSpace(canvas.Head(m.Content, 2*b.w)), "\n")
			if b.fold(fmt.Sprintf("prompt%d/%d", n, i), m.Role != show.RoleSystem, part{text: m.Role + "  ", style: b.th.Code}, part{text: first, style: b.th.Faint}) {
				b.indent += 2
				b.text(m.Content, b.th.Text, 200)
				b.indent -= 2
			}
		}
	}
}

// reasoning writes the reasoning of a model, folded, with its tokens.
func (b *builder) reasoning(e *run.Execution, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	tokens, how := 0, "about "
	for _, c := range e.Calls(b.v) {
		tokens += c.ReasoningTokens
	}
	if tokens > 0 {
		how = ""
	} else {
		tokens = max(len(text)/4, 1) // as in run.View.Tokens
	}
	b.heading("reasoning", part{text: "  " + how + plural(tokens, "token", "tokens"), style: b.th.Muted})
	first, _, _ := strings.Cut(canvas.Head(text, 2*b.w), "\n")
	if b.fold(fmt.Sprintf("reasoning%d", e.ID), false, part{text: first, style: b.th.Faint}) {
		b.indent += 2
		b.text(text, b.th.Muted, 200)
		b.indent -= 2
	}
}
