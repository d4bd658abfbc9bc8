package workflows

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weft/flow"
	"weft/flow/flowtest"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/llm"
	"weft/rag/retrieve"
)

// a silentModel accepts every request and never replies.
type silentModel struct{}

func (silentModel) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// withSilentModel returns parts whose model never replies. An hour of waiting for the user precedes
// each call.
func withSilentModel(t *testing.T, limit time.Duration) Parts {
	t.Helper()
	client, err := llm.New(llm.Config{BaseURL: "http://model.test/v1", Model: "silent", Retry: llm.Retry{Attempts: 1}}, silentModel{})
	if err != nil {
		t.Fatal(err)
	}
	prompts, err := llm.LoadPrompts("")
	if err != nil {
		t.Fatal(err)
	}
	gate := &answer.Gate{Allowed: func(string) bool { time.Sleep(time.Hour); return true }}
	return Parts{Model: &answer.Model{Client: client, Prompts: prompts, Gate: gate}, Limits: Limits{Time: limit}}
}

// after returns the context of a step of a run in which one turn with n calls took a time.
func after(t *testing.T, took time.Duration, n int) *flow.Context {
	t.Helper()
	ctx := flowtest.NewContext(t.Context())
	l := ledger{Rounds: []round{{Calls: make([]show.ToolCall, n), SpentMS: took.Milliseconds()}}}
	l.Read = []retrieve.Hit{{}}
	if err := flow.Update(ctx, func(stored *ledger) error { *stored = l; return nil }); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// TestAgentEndsATurnAtTheLimitOfTime checks how long the agent waits for a model that never
// replies. Time spent waiting for the user does not count.
func TestAgentEndsATurnAtTheLimitOfTime(t *testing.T) {
	for name, c := range map[string]struct {
		think Think
		want  time.Duration
	}{
		"with tools": {Think{Round: 2}, 20 * time.Second},
		"the last":   {Think{Round: 2, Last: "the budget of 1m0s is used up"}, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := agent{Parts: withSilentModel(t, time.Minute)}
				w.tools = newToolbox(w.Parts)
				begin := time.Now()
				move, err := w.turn(after(t, 40*time.Second, 1), c.think)
				d, ok := move.(Drafted)
				if err != nil || !ok || !strings.Contains(d.Error, "the budget of 1m0s is used up") {
					t.Errorf("%v %+v", err, move)
				}
				if took := time.Since(begin) - time.Hour; took != c.want {
					t.Errorf("the model was waited for %v, want %v", took, c.want)
				}
			})
		})
	}
}

// TestAgentEndsACallAtTheLimitOfTime checks how long the agent waits for a tool that hangs. Calls
// that cannot all be made at once share the time that is left.
func TestAgentEndsACallAtTheLimitOfTime(t *testing.T) {
	for calls, want := range map[int]time.Duration{1: 20 * time.Second, toolWorkers: 20 * time.Second, 2*toolWorkers + 1: 20 * time.Second / 3} {
		synctest.Test(t, func(t *testing.T) {
			p := Parts{Limits: Limits{Time: time.Minute}}
			p.Search = func(ctx context.Context, _ func(show.Progress)) (*retrieve.Retriever, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			w := agent{p, newToolbox(p)}
			begin := time.Now()
			r, err := w.tool(after(t, 40*time.Second, calls), Call{Tool: "search", Arguments: `{"query":"x"}`, Round: 1})
			if err != nil || r.Error != "the call was ended: the budget of 1m0s is used up" || r.Round != 1 {
				t.Errorf("%v %+v", err, r)
			}
			if took := time.Since(begin); took != want || r.TookMS != float64(want.Microseconds())/1000 {
				t.Errorf("%d calls: one took %v, and says %v ms; want %v", calls, took, r.TookMS, want)
			}
		})
	}
}

// TestAgentAnswersAfterTheTimeOfToolsIsUsedUp checks that what was read before is not lost.
func TestAgentAnswersAfterTheTimeOfToolsIsUsedUp(t *testing.T) {
	limits := Limits{Time: time.Minute}.withDefaults()
	l := ledger{Rounds: []round{{Calls: make([]show.ToolCall, 8), SpentMS: 20_000}}}
	var returned []Returned
	for n := range 8 {
		returned = append(returned, Returned{Round: 1, N: n, Summary: "nothing", TookMS: 20_000})
	}
	l.add(returned)
	if got := limits.exceeded(l); got != "the budget of 1m0s is used up" {
		t.Errorf("after 20 s and 8 calls of 20 s, 4 at once: %q", got)
	}
	p, _ := scripted(t, pressAnswer)
	p.Limits = limits
	w := agent{p, newToolbox(p)}
	move, err := w.turn(after(t, time.Minute, 1), Think{Round: 2, Last: limits.exceeded(l)})
	if d, ok := move.(Drafted); err != nil || !ok || d.Error != "" || !strings.Contains(d.Reply.Text, "ctrl+c") {
		t.Errorf("%v %+v", err, move)
	}
}
