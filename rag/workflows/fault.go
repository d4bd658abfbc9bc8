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

// Writer is the fault name for the writer of an answer, the model or the extractive writer. Such a
// fault is injected inside the step that writes, so that the step itself can catch it.
const Writer = "writer"

// Faults maps step names to injected faults, so that retries, fallbacks and timeouts can be watched
// without a broken network.
type Faults map[string]Injection

// Faulty provides the fault of a step. It is consulted at every attempt, so its result may change
// while runs are in progress.
type Faulty interface {
	Injection(step string) (Injection, bool)
}

// Injection implements [Faulty] with faults that never change.
func (f Faults) Injection(step string) (Injection, bool) {
	in, ok := f[step]
	return in, ok
}

// An Injection is the fault of a step. It applies to each attempt.
type Injection struct {
	Delay time.Duration // before the step starts
	Error float64       // share of the attempts that fail, 0 to 1
	Hang  float64       // share of the attempts that never return, 0 to 1
}

// String formats an injection in the syntax of [ParseFaults].
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

// Injected is emitted when a fault takes effect.
type Injected struct {
	Message string `json:"message"`
	Fault   string `json:"fault"` // the name the fault was given for
}

// An InjectedError is the error of an injected fault.
type InjectedError struct{ Fault string }

func (e *InjectedError) Error() string {
	return "injected error: " + e.Fault + " fails because you asked for it"
}

// ParseFaults parses faults such as "rerank:error=0.5,delay=300ms". Faults are separated by commas
// or spaces. A step's name is followed by error or hang, with a share of the attempts (all of them
// if there is no share), or by delay with a duration.
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

// Check returns an error if f names a step that no workflow in graphs has.
func (f Faults) Check(graphs ...flow.Graph) error {
	steps := map[string]bool{Writer: true}
	var add func(g flow.Graph)
	add = func(g flow.Graph) {
		// Parallel's search step has a fault name for each of its sources.
		if g.Name == "parallel" {
			for _, s := range sources {
				steps[s] = true
			}
		}
		for _, s := range g.Steps {
			if s.Graph != nil {
				add(*s.Graph)
				continue // faults apply to the nested steps
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
			return fmt.Errorf("fault %s: there is no such step%s; there are %s", name, where,
				strings.Join(slices.Sorted(maps.Keys(steps)), ", "))
		}
	}
	return nil
}

// inject applies the fault of a name, if there is one: it delays, fails or blocks until ctx ends.
func (p Parts) inject(ctx *flow.Context, name string) error {
	if p.Faults == nil {
		return nil
	}
	in, ok := p.Faults.Injection(name)
	if !ok {
		return nil
	}
	hit := func(what string) { ctx.Emit(Injected{Message: "injected " + what, Fault: name}) }
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

// try wraps a step so that its fault, if there is one, is injected before it.
func try[E, R any](p Parts, step func(*flow.Context, E) (R, error)) func(*flow.Context, E) (R, error) {
	return func(ctx *flow.Context, ev E) (R, error) {
		if err := p.inject(ctx, ctx.StepName()); err != nil {
			var none R
			return none, err
		}
		return step(ctx, ev)
	}
}

// again is the retry policy for errors that may be transient: a dropped connection, a server error,
// an injected error. It makes three attempts. Other errors are not retried, because each attempt
// would fail in the same way.
func again() flow.StepOption {
	return flow.Retry(flow.Policy{Attempts: 3, Delay: 200 * time.Millisecond, Factor: 2,
		Jitter: 0.2, If: func(err error) bool {
			var injected *InjectedError
			var failed *llm.Error
			return errors.As(err, &injected) || errors.As(err, &failed) &&
				(failed.Kind == llm.Dropped || failed.Kind == llm.Failed)
		}})
}
