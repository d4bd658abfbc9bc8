package explorer

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// The types of the real workflows that these tests run.
type (
	query struct {
		Question string `json:"question"`
	}
	retrieved struct {
		Passages []passage `json:"passages"`
	}
	ranked struct {
		Passages []passage `json:"passages"`
	}
	passage struct {
		N       int     `json:"n,omitempty"`
		Path    string  `json:"path"`
		Line    int     `json:"line"`
		EndLine int     `json:"end_line"`
		Score   float64 `json:"score"`
		Text    string  `json:"text"`
		Cited   bool    `json:"cited"`
	}
	written struct {
		Question string    `json:"question"`
		Text     string    `json:"text"`
		Sources  []passage `json:"sources"`
		By       string    `json:"by"`
	}
	sending struct {
		Text   string          `json:"text"`
		Schema json.RawMessage `json:"schema"`
	}
	consent struct {
		Allow bool `json:"allow"`
	}
	life struct{}
)

// A flowEngine answers with real workflows.
type flowEngine struct {
	ctx   context.Context
	ask   map[string]*flow.Workflow[query, written]
	order []string
	life  *flow.Run[life]
	tell  chan any
	stop  func(step, event string) bool

	mu     sync.Mutex
	faults map[string]string
}

func (e *flowEngine) Break(stop func(step, event string) bool) { e.stop = stop }

func (e *flowEngine) Faults() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.faults)
}

func (e *flowEngine) Inject(step, fault string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if strings.Contains(fault, "delay=soon") {
		return errors.New("delay=soon is no duration")
	}
	e.faults[step] = fault
	if fault == "" {
		delete(e.faults, step)
	}
	return nil
}

func newFlowEngine(ctx context.Context) *flowEngine {
	e := &flowEngine{faults: map[string]string{}, ctx: ctx, tell: make(chan any), ask: map[string]*flow.Workflow[query, written]{}}
	add := func(w *flow.Workflow[query, written]) {
		e.ask[w.Name()], e.order = w, append(e.order, w.Name())
	}
	add(ragFlow("rag", false))
	add(ragFlow("consent", true))
	session := flow.New[query, life]("session")
	flow.Step(session, "live", func(c *flow.Context, _ query) (life, error) {
		for {
			select {
			case ev := <-e.tell:
				c.Emit(ev)
			case <-c.Done():
				return life{}, c.Err()
			}
		}
	})
	r, err := session.Start(ctx, query{})
	if err != nil {
		panic(err)
	}
	e.life = r
	return e
}

type ()

func ragFlow(name string, ask bool) *flow.Workflow[query, written] {
	w := flow.New[query, written](name, flow.Describe("with real steps"))
	found := []passage{{1, "docs/a.md", 3, 9, 0.9, "alpha", true}, {2, "docs/b.md", 1, 4, 0.7, "beta", false}}
	flow.Step(w, "retrieve", func(c *flow.Context, q query) (retrieved, error) {
		time.Sleep(203 * time.Millisecond)
		if strings.Contains(q.Question, "slowly") {
			time.Sleep(2 * time.Second)
		}
		if strings.Contains(q.Question, "fail") {
			return retrieved{}, errors.New("the index is gone; run weft index")
		}
		return retrieved{found}, nil
	})
	flow.Step(w, "rerank", func(c *flow.Context, r retrieved) (ranked, error) {
		time.Sleep(107 * time.Millisecond)
		return ranked(r), nil
	})
	flow.Step(w, "synthesize", func(c *flow.Context, r ranked) (written, error) {
		if ask {
			reply, err := flow.Await[consent](c, "consent", sending{"Send 2 passages to api.example.org?", json.RawMessage(`{"type":"object","required":["allow"],"properties":{"allow":{"type":"boolean","title":"Send them?"}}}`)})
			if err != nil {
				return written{}, err
			}
			if !reply.Allow {
				return written{}, errors.New("you declined to send documents")
			}
		}
		text := "Alpha **comes** first [1]."
		for _, word := range strings.SplitAfter(text, " ") {
			c.Emit(show.Delta{Text: word})
			time.Sleep(41 * time.Millisecond)
		}
		return written{Text: text, Sources: r.Passages, By: "a model"}, nil
	}, flow.Awaits[consent]())
	return w
}

func (e *flowEngine) Session() Run { return e.life }

func (e *flowEngine) Workflows() (gs []flow.Graph) {
	for _, n := range e.order {
		gs = append(gs, e.ask[n].Graph())
	}
	return gs
}

func (e *flowEngine) Ask(workflow, question string) (Run, error) {
	r, err := e.ask[workflow].Start(e.ctx, query{question}, flow.Breakpoints(e.stop))
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (e *flowEngine) Run(string) (Run, bool) { return nil, false }

func withFlow(t *testing.T, w, h int, f func(*screen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e := newFlowEngine(ctx)
		s := open(t, e, Options{}, w, h)
		e.tell <- show.Provider{Model: "a model"}
		e.tell <- show.Corpus{Dir: "~/docs", Files: 2, Chunks: 20, State: show.CorpusReady}
		s.wait(100 * time.Millisecond)
		f(s)
		e.life.Cancel(nil)
		cancel()
		s.close()
	})
}

func TestARealWorkflowIsShownFromItsFirstRecordToItsLast(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.has("20 passages in 2 files ready")
		s.press("what comes first?", "enter")
		s.wait(100 * time.Millisecond)
		s.has("synthesize") // a planned step
		s.wait(2 * time.Second)
		for _, want := range []string{"✓ answered by a model · 2 sources", "Alpha comes first [1].", "[1] docs/a.md:3–9", "203ms", "◆"} {
			s.has(want)
		}
		s.press("now fail", "enter")
		s.wait(2 * time.Second)
		s.has("the index is gone; run weft index")
		s.press("tab", "v")
		s.has("workflow · rag")
		s.has("retrieve")
	})
}

func TestARealWaitIsRepliedTo(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("shift+tab", "may I?", "enter")
		s.wait(time.Second)
		s.has("? synthesize asks you")
		s.has("Send 2 passages to api.example.org?")
		s.press("enter")
		s.has("Send them?: please fill in")
		s.press("y", "enter")
		s.wait(time.Second)
		s.has("✓ answered by a model")
		s.press("and again?", "enter")
		s.wait(time.Second)
		s.press("n", "enter")
		s.wait(time.Second)
		s.has("you declined to send documents")
	})
}

func TestARealRunIsCancelledCleanlyAndHeldAndStepped(t *testing.T) {
	withFlow(t, 80, 24, func(s *screen) {
		s.press("one", "enter", "ctrl+c")
		s.wait(300 * time.Millisecond)
		s.has("⊘ cancelled")
		s.press("slowly", "enter", "tab", "P")
		s.wait(5 * time.Second)
		s.hasNot("✓ answered")
		s.press(".")
		s.wait(5 * time.Second)
		s.hasNot("✓ answered")
		s.press("P")
		s.wait(5 * time.Second)
		s.has("✓ answered by a model")
	})
}
