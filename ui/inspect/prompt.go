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
			if b.fold(fmt.Sprintf("prompt%d/%d", n, i), m.Role != "system", part{text: m.Role + "  ", style: b.th.Code}, part{text: first, style: b.th.Faint}) {
				b.indent += 2
				b.text(m.Content, b.th.Text, 200)
				b.indent -= 2
			}
		}
	}
}
