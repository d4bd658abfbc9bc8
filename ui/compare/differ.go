package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"weft/flow/show"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/status"
	"weft/ui/units"
)

// A Kind says what differs between two runs.
type Kind string

// The kinds of differences, in the order in which they are looked for in one execution.
const (
	DifferentStart   Kind = "start"   // the events with which the runs were started
	DifferentStep    Kind = "step"    // which step came next: one of the runs has no such execution
	DifferentReply   Kind = "reply"   // what was replied to a wait
	DifferentPrompt  Kind = "prompt"  // what a model was asked
	DifferentState   Kind = "state"   // what was written into the state
	DifferentOutput  Kind = "output"  // the events that were sent
	DifferentOutcome Kind = "outcome" // whether the step succeeded, or with which error it failed
)

// A Difference is a place where two runs differ.
type Difference struct {
	Kind
	Pair
	Path         string // where in the event, as in Ranked.passages[2].score; "" for all of it
	ValueA       string // what A has there, as JSON or text; "" if nothing
	ValueB       string
	AtA, AtB     int           // the positions of the records; 0: the run has none
	TimeA, TimeB time.Duration // when it happened, after the start of each run
}

// at sets the positions of a difference, and the times of their records.
func (d *Difference) at(a, b run.View, atA, atB int) *Difference {
	d.AtA, d.AtB, d.TimeA, d.TimeB = atA, atB, a.Time(atA), b.Time(atB)
	return d
}

// Step returns the names of the steps where the runs differ: "" for a run that has none there.
func (d *Difference) Step() (a, b string) {
	if d.A != nil {
		a = d.A.Step.Name
	}
	if d.B != nil {
		b = d.B.Step.Name
	}
	return a, b
}

// String describes the difference in one line.
func (d *Difference) String() string {
	when := d.TimeA
	if d.AtA == 0 {
		when = d.TimeB
	}
	a, b := d.Step()
	step := a
	if a == "" {
		step = b
	}
	text := ""
	switch d.Kind {
	case DifferentStart:
		text = "the start: " + d.where()
	case DifferentStep:
		switch {
		case a == "":
			text = "only B has " + b
		case b == "":
			text = "only A has " + a
		default:
			text = a + " ≠ " + b
		}
	case DifferentPrompt, DifferentOutput:
		text = fmt.Sprintf("the %s of %s: %s", d.Kind, step, d.where())
	default:
		text = fmt.Sprintf("%s of %s: %s", d.Kind, step, d.where())
	}
	return canvas.Line(fmt.Sprintf("%s, %s after the start", text, units.Duration(when)))
}

// where describes the place in the event and both values.
func (d *Difference) where() string {
	text := d.Path
	if text != "" {
		text += " "
	}
	const most = 40
	short := func(v string) string {
		if v == "" {
			return "nothing"
		}
		return canvas.Truncate(canvas.Line(v), most)
	}
	return text + short(d.ValueA) + " ≠ " + short(d.ValueB)
}

// First returns the first difference between two runs; nil if there is none so far. What one run
// has not done yet while it is still running does not count as a difference.
func First(a, b run.View, pairs []Pair) *Difference {
	if d := startDifference(a, b); d != nil {
		return d
	}
	for i, p := range pairs {
		switch {
		case p.A != nil && p.B != nil:
			if d := Differ(a, b, p); d != nil {
				return d
			}
		case p.A != nil && b.Ended() || p.B != nil && a.Ended() || opposite(a, b, pairs, i).complete():
			return stepDifference(a, b, opposite(a, b, pairs, i))
		}
	}
	if a.Ended() && b.Ended() && a.Status() != b.Status() { // such as a run that was stopped between two steps
		d := &Difference{Kind: DifferentOutcome, ValueA: ended(a), ValueB: ended(b)}
		return d.at(a, b, a.Position(), b.Position())
	}
	return nil
}

// ended says how a run ended.
func ended(v run.View) string {
	reason, _ := v.Reason()
	switch v.Status() {
	case run.Broken:
		return status.Failed.Word() + ": " + reason
	case run.Stopped:
		return status.Cancelled.Word() + ": " + reason
	}
	return status.Done.Word()
}

func (p Pair) complete() bool { return p.A != nil && p.B != nil }

// opposite returns the execution without a partner at an index, together with one of the other run
// that also has no partner and has the corresponding cause: at these two steps the runs diverged.
func opposite(a, b run.View, pairs []Pair, at int) Pair {
	partner := map[*run.Execution]*run.Execution{nil: nil}
	for _, p := range pairs {
		if p.complete() {
			partner[p.A] = p.B
		}
	}
	one := pairs[at]
	for _, p := range pairs {
		switch {
		case p.complete():
		case one.A != nil && p.B != nil:
			if want, ok := partner[keyOf(a, one.A).cause]; ok && want == keyOf(b, p.B).cause {
				return Pair{one.A, p.B}
			}
		case one.B != nil && p.A != nil:
			if have, ok := partner[keyOf(a, p.A).cause]; ok && have == keyOf(b, one.B).cause {
				return Pair{p.A, one.B}
			}
		}
	}
	return one
}

func stepDifference(a, b run.View, p Pair) *Difference {
	d := &Difference{Kind: DifferentStep, Pair: p}
	atA, atB := 0, 0
	if p.A != nil {
		d.ValueA, atA = p.A.Step.Name, p.A.Began()
	}
	if p.B != nil {
		d.ValueB, atB = p.B.Step.Name, p.B.Began()
	}
	return d.at(a, b, atA, atB)
}

// startDifference compares the events with which the runs were started.
func startDifference(a, b run.View) *Difference {
	if a.Position() == 0 || b.Position() == 0 {
		return nil
	}
	x, y := payload(a, 1), payload(b, 1)
	if bytes.Equal(x, y) {
		return nil
	}
	d := &Difference{Kind: DifferentStart}
	d.Path, d.ValueA, d.ValueB = jsonDifference("", x, y)
	return d.at(a, b, 1, 1)
}

// A fact is a record of an execution that can be compared.
type fact struct {
	at   int // position
	typ  string
	data []byte
}

// Differ returns the first difference between two executions that correspond; nil if there is none
// so far.
func Differ(a, b run.View, p Pair) *Difference {
	endA, whyA := outcome(a, p.A)
	endB, whyB := outcome(b, p.B)
	for _, c := range []struct {
		kind Kind
		of   func(run.View, *run.Execution) []fact
	}{{DifferentReply, replies}, {DifferentPrompt, prompts}, {DifferentState, changes}, {DifferentOutput, outputs}} {
		x, y := c.of(a, p.A), c.of(b, p.B)
		if d := factDifference(x, y, endA == run.Going, endB == run.Going); d != nil {
			d.Kind, d.Pair = c.kind, p
			return d.at(a, b, d.AtA, d.AtB)
		}
	}
	if endA != run.Going && endB != run.Going && (endA != endB || whyA != whyB) {
		d := &Difference{Kind: DifferentOutcome, Pair: p, ValueA: outcomeText(endA, whyA), ValueB: outcomeText(endB, whyB)}
		_, atA, _ := p.A.Phase(a)
		_, atB, _ := p.B.Phase(b)
		return d.at(a, b, atA, atB)
	}
	return nil
}

func outcomeText(o run.Outcome, why string) string {
	switch o {
	case run.Failed:
		return status.Failed.Word() + ": " + why
	case run.Cancelled:
		return status.Cancelled.Word()
	}
	return status.Done.Word()
}

// factDifference returns the first difference between two lists, without its kind. The list of an
// execution that has not ended is open: it may become longer.
func factDifference(x, y []fact, openX, openY bool) *Difference {
	for i := range max(len(x), len(y)) {
		d := &Difference{}
		switch {
		case i >= len(x) && openX, i >= len(y) && openY:
			return nil
		case i >= len(x):
			d.ValueB, d.AtB = y[i].typ, y[i].at
			return d
		case i >= len(y):
			d.ValueA, d.AtA = x[i].typ, x[i].at
			return d
		}
		d.AtA, d.AtB = x[i].at, y[i].at
		if x[i].typ != y[i].typ {
			d.ValueA, d.ValueB = x[i].typ, y[i].typ
			return d
		}
		if !bytes.Equal(x[i].data, y[i].data) {
			d.Path, d.ValueA, d.ValueB = jsonDifference(x[i].typ, x[i].data, y[i].data)
			return d
		}
	}
	return nil
}

func outputs(v run.View, e *run.Execution) (fs []fact) {
	for _, at := range e.Sent(v) {
		fs = append(fs, fact{at, v.Record(at).Type, payload(v, at)})
	}
	return fs
}

// prompts returns the messages that models were asked; not those of attempts that failed.
func prompts(v run.View, e *run.Execution) (fs []fact) {
	for _, at := range e.Emitted(v) {
		if v.Record(at).Type != show.TypePrompt || v.Hidden(at) {
			continue
		}
		var p show.Prompt
		data := payload(v, at)
		if json.Unmarshal(data, &p) == nil && len(p.Messages) > 0 {
			if messages, err := json.Marshal(p.Messages); err == nil {
				data = messages
			}
		}
		fs = append(fs, fact{at, show.TypePrompt, data})
	}
	return fs
}

func changes(v run.View, e *run.Execution) (fs []fact) {
	for _, c := range e.Changes(v) {
		fs = append(fs, fact{c.Changed, c.Key, canonical(c.Is)})
	}
	return fs
}

// replies returns what came in reply to the waits of an execution.
func replies(v run.View, e *run.Execution) (fs []fact) {
	for wait := range e.Awaits(v) {
		if at := wait.Resolved(v); at > 0 {
			fs = append(fs, fact{at, v.Record(at).Type, payload(v, at)})
		}
	}
	return fs
}

// jsonDifference returns the first place where two JSON texts differ, under a name, and the values
// there; "" for what is missing.
func jsonDifference(name string, x, y []byte) (path, a, b string) {
	var vx, vy any
	if decode(x, &vx) != nil || decode(y, &vy) != nil {
		return name, string(x), string(y)
	}
	return valueDifference(name, vx, vy)
}

func decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

func valueDifference(path string, x, y any) (string, string, string) {
	switch x := x.(type) {
	case map[string]any:
		y, ok := y.(map[string]any)
		if !ok {
			break
		}
		for _, k := range keysOf(x, y) {
			if vx, vy := x[k], y[k]; !same(vx, vy) {
				return valueDifference(strings.TrimPrefix(path+"."+k, "."), vx, vy)
			}
		}
	case []any:
		y, ok := y.([]any)
		if !ok {
			break
		}
		for i := range max(len(x), len(y)) {
			at := fmt.Sprintf("%s[%d]", path, i)
			switch {
			case i >= len(x):
				return at, "", jsonText(y[i])
			case i >= len(y):
				return at, jsonText(x[i]), ""
			case !same(x[i], y[i]):
				return valueDifference(at, x[i], y[i])
			}
		}
	}
	return path, jsonText(x), jsonText(y)
}

func keysOf(x, y map[string]any) []string {
	var ks []string
	for k := range x {
		ks = append(ks, k)
	}
	for k := range y {
		if _, both := x[k]; !both {
			ks = append(ks, k)
		}
	}
	sort.Strings(ks)
	return ks
}

func same(x, y any) bool { return jsonText(x) == jsonText(y) }

// jsonText returns a value as JSON, a text as itself, and nothing for null.
func jsonText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(out)
}
