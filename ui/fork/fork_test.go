package fork

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/run"
	"weft/ui/run/runtest"
	"weft/ui/theme"
)

type p = runtest.P

// passages are two passages with a field that no form shows.
var passages = []p{
	{"path": "sea.md", "line": 1, "text": "The sea is deep.", "score": 0.9, "of": p{"a": 1}},
	{"path": "lake.md", "line": 3, "text": "The lake is <shallow>.", "score": 0.5},
}

// told returns a run that finds passages, asks a model and joins the results of a fan-out.
func told() run.View {
	j, start := runtest.New("rag", "Question", p{"text": "is the sea deep?"})
	j.Wait(1)
	retrieve := j.Run("retrieve", 1, start)
	j.Wait(10)
	found := retrieve.Done("Retrieved", p{"question": "is the sea deep?", "big": 9007199254740993, "lines": "one\ntwo", "passages": passages})
	split := j.Run("split", 1, found)
	scope := split.Scope()
	first, second := split.Send("Item", p{"n": 1}), split.Send("Item", p{"n": 2})
	split.End()
	for _, ev := range []uint64{first, second} {
		j.Wait(5)
		work := j.Run("work", 1, ev)
		j.Wait(5)
		work.Emit("ModelCall", p{"operation": "chat", "model": "m", "prompt_tokens": 100, "completion_tokens": 20})
		work.Done("Result", p{})
	}
	j.CloseScope(scope)
	j.Join("join", scope).Finish("Answer", p{"text": "yes"})
	return runtest.Fold(j.Records).Now()
}

// screenAt returns the screen of the run at a step.
func screenAt(t *testing.T, step string, choice Choice) *Screen {
	t.Helper()
	th, err := theme.Named("mono", true)
	if err != nil {
		t.Fatal(err)
	}
	v := told()
	s := New(&th, "r", v, runtest.Epoch, choice, PointAt(Points(v), nil, step))
	s.Title = "run 3"
	return s
}

// press presses keys, the last of which has the returned outcome.
func press(s *Screen, keys ...string) (out Outcome) {
	named := map[string]tea.Key{"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
		"down": {Code: tea.KeyDown}, "up": {Code: tea.KeyUp}, "right": {Code: tea.KeyRight}, "left": {Code: tea.KeyLeft},
		"space": {Code: tea.KeySpace, Text: " "}, "ctrl+e": {Code: 'e', Mod: tea.ModCtrl}, "shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}}
	for _, key := range keys {
		k, ok := named[key]
		if !ok {
			for _, r := range key {
				out, _ = s.Update(tea.KeyPressMsg(tea.Key{Code: r, Text: string(r)}))
			}
			continue
		}
		out, _ = s.Update(tea.KeyPressMsg(k))
	}
	return out
}

func TestAForkKeepsWhatWasOverBeforeItsPoint(t *testing.T) {
	v := told()
	points := Points(v)
	var names []string
	for _, p := range points {
		names = append(names, p.Execution.Step.Name)
	}
	if got := strings.Join(names, " "); got != "retrieve split work work join" {
		t.Fatalf("the points are %s", got)
	}
	if !points[0].Start || points[0].At != 1 || points[1].Start {
		t.Errorf("the first points are %+v and %+v", points[0], points[1])
	}
	if points[4].Event != nil {
		t.Errorf("the join gets the event %+v", points[4].Event)
	}
	plan := PlanOf(v, points[3], runtest.Epoch) // before the second item
	var rows []string
	for _, r := range plan.Rows {
		rows = append(rows, r.Name+" "+r.fate())
	}
	want := "retrieve kept, split kept, work 1 kept, 1 again, join again"
	if got := strings.Join(rows, ", "); got != want {
		t.Errorf("the plan is %s, want %s", got, want)
	}
	if plan.Read != 100 || plan.Written != 20 || plan.Kept != 2 || plan.Again != 2 {
		t.Errorf("the plan is %+v", plan)
	}
	// The last record that is kept is the one before the execution.
	for _, point := range points {
		if rec := v.Record(int(point.At) + 1); rec.Kind != flow.StepStarted || rec.Execution != point.Execution.ID {
			t.Errorf("after %d, %s does not begin, but %+v", point.At, point.Execution.Step.Name, rec)
		}
	}
}

func TestUntouchedFieldsStayUnchanged(t *testing.T) {
	s := screenAt(t, "split", Choice{})
	if r := s.Request(); r.Event != 0 || r.Payload != nil {
		t.Errorf("before anything is edited, the request is %+v", r)
	}
	press(s, "tab", "tab", "tab", "tab") // to the passages, in the order of their names
	if got := s.form.Field(); got != "event.passages" && got != "event.question" {
		t.Fatalf("the field is %q", got)
	}
	s.form.FocusOn("event.passages", 1)
	press(s, "space")
	r := s.Request()
	var got, was map[string]json.RawMessage
	if err := json.Unmarshal(r.Payload, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(s.editor().original, &was); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"big", "lines", "question"} {
		if string(got[name]) != string(was[name]) {
			t.Errorf("%s was %s and is %s", name, was[name], got[name])
		}
	}
	var left []map[string]any
	if err := json.Unmarshal(got["passages"], &left); err != nil || len(left) != 1 || left[0]["path"] != "sea.md" || left[0]["of"] == nil {
		t.Errorf("the passages are %s, %v", got["passages"], err)
	}
	if r.Event != s.point().Event.ID || r.Run != "r" || r.At != s.point().At {
		t.Errorf("the request is %+v", r)
	}
	if !strings.Contains(s.Summary(), "1 field changed") || !strings.HasSuffix(s.form.Title, "✎ passages") {
		t.Errorf("it says %q, and the title %q", s.Summary(), s.form.Title)
	}
	press(s, "u")
	if r := s.Request(); r.Event != 0 || s.form.Field() != "event.passages" || s.form.Cursor() != 1 {
		t.Errorf("after undo the request is %+v, the field %s, the item %d", r, s.form.Field(), s.form.Cursor())
	}
	press(s, "u")
	if s.problem != "nothing is changed" {
		t.Errorf("a second undo says %q", s.problem)
	}
}

func TestATextIsTypedAndUndoneAsOneChange(t *testing.T) {
	s := screenAt(t, "retrieve", Choice{})
	press(s, "tab", " [u]")
	if got := string(s.Request().Payload); got != `{"text":"is the sea deep? [u]"}` {
		t.Errorf("the event is %s", got)
	}
	press(s, "shift+tab", "u")
	if got := s.Request(); got.Payload != nil {
		t.Errorf("after undo the event is %s", got.Payload)
	}
}

func TestAnEventIsEditedAsText(t *testing.T) {
	s := screenAt(t, "retrieve", Choice{})
	if press(s, "ctrl+e") != Edit || !strings.Contains(string(s.Event()), "\n  \"text\": \"is the sea deep?\"\n") {
		t.Fatalf("the event is %s", s.Event())
	}
	if err := s.SetEvent([]byte(`{"text": `)); err == nil || s.Request().Payload != nil {
		t.Errorf("a text that is no JSON is taken: %v", err)
	}
	if err := s.SetEvent([]byte("{\"text\": \"is the lake deep?\", \"scope\": [\"lake.md\"]}\n")); err != nil {
		t.Fatal(err)
	}
	if got := string(s.Request().Payload); got != `{"text":"is the lake deep?","scope":["lake.md"]}` {
		t.Errorf("the event is %s", got)
	}
	if got := strings.Join(s.editor().changes(), " "); got != "text scope" {
		t.Errorf("the changes are %q", got)
	}
	press(s, "u")
	if got := s.Request(); got.Payload != nil {
		t.Errorf("after undo the event is %s", got.Payload)
	}
}

func TestFieldsThatTheEventDoesNotHaveComeFromItsType(t *testing.T) {
	schema := json.RawMessage(`{"type":"object","properties":{"text":{"type":"string"},"as_typed":{"type":"boolean"},"scope":{"type":"array","items":{"type":"string"}}}}`)
	s := screenAt(t, "retrieve", Choice{Types: []flow.EventType{{Name: "Question", Schema: schema}}})
	press(s, "tab", "tab", "y", "tab", "lake.md, sea.md")
	if got := string(s.Request().Payload); got != `{"text":"is the sea deep?","as_typed":true,"scope":["lake.md","sea.md"]}` {
		t.Errorf("the event is %s", got)
	}
}

func TestModelWorkflowFaultsAndBreakpointAreChosen(t *testing.T) {
	choice := Choice{Workflows: []flow.Graph{{Name: "rag"}, {Name: "parallel"}}, Models: []string{"small", "large"}}
	s := screenAt(t, "retrieve", choice)
	press(s, "tab", "tab", "right", "tab", "right", "right", "tab", "work:delay=2s", "tab", "right")
	if press(s, "enter") != Chosen {
		t.Fatal("the fork does not begin")
	}
	want := Request{Run: "r", At: 1, Event: s.point().Event.ID, Start: true, Workflow: "parallel", Model: "large", Faults: "work:delay=2s", StopBefore: "retrieve"}
	got := s.Request()
	if string(got.Payload) != `{"text":"is the sea deep?"}` {
		t.Errorf("the event is %s", got.Payload)
	}
	if got.Payload = nil; !equalRequests(got, want) {
		t.Errorf("the request is %+v, want %+v", got, want)
	}
	// At a later step no other workflow can be chosen, and what was chosen stays.
	press(s, "shift+tab", "shift+tab", "shift+tab", "shift+tab", "shift+tab", "down")
	if got := s.Request(); got.Start || got.Workflow != "" || got.Model != "large" || got.Event != 0 {
		t.Errorf("at %s the request is %+v", s.point().Execution.Step.Name, got)
	}
}

func equalRequests(a, b Request) bool {
	return a.Run == b.Run && a.At == b.At && a.Event == b.Event && a.Start == b.Start && a.Workflow == b.Workflow &&
		a.Model == b.Model && a.Faults == b.Faults && a.StopBefore == b.StopBefore
}

func TestThePriceIsThatOfTheChosenModel(t *testing.T) {
	s := screenAt(t, "split", Choice{Models: []string{"small", "large"}, Price: func(model string, read, written int) string {
		return map[string]string{"": "0.0001 EUR", "large": fmt.Sprintf("%d EUR", read+written)}[model]
	}})
	for _, want := range []string{"about 240 tokens, 0.0001 EUR", "about 240 tokens", "about 240 tokens, 240 EUR"} {
		c := canvas.New(200, 50)
		s.Draw(c, c.Bounds())
		if got := s.Summary(); !strings.HasSuffix(got, want) {
			t.Errorf("the summary is %q, want %q at its end", got, want)
		}
		if _, price, known := strings.Cut(want, ", "); known != strings.Contains(c.Plain(), "price   about "+price) || known != strings.Contains(c.Plain(), "price ") {
			t.Errorf("with %q the screen is\n%s", want, c.Plain())
		}
		s.inForm = true
		s.form.FocusOn(setModel, 0)
		press(s, "right")
	}
}

func TestAJoinHasNoEventToEdit(t *testing.T) {
	s := screenAt(t, "join", Choice{})
	if press(s, "ctrl+e") != Open || !strings.Contains(s.problem, "results of a fan-out") {
		t.Errorf("it says %q", s.problem)
	}
	if r := s.Request(); r.Event != 0 || r.At == 0 {
		t.Errorf("the request is %+v", r)
	}
}

func TestTheForkScreenFitsEverySize(t *testing.T) {
	for _, step := range []string{"retrieve", "split", "join"} {
		s := screenAt(t, step, Choice{Models: []string{"small", "large"}})
		for _, inForm := range []bool{false, true} {
			s.inForm = inForm
			for w := 1; w < 220; w += 11 {
				for h := 1; h < 60; h += 5 {
					c := canvas.New(w, h)
					s.Draw(c, c.Bounds())
				}
			}
		}
	}
	s := screenAt(t, "split", Choice{})
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		c := canvas.New(size[0], size[1])
		s.Draw(c, c.Bounds())
		for _, want := range []string{"fork of run 3 at split, 11ms after its start", "░ retrieve", "▌↳ split", "↳ work ×2", "again, about 240 tokens",
			"Retrieved · the event that split gets", "2 items", "[x]  1  0.90  sea.md:1", "1 step kept · 3 steps again · about 240 tokens"} {
			if !strings.Contains(c.Plain(), want) {
				t.Errorf("at %v the screen lacks %q:\n%s", size, want, c.Plain())
			}
		}
	}
}
