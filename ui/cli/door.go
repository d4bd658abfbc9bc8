package cli

import (
	"encoding/json"
	"io"

	"weft/ui/canvas"
)

// behind returns the writer behind the door that a command's output passes, which may be a terminal;
// any other writer is returned as it is. Only text that weft has composed of cleaned parts and its own
// escape sequences is written there.
func behind(w io.Writer) io.Writer {
	if d, ok := w.(*canvas.Door); ok {
		return d.Behind()
	}
	return w
}

// newJSON returns an encoder for output in JSON. It escapes what could harm a terminal, so that the
// door has nothing to change.
func newJSON(w io.Writer) *json.Encoder { return json.NewEncoder(canvas.EscapeJSON(w)) }
