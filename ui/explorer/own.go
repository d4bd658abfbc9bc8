package explorer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"weft/flow"
	"weft/flow/show"
)

// Show opens a workflow of your own in the explorer, and returns when the person has left it; the
// runs that are still going are cancelled then. What is typed starts a run: a JSON object is the
// start event itself; a text is the start event if that is a text or has a single field, a text.
// Otherwise a form that is made from the start event's type asks for its fields first.
func Show[In, Out any](ctx context.Context, wf *flow.Workflow[In, Out]) error {
	return openOwn(ctx, wf, Options{})
}

func openOwn[In, Out any](ctx context.Context, wf *flow.Workflow[In, Out], opt Options) error {
	if err := wf.Check(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	o := &ownEngine[In, Out]{ctx: ctx, wf: wf, runs: map[string]flow.Handle{}}
	defer o.close(cancel)
	if err := o.begin(); err != nil {
		return err
	}
	_, err := Open(ctx, o, opt)
	return err
}

// An ownEngine is the engine of one workflow.
type ownEngine[In, Out any] struct {
	ctx     context.Context
	wf      *flow.Workflow[In, Out]
	session *flow.Run[sessionEnd]

	stop func(step, event string) bool // reports whether there is a breakpoint

	mu   sync.Mutex
	runs map[string]flow.Handle
}

type (
	opening    struct{ Text string }
	sessionEnd struct{}
)

// begin starts the session: a run that lasts as long as the explorer is open, and says how to start
// the workflow.
func (o *ownEngine[In, Out]) begin() (err error) {
	life := flow.New[opening, sessionEnd]("session")
	flow.Step(life, "live", func(ctx *flow.Context, begin opening) (sessionEnd, error) {
		ctx.Emit(show.Notice{Level: show.Info, Text: begin.Text})
		<-ctx.Done()
		return sessionEnd{}, ctx.Err()
	})
	hint := "type anything and press enter: a form asks for the fields of " + o.wf.Graph().Start
	if _, ok := o.start("text"); ok {
		hint = "what you type starts a run of " + o.wf.Name()
	}
	o.session, err = life.Start(o.ctx, opening{hint})
	return err
}

func (o *ownEngine[In, Out]) close(cancel context.CancelFunc) {
	cancel()
	if o.session != nil {
		<-o.session.Done()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.runs {
		<-r.Done()
	}
}

func (o *ownEngine[In, Out]) Session() Run { return o.session }

func (o *ownEngine[In, Out]) Workflows() []flow.Graph { return []flow.Graph{o.wf.Graph()} }

func (o *ownEngine[In, Out]) Run(id string) (Run, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r, ok := o.runs[id]
	return r, ok
}

func (o *ownEngine[In, Out]) Break(stop func(step, event string) bool) { o.stop = stop }

func (o *ownEngine[In, Out]) Ask(_, typed string) (Run, error) {
	var run flow.Handle
	var err error
	if in, ok := o.start(typed); ok {
		run, err = o.wf.Start(o.ctx, in, flow.Breakpoints(o.stop))
	} else {
		run, err = o.asking().Start(o.ctx, opening{typed}, flow.Breakpoints(o.stop))
	}
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.runs[run.ID()] = run
	return run, nil
}

// start makes the start event from the typed text; ok is false if a form is needed.
func (o *ownEngine[In, Out]) start(typed string) (in In, ok bool) {
	if strings.HasPrefix(typed, "{") {
		return in, json.Unmarshal([]byte(typed), &in) == nil
	}
	to := reflect.ValueOf(&in).Elem()
	if to.Kind() == reflect.Struct {
		switch to.NumField() {
		case 0:
			return in, true
		case 1:
			to = to.Field(0)
		}
	}
	if to.Kind() != reflect.String || !to.CanSet() {
		return in, false
	}
	to.SetString(typed)
	return in, true
}

// anyReply is the reply to the form: any JSON.
type anyReply struct{ data json.RawMessage }

func (i anyReply) MarshalJSON() ([]byte, error)     { return i.data, nil }
func (i *anyReply) UnmarshalJSON(data []byte) error { i.data = append([]byte{}, data...); return nil }

// asking returns the workflow with a step before it that asks for the start event.
func (o *ownEngine[In, Out]) asking() *flow.Workflow[opening, Out] {
	wf := flow.New[opening, Out](o.wf.Name(), flow.Describe(o.wf.Description()))
	flow.Name[anyReply](wf, "Input")
	flow.Step(wf, "input", fill[In](flow.EventTypes(o.wf)[0].Schema), flow.Awaits[anyReply](), flow.Describe("ask for the start event"))
	flow.Sub(wf, o.wf.Name(), o.wf)
	return wf
}

// fill returns a step that asks, by a form with the given schema, until the reply is a valid In.
func fill[In any](schema json.RawMessage) func(*flow.Context, opening) (In, error) {
	return func(ctx *flow.Context, begin opening) (in In, err error) {
		q := show.Asking{Text: begin.Text, Schema: schema}
		for try := 1; ; try++ {
			reply, err := flow.Await[anyReply](ctx, fmt.Sprintf("start event, try %d", try), q)
			if err != nil {
				return in, err
			}
			if err = json.Unmarshal(reply.data, &in); err == nil {
				return in, nil
			}
			var wrong *json.UnmarshalTypeError
			if q.Text = err.Error(); errors.As(err, &wrong) {
				q.Text = fmt.Sprintf("%s cannot be %s", wrong.Field, wrong.Value)
			}
			q.Default = reply.data
		}
	}
}
