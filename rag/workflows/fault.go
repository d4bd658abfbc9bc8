package workflows

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"weft/flow"
	"weft/rag/llm"
)

// Writer is the name under which [Faults] can hit whoever writes an answer, model or not, from within the step that asks for it.
const Writer = "writer"

// Faults are what is to go wrong, by the names of steps: so that retries, fallbacks and timeouts can be watched without a broken network.
type Faults map[string]Injection

// Faulty says what is to go wrong with a step. It is asked at each try, so that what it says may change while runs go on.
type Faulty interface {
	Injection(step string) (Injection, bool)
}

// Injection makes faults that do not change a [Faulty].
func (f Faults) Injection(step string) (Injection, bool) {
	in, ok := f[step]
	return in, ok
}

// An Injection is what goes wrong with a step, each time it is tried.
type Injection struct {
	Delay time.Duration // before the step begins
	Error float64       // the share of the tries that fail, 0 to 1
	Hang  float64       // the share of the tries that never end, 0 to 1
}

// String writes an injection as ParseFaults reads it.
func (in Injection) String() string {
	var parts []string
	if in.Error > 0 {
		parts = append(parts, "error="+strconv.FormatFloat(in.Error, 'g', -1, 64))
	}
	if in.Hang > 0 {
		parts = append(parts, "hang="+strconv.FormatFloat(in.Hang, 'g', -1, 64))
	}
	if in.Delay > 0 {
		parts = append(parts, "delay="+in.Delay.String())
	}
	return strings.Join(parts, ",")
}

// Struck is emitted where a fault has its effect.
type Struck struct {
	Message string `json:"message"`
	Fault   string `json:"fault"` // the name that it was given for
}

// An InjectedError is a failure that was asked for.
type InjectedError struct{ Fault string }

func (e *InjectedError) Error() string {
	return "injected error: " + e.Fault + " fails because you asked for it"
}

// ParseFaults reads what is to go wrong: "rerank:error=0.5,delay=300ms", several with a comma or a space between them. After the name of
// a step come error and hang, with a share of the tries or alone for all of them, and delay.
func ParseFaults(text string) (Faults, error) {
	faults := Faults{}
	name := ""
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if before, after, ok := strings.Cut(word, ":"); ok {
			name, word = before, after
		} else if name == "" && !strings.Contains(word, "=") && word != "error" && word != "hang" {
			return nil, fmt.Errorf("fault %s: it does not say what goes wrong, as %s:error=0.5 or %s:delay=300ms does", word, word, word)
		}
		if name == "" {
			return nil, fmt.Errorf("fault %q: it must begin with the name of a step, as in rerank:error=0.5", word)
		}
		key, value, given := strings.Cut(word, "=")
		f := faults[name]
		var err error
		switch key {
		case "delay":
			if f.Delay, err = time.ParseDuration(value); err == nil && f.Delay < 0 {
				err = errors.New("it is negative")
			}
		case "error":
			f.Error, err = share(value, given)
		case "hang":
			f.Hang, err = share(value, given)
		default:
			err = errors.New("there are error, hang and delay")
		}
		if err != nil {
			return nil, fmt.Errorf("fault %s:%s: %w", name, word, err)
		}
		faults[name] = f
	}
	return faults, nil
}

func share(text string, given bool) (float64, error) {
	if !given {
		return 1, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, errors.New("it must be a number from 0 to 1")
	}
	return v, nil
}

// Check returns an error that names a step that no workflow of the graphs has.
func (f Faults) Check(graphs ...flow.Graph) error {
	steps := map[string]bool{Writer: true}
	var add func(g flow.Graph)
	add = func(g flow.Graph) {
		if g.Name == "parallel" { // its one step of searching is hit for each source by itself
			for _, s := range sources {
				steps[s] = true
			}
		}
		for _, s := range g.Steps {
			if s.Graph != nil {
				add(*s.Graph)
				continue // its own steps are hit
			}
			steps[s.Name] = true
		}
	}
	for _, g := range graphs {
		add(g)
	}
	for name := range f {
		if !steps[name] {
			where := ""
			if len(graphs) == 1 {
				where = " in " + graphs[0].Name
			}
			return fmt.Errorf("fault %s: there is no such step%s; there are %s", name, where, strings.Join(slices.Sorted(maps.Keys(steps)), ", "))
		}
	}
	return nil
}

// strike lets the fault of a name have its effect, if there is one: it waits, fails or never comes back.
func (p Parts) strike(ctx *flow.Context, name string) error {
	if p.Faults == nil {
		return nil
	}
	in, ok := p.Faults.Injection(name)
	if !ok {
		return nil
	}
	hit := func(what string) { ctx.Emit(Struck{Message: "injected " + what, Fault: name}) }
	if in.Delay > 0 {
		hit("delay of " + in.Delay.String())
		if err := sleep(ctx, in.Delay); err != nil {
			return err
		}
	}
	switch chance := rand.Float64(); {
	case chance < in.Hang:
		hit("hang")
		<-ctx.Done()
		return context.Cause(ctx)
	case chance < in.Hang+in.Error:
		hit("error")
		return &InjectedError{name}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// try is a step with the faults that were asked for before it.
func try[E, R any](p Parts, step func(*flow.Context, E) (R, error)) func(*flow.Context, E) (R, error) {
	return func(ctx *flow.Context, ev E) (R, error) {
		if err := p.strike(ctx, ctx.StepName()); err != nil {
			var none R
			return none, err
		}
		return step(ctx, ev)
	}
}

// again says that a step is tried three times if what failed may pass: a connection that broke, a server that had an error, an injected
// one. Other errors would be the same each time.
func again() flow.Option {
	return flow.Retry(flow.Policy{Attempts: 3, Delay: 200 * time.Millisecond, Factor: 2, Jitter: 0.2, If: func(err error) bool {
		var injected *InjectedError
		var failed *llm.Error
		return errors.As(err, &injected) || errors.As(err, &failed) && (failed.Kind == llm.Dropped || failed.Kind == llm.Failed)
	}})
}
