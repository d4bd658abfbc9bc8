package cli

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/answer"
	"weft/rag/retrieve"
	"weft/rag/workflows"
	"weft/ui/form"
	"weft/ui/inspect"
	"weft/ui/run"
	"weft/ui/run/runtest"
	"weft/ui/sources"
	"weft/ui/theme"
)

// A reading is one event type and what the screen reads from a value of it.
type reading struct {
	event any // the zero value of the type
	// read returns what the screen has read. If it is nil, wants compares instead.
	read func(v run.View, e *run.Execution, at int) any
	// wants compares events of which the screen reads only a part.
	wants func(t *testing.T, value reflect.Value, v run.View, at int)
}

// readings lists all event types that the shipped workflows, indexing and the session emit or send.
var readings = []reading{
	{event: show.Progress{}, read: func(v run.View, e *run.Execution, _ int) any { p, _ := e.Progress(v); return p }},
	{event: show.Delta{}, read: func(v run.View, e *run.Execution, _ int) any {
		text, reasoning := e.Written(v)
		return show.Delta{Restart: true, Text: text, Reasoning: reasoning} // ui/run tests restarts
	}},
	{event: show.ModelCall{}, read: func(v run.View, e *run.Execution, _ int) any { return e.Calls(v)[0].ModelCall }},
	{event: show.Prompt{}, wants: inspected("the content", "the role", "about 3 tokens of 4", "without 1 passage")},
	{event: flow.Log{}, wants: inspected("the message", "the level", "the attrs=the attrs")},

	// The explorer's own tests cover these: TestTheSessionIsUnderstood.
	{event: show.Provider{}}, {event: show.Corpus{}}, {event: show.Overview{}}, {event: show.Notice{}}, {event: show.Opened{}},

	{event: show.Answer{}, wants: answered},
	{event: show.Indexed{}},          // TestTheSessionIsUnderstood covers this type
	{event: workflows.Directories{}}, // shown as JSON, like all fields that only one workflow has
	{event: workflows.Files{}}, {event: workflows.Read{}}, {event: workflows.Searchable{}}, {event: workflows.Texts{}},
	{event: workflows.Embedded{}},
	{event: workflows.Injected{}},
	{event: workflows.Question{}, wants: asked},
	{event: workflows.Asked{}, wants: asked},
	{event: workflows.Retrieved{}, wants: found},
	{event: workflows.Reranked{}, wants: found},
	{event: workflows.Searched{}, wants: found},
	{event: workflows.Approved{}, wants: found},
	{event: workflows.FellBack{}, wants: found},
	{event: workflows.Found{}, wants: found},
	{event: workflows.Draft{}, wants: found},
	{event: workflows.SearchIn{}}, {event: workflows.Part{}}, {event: workflows.Round{}}, {event: workflows.Accepted{}},
	{event: workflows.Rejected{}}, {event: workflows.Finding{}}, {event: workflows.Success{}}, {event: workflows.Declined{}},
	{event: flow.Failure{}}, // of the engine: the input of a recovery step
	{event: workflows.Returned{}, wants: found},
	{event: workflows.Think{}}, {event: workflows.Calls{}}, {event: workflows.Call{}}, {event: workflows.Drafted{}},
	{event: workflows.Unaided{}},
	{event: workflows.SimpleQuery{}}, {event: workflows.ComplexQuery{}},
	// replies: forms build them from their schema
	{event: workflows.Approval{}}, {event: answer.Consent{}}, {event: answer.Permission{}},
}

// TestTheScreenReadsEveryEvent checks every type that the program emits or sends. It finds the
// types in the source and in the workflows' graphs, so a new one cannot be forgotten here.
func TestTheScreenReadsEveryEvent(t *testing.T) {
	known := map[string]reading{}
	for _, r := range readings {
		known[reflect.TypeOf(r.event).String()] = r
		known[reflect.TypeOf(r.event).Name()] = r
	}
	c := newChecker(t, "./rag/...", "./ui/...")
	all, used := emitted(c), uses(c)
	if len(all) < 10 {
		t.Fatalf("only %q are emitted", all)
	}
	for _, name := range all {
		if _, ok := known[name]; !ok {
			t.Errorf("%s is emitted, and this test does not know what a screen makes of it", name)
		}
		if local, ok := strings.CutPrefix(name, "show."); ok && !used["Type"+local] {
			t.Errorf("%s is emitted, and no package of the screen looks for it", name)
		}
	}
	names := map[string]bool{"Indexed": true, "Directories": true}
	for _, w := range workflows.All(workflows.Parts{}) {
		events(w.Graph(), names)
	}
	for name := range names {
		if _, ok := known[name]; !ok {
			t.Errorf("%s is an event of a workflow, and this test does not know what a screen makes of it", name)
		}
	}
	for _, r := range readings {
		t.Run(reflect.TypeOf(r.event).String(), func(t *testing.T) { understood(t, r) })
	}
}

// events adds the names of a graph's events, including nested workflows.
func events(g flow.Graph, names map[string]bool) {
	names[g.Start], names[g.Stop] = true, true
	for _, s := range g.Steps {
		for _, name := range slices.Concat(s.Takes, s.Gives, s.Sends, s.Awaits) {
			names[name] = true
		}
		if s.Graph != nil {
			events(*s.Graph, names)
		}
	}
}

// understood records a value of the event with every field set, and reads it as the screen does.
func understood(t *testing.T, r reading) {
	value := reflect.New(reflect.TypeOf(r.event)).Elem()
	fill(value, "", new(int))
	data, err := json.Marshal(value.Interface())
	if err != nil {
		t.Fatal(err)
	}
	typ := value.Type().Name()
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var fold run.Run
	for i, rec := range []flow.Record{
		{Kind: flow.RunStarted, Step: "w", Event: 1, Type: typ, Payload: json.RawMessage(data)},
		{Kind: flow.StepStarted, Step: "s", Execution: 2, Worker: 1, Attempt: 1, Cause: 1},
		{Kind: flow.EventEmitted, Step: "s", Execution: 2, Attempt: 1, Event: 3, Type: typ, Payload: json.RawMessage(data)},
	} {
		rec.Seq, rec.Run, rec.Time = uint64(i+1), "r", begin.Add(time.Duration(i)*time.Second)
		fold.Apply(rec)
	}
	v := fold.Now()
	if r.read != nil {
		if got := r.read(v, v.Execution(2), 3); !reflect.DeepEqual(got, value.Interface()) {
			t.Errorf("emitted:\n%+v\nread:\n%+v", value.Interface(), got)
		}
	}
	if r.wants != nil {
		r.wants(t, value, v, 3)
	}
}

// fill gives every field a distinct value: strings hold the field's name, numbers count.
func fill(v reflect.Value, name string, n *int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("the " + strings.ToLower(name))
	case reflect.Int, reflect.Int64:
		*n++
		v.SetInt(int64(*n))
	case reflect.Float64:
		*n++
		v.SetFloat(float64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, n)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{"type":"object","properties":{"` + strings.ToLower(name) + `":{"type":"string"}}}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name, n)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, name, n)
		fill(value, name, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i), f.Name, n)
			}
		}
	}
}

// found compares the passages that the screen lists with those of the event.
func found(t *testing.T, value reflect.Value, v run.View, at int) {
	hit := value.FieldByName("Passages").Index(0).Interface().(retrieve.Hit)
	why, err := json.Marshal(hit.Why)
	if err != nil {
		t.Fatal(err)
	}
	want := show.Passage{
		Path: hit.Path, Line: hit.Line, EndLine: hit.EndLine, Place: hit.Place, Heading: hit.Heading, Date: hit.Date, Score: hit.Score,
		Relevance: hit.Relevance, Reason: hit.Reason, Text: hit.Text, Notes: hit.Notes, Remarks: hit.Remarks, Why: why,
	}
	for _, f := range hit.Fields {
		want.Fields = append(want.Fields, show.Field(f))
	}
	if got := v.Passages(at); !reflect.DeepEqual(got, []show.Passage{want}) {
		t.Errorf("given:\n%+v\nlisted:\n%+v", want, got)
	}
	if got := sources.Parse(v.Run().JSON(at)); !reflect.DeepEqual(got, []show.Source{{N: 1, Passage: want}}) {
		t.Errorf("given:\n%+v\nlisted as sources:\n%+v", want, got)
	}
}

// answered compares the answer and the sources that the screen shows at the end of a run.
func answered(t *testing.T, value reflect.Value, v run.View, at int) {
	want := value.Interface().(show.Answer)
	var fold run.Run
	fold.Apply(v.Record(1))
	fold.Apply(flow.Record{Seq: 2, Run: "r", Time: v.Start(), Kind: flow.RunFinished, Event: 3, Type: "Answer", Payload: v.Run().JSON(at)})
	if got, ok := fold.Now().Answer(); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("given:\n%+v\nread:\n%+v", want, got)
	}
	if got := sources.Parse(v.Run().JSON(at)); !reflect.DeepEqual(got, want.Sources) {
		t.Errorf("given:\n%+v\nlisted:\n%+v", want.Sources, got)
	}
}

// asked looks for the question of a start event.
func asked(t *testing.T, _ reflect.Value, v run.View, _ int) {
	if got := v.Root().Question(v); got != "the text" && got != "the question" {
		t.Errorf("the question is read as %q", got)
	}
}

// inspected looks for texts in the inspector.
func inspected(texts ...string) func(*testing.T, reflect.Value, run.View, int) {
	return func(t *testing.T, _ reflect.Value, v run.View, _ int) {
		m := inspect.New(theme.Mono())
		m.SetSize(100, 40)
		m.Show(inspect.Selection{View: v, Step: v.Step(v.Root(), "s"), Execution: v.Execution(2), Now: v.Start()})
		for _, text := range texts {
			if got := m.Text(); !strings.Contains(got, text) {
				t.Errorf("the inspector does not show %q:\n%s", text, got)
			}
		}
	}
}

// TestEveryPromptIsAForm checks that prompts have the fields that forms are built from.
func TestEveryPromptIsAForm(t *testing.T) {
	for _, prompt := range []any{answer.Sending{}, workflows.Proposal{}, show.Asking{}} {
		value := reflect.New(reflect.TypeOf(prompt)).Elem()
		fill(value, "", new(int))
		data, err := json.Marshal(value.Interface())
		if err != nil {
			t.Fatal(err)
		}
		var got show.Asking
		if err := json.Unmarshal(data, &got); err != nil || got.Text != "the text" || !bytes.Contains(got.Schema, []byte(`"schema"`)) {
			t.Errorf("%T is read as %+v (%v)", prompt, got, err)
		}
		if hasDefault := value.FieldByName("Default").IsValid(); hasDefault != (len(got.Default) > 0) {
			t.Errorf("%T: the default is read as %s", prompt, got.Default)
		}
		f := form.New("s asks you", got.Text, got.Schema, got.Default)
		if out, _ := f.Update(tea.KeyPressMsg{Code: tea.KeyEnter}); out != form.Submitted {
			t.Errorf("%T makes no form that enter submits: %v", prompt, out)
		}
		if value.FieldByName("Passages").Kind() != reflect.Slice {
			continue
		}
		j, start := runtest.New("w", "Question", runtest.P{})
		j.Run("s", 1, start).Await("Reply", flow.Prompt{Prompt: json.RawMessage(data)})
		v := runtest.Fold(j.Records).Now()
		if got := v.Passages(v.Awaiting()[0].Position); len(got) != 1 || got[0].Path != "the path" {
			t.Errorf("%T: the passages are listed as %+v", prompt, got)
		}
	}
}
