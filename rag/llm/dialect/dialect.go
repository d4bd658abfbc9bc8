// Package dialect keeps what was learned about a model at an endpoint: which parts of the common
// protocol it refuses, how it reasons, how much fits into its context, and how it counts tokens.
//
// A [Fact] is evidence, not configuration. Each says what it was learned from and when, is checked
// for plausibility before it is believed, expires, and can be forgotten when later evidence
// contradicts it. So a wrong conclusion can make a model answer less well for a while, but never
// for good. A [Store] keeps the facts of all models in one file.
package dialect

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A Trait is a property of a model that can be learned.
type Trait string

// The traits. The comment gives the form of the value.
const (
	System      Trait = "system role"          // "refused": the text goes into the first message of the user
	Streaming   Trait = "streaming"            // "refused": the whole answer is asked for at once
	LimitName   Trait = "limit name"           // the parameter that limits an answer, in place of max_tokens
	MaxOutput   Trait = "longest answer"       // tokens that may be asked for at most
	Temperature Trait = "temperature"          // "refused"
	StreamUsage Trait = "stream_options"       // "refused": token counts are not asked for
	Stops       Trait = "stop"                 // "refused"
	Effort      Trait = "reasoning_effort"     // "refused"
	Template    Trait = "chat_template_kwargs" // "refused"
	Reasoning   Trait = "reasoning"            // tokens that the model has spent on reasoning, at most
	Unopened    Trait = "reasoning tag"        // the tag that ends reasoning which no tag begins
	Context     Trait = "context"              // tokens for prompt and answer together
	Tools       Trait = "tool calling"         // "accepted" or "refused"
	Counting    Trait = "token counts"         // "unreliable": the server's counts contradict its texts
)

// Refused is the value of a trait that the model does not have.
const Refused = "refused"

// A Fact is what was learned of one trait.
type Fact struct {
	Value   string    `json:"value"`
	Why     string    `json:"why"` // the evidence, for a person
	Learned time.Time `json:"learned"`
}

const day = 24 * time.Hour

// lifetime returns how long a fact is believed. What a server is started with changes more often
// than what a model understands.
func (t Trait) lifetime() time.Duration {
	switch t {
	case Context, Counting:
		return day
	case MaxOutput, Unopened, Reasoning:
		return 7 * day
	}
	return 30 * day
}

// The least values that are believed. No model that can answer a question has less.
const (
	LeastContext = 256
	LeastOutput  = 16
)

// plausible reports whether a value can be true of any model.
func (t Trait) plausible(value string) bool {
	n, err := strconv.Atoi(value)
	switch t {
	case Context:
		return err == nil && n >= LeastContext && n <= 1<<26
	case MaxOutput:
		return err == nil && n >= LeastOutput && n <= 1<<24
	case Reasoning:
		return err == nil && n > 0 && n <= 1<<20
	}
	return value != ""
}

// A Dialect is what is known of one model at one endpoint. It is safe for concurrent use.
type Dialect struct {
	mu    sync.Mutex
	facts map[Trait]Fact
	scale Scale
	save  func(*Dialect) // called with mu held; nil: kept in memory only
	now   func() time.Time
}

// New returns a dialect of which nothing is known, kept in memory only.
func New() *Dialect { return &Dialect{facts: map[Trait]Fact{}, now: time.Now} }

// Learn records a fact and reports whether it is new: plausible and different from what was known.
func (d *Dialect) Learn(t Trait, value, why string) (isNew bool) {
	if !t.plausible(value) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	known, has := d.known(t)
	if has && known.Value == value {
		return false
	}
	d.facts[t] = Fact{value, why, d.now()}
	d.changed()
	return true
}

// Forget removes a fact that evidence contradicts.
func (d *Dialect) Forget(t Trait) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, has := d.facts[t]; has {
		delete(d.facts, t)
		d.changed()
	}
}

// ForgetRefusals removes what a model was seen to refuse, and reports whether there was something.
// A server that now rejects the requests that were made for it may have been replaced.
func (d *Dialect) ForgetRefusals() (were bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for t, f := range d.facts {
		if f.Value == Refused || t == LimitName {
			delete(d.facts, t)
			were = true
		}
	}
	if were {
		d.changed()
	}
	return were
}

// Refuses reports whether the model was seen to refuse a part of the protocol.
func (d *Dialect) Refuses(t Trait) bool { return d.Value(t) == Refused }

// Value returns the value of a trait, or "" if it is not known or too old.
func (d *Dialect) Value(t Trait) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, _ := d.known(t)
	return f.Value
}

// Number returns the value of a trait that is a number, or 0.
func (d *Dialect) Number(t Trait) int {
	n, _ := strconv.Atoi(d.Value(t)) // 0 if it is no number
	return n
}

// Facts returns what is known and not too old.
func (d *Dialect) Facts() map[Trait]Fact {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[Trait]Fact{}
	for t := range d.facts {
		if f, ok := d.known(t); ok {
			out[t] = f
		}
	}
	return out
}

// Traits returns the known traits in alphabetical order.
func (d *Dialect) Traits() []Trait { return slices.Sorted(maps.Keys(d.Facts())) }

func (d *Dialect) known(t Trait) (Fact, bool) {
	f, ok := d.facts[t]
	age := d.now().Sub(f.Learned)
	if !ok || age > t.lifetime() || age < -day || !t.plausible(f.Value) {
		return Fact{}, false
	}
	return f, true
}

// Estimate returns the expected number of tokens of a text or prompt, and its standard deviation.
func (d *Dialect) Estimate(u Units) (tokens, deviation float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.scale.Estimate(u)
}

// Observe corrects the estimate by what a server counted in a prompt of a number of bytes, and
// reports whether it was believed.
func (d *Dialect) Observe(u Units, tokens, bytes int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.scale.Observe(u, tokens, bytes) {
		return false
	}
	// Later observations change little: they are kept with the next fact, or by each tenth.
	if n := d.scale.Observed; n <= 3 || n%10 == 0 {
		d.changed()
	}
	return true
}

// Observed returns how many of the server's counts the estimate follows.
func (d *Dialect) Observed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.scale.Observed
}

func (d *Dialect) changed() {
	if d.save != nil {
		d.save(d)
	}
}
