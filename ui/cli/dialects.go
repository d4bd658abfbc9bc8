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

// showDialect shows what was learned about the chat model of a client, each fact with its evidence.
func showDialect(w io.Writer, c *llm.Client) {
	d := c.Dialect()
	facts := d.Facts()
	for _, t := range d.Traits() {
		f := facts[t]
		fmt.Fprintf(w, "  learned %-20s %-24s %s, %s ago\n", t, canvas.Line(f.Value), canvas.Line(f.Why),
			units.Duration(time.Since(f.Learned).Round(time.Minute)))
	}
	if n := d.Observed(); n > 0 {
		fmt.Fprintf(w, "  learned %-20s from %d of the server's counts\n", "tokens of a text", n)
	}
	if len(facts) > 0 || d.Observed() > 0 {
		fmt.Fprintln(w, "  weft doctor --reset forgets what was learned about models")
	}
}
