package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"weft/rag/llm"
	"weft/rag/llm/dialect"
	"weft/ui/canvas"
	"weft/ui/units"
)

// newDialects returns the store of what was learned about models.
func newDialects(st *settings) *dialect.Store {
	return dialect.NewStore(filepath.Join(stateDir(st), "dialects.json"))
}

// showDialects shows what was learned about the chat models of a client, each fact with its evidence.
func showDialects(w io.Writer, c *llm.Client) {
	cfg := c.Config()
	shown := showDialect(w, "learned", c.Dialect(cfg.Model))
	if cfg.DecideModel != cfg.Model {
		shown = showDialect(w, "learned about "+canvas.Line(cfg.DecideModel)+":", c.Dialect(cfg.DecideModel)) || shown
	}
	if shown {
		fmt.Fprintln(w, "  weft doctor --reset forgets what was learned about models")
	}
}

func showDialect(w io.Writer, learned string, d *dialect.Dialect) (any bool) {
	facts := d.Facts()
	for _, t := range d.Traits() {
		f := facts[t]
		fmt.Fprintf(w, "  %s %-20s %-24s %s, %s ago\n", learned, t, canvas.Line(f.Value), canvas.Line(f.Why),
			units.Duration(time.Since(f.Learned).Round(time.Minute)))
	}
	if n := d.Observed(); n > 0 {
		fmt.Fprintf(w, "  %s %-20s from %d of the server's counts\n", learned, "tokens of a text", n)
	}
	return len(facts) > 0 || d.Observed() > 0
}
