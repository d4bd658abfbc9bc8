package cli

import (
	"fmt"
	"strings"

	"weft/flow"
	"weft/flow/show"
)

// A pipe writes a run to a file or another program: one line for each event, and the answer as it
// is written. Events that happen while the answer is written are held back until its text ends, so
// that no line of theirs stands within it.
type pipe struct {
	*stream
	events *plain
	held   []flow.Record
}

func (p *pipe) record(r flow.Record) {
	d, text := r.Payload.(show.Delta)
	text = text && (d.Text != "" || d.Restart) && r.Run == p.run
	switch {
	case !p.open && !text:
		p.events.record(r)
	case p.open && text && r.Execution == p.exec:
		p.stream.record(r)
	case p.open && r.Execution == p.exec && ends(r.Kind), p.open && r.Kind == flow.AwaitOpened:
		p.release()
		p.events.record(r)
	case p.open:
		p.held = append(p.held, r)
	default: // another execution begins to write: start a new line
		fmt.Fprintln(p.w)
		p.exec = 0
		p.text.Reset()
		p.stream.record(r)
	}
}

func ends(k flow.Kind) bool {
	return k == flow.StepFinished || k == flow.StepFailed || k == flow.StepCancelled
}

// release ends the text and writes the events that were held back.
func (p *pipe) release() {
	if !p.open {
		return
	}
	p.finish()
	fmt.Fprintln(p.w)
	held := p.held
	p.held = nil
	for _, r := range held {
		p.record(r)
	}
}

// end writes the final answer, unless exactly that text was written last, and then its sources.
func (p *pipe) end(a show.Answer) {
	p.release()
	if p.exec == 0 || strings.TrimSpace(a.Text) != strings.TrimSpace(p.text.String()) {
		fmt.Fprintln(p.w)
		p.write(strings.TrimSpace(a.Text))
		p.finish()
	}
	printRest(p.w, a)
}
