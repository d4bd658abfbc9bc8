// Package dialect records observed properties of a model at an endpoint: which parts of the OpenAI
// protocol it refuses, how it reasons, how large its context is, and how it counts tokens.
//
// A [Fact] is evidence, not configuration. It records when and from which response it was learned,
// is checked for plausibility before it is stored, expires, and is removed when later evidence
// contradicts it. A wrong conclusion can therefore degrade a model's answers for a while, but not
// permanently. A [Store] keeps the facts of all models in one file.
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
	MaxOutput   Trait = "longest answer"       // maximum number of tokens that may be requested
	Temperature Trait = "temperature"          // "refused"
	StreamUsage Trait = "stream_options"       // "refused": token counts are not asked for
	Stops       Trait = "stop"                 // "refused"
	Effort      Trait = "reasoning_effort"     // "refused"
	Template    Trait = "chat_template_kwargs" // "refused"
	Reasoning   Trait = "reasoning"            // most tokens that the model has spent on reasoning in one answer
	Unopened    Trait = "reasoning tag"        // closing tag of reasoning that has no opening tag
	Context     Trait = "context"              // tokens for prompt and answer together
	Tools       Trait = "tool calling"         // "unasked": the model calls tools that no request offers; prompts then say that there are none
	ToolList    Trait = "tools"                // "refused": tools are described in the prompt, and called in the text
	Counting    Trait = "token counts"         // "unreliable": the server's counts contradict its texts
)

// Refused is the value of a trait for a part of the protocol that the model refuses.
const Refused = "refused"

// Unasked is the value of Tools for a model that calls tools that it was not given.
const Unasked = "unasked"

// A Fact is the learned value of one trait.
type Fact struct {
	Value   string    `json:"value"`
	Why     string    `json:"why"` // the evidence, in words
	Learned time.Time `json:"learned"`
}

const day = 24 * time.Hour

// lifetime returns how long a fact is valid. Properties of the server's settings, such as the
// context, change more often than properties of the model.
func (t Trait) lifetime() time.Duration {
	switch t {
	case Context, Counting:
		return day
	case MaxOutput, Unopened, Reasoning:
		return 7 * day
	}
	return 30 * day
}

// The limits of plausible values. A model with less could not answer a question.
const (
	LeastContext = 256
	MostContext  = 1 << 26
	LeastOutput  = 16
)

// plausible reports whether some model may have the value.
func (t Trait) plausible(value string) bool {
	n, err := strconv.Atoi(value)
	switch t {
	case Context:
		return err == nil && n >= LeastContext && n <= MostContext
	case MaxOutput:
		return err == nil && n >= LeastOutput && n <= 1<<24
	case Reasoning:
		return err == nil && n > 0 && n <= 1<<20
	}
	return value != ""
}

// A Dialect holds the facts about one model at one endpoint. It is safe for concurrent use.
type Dialect struct {
	mu    sync.Mutex
	facts map[Trait]Fact
	scale Scale
	// doubts counts the evidence against each fact since the last evidence for it.
	doubts map[Trait]int
	save   func(*Dialect) // called with mu held; nil: kept in memory only
	now    func() time.Time
}

// New returns an empty dialect that is kept in memory only.
func New() *Dialect {
	return &Dialect{facts: map[Trait]Fact{}, doubts: map[Trait]int{}, now: time.Now}
}

// Learn records a fact and reports whether it is new: plausible and different from the known value.
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
	delete(d.doubts, t)
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

// Doubt records weak evidence against a fact: a reply that it does not explain, or one that would
// have been better without it. The fact is removed after as many doubts in a row, so that what it
// concerns is tried again. Doubts are kept in memory only.
func (d *Dialect) Doubt(t Trait, times int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, has := d.facts[t]; !has {
		return
	}
	if d.doubts[t]++; d.doubts[t] >= times {
		delete(d.facts, t)
		delete(d.doubts, t)
		d.changed()
	}
}

// Trust records evidence for a fact: earlier doubts no longer count.
func (d *Dialect) Trust(t Trait) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.doubts, t)
}

// ForgetRefusals removes all refusals and limits of requests, and reports whether there were any. Call it when the server
// rejects requests that respect the known refusals: the server may have been replaced.
func (d *Dialect) ForgetRefusals() (were bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for t, f := range d.facts {
		if f.Value == Refused || t == LimitName || t == MaxOutput {
			delete(d.facts, t)
			were = true
		}
	}
	if were {
		d.changed()
	}
	return were
}

// Refuses reports whether the model is known to refuse a part of the protocol.
func (d *Dialect) Refuses(t Trait) bool { return d.Value(t) == Refused }

// Value returns the value of a trait, or "" if it is unknown or has expired.
func (d *Dialect) Value(t Trait) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, _ := d.known(t)
	return f.Value
}

// Number returns the value of a trait that is a number, or 0.
func (d *Dialect) Number(t Trait) int {
	n, _ := strconv.Atoi(d.Value(t)) // 0 if it is not a number
	return n
}

// Facts returns the facts that have not expired.
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

// Observe corrects the estimate by the number of tokens that a server counted in a prompt, and
// reports whether the count was plausible and used. bytes is the length of the prompt.
func (d *Dialect) Observe(u Units, tokens, bytes int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.scale.Observe(u, tokens, bytes) {
		return false
	}
	// Later observations change little, so the file is written only at every tenth observation, or
	// with the next fact.
	if n := d.scale.Observed; n <= 3 || n%10 == 0 {
		d.changed()
	}
	return true
}

// Observed returns how many of the server's counts the estimate is based on.
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
