package fork

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/flow"
	"weft/ui/canvas"
	"weft/ui/form"
	"weft/ui/run"
	"weft/ui/theme"
)

// A Choice is what a person can choose for the new run in addition to the event.
type Choice struct {
	Workflows []flow.Graph     // that the start event can be given to
	Models    []string         // that can answer in place of the one in use
	Types     []flow.EventType // the event types of the run's workflow; those that are missing are edited by their values
	// Price returns the cost of read prompt tokens and written answer tokens, such as "0.0021 USD",
	// with one of the models or with the one in use (""); "" if that is not known. nil: no prices
	// are known.
	Price func(model string, read, written int) string
}

// An Outcome is the state of a Screen after a message.
type Outcome uint8

// The outcomes.
const (
	Open   Outcome = iota
	Closed         // the person leaves without a fork
	Chosen         // the fork can begin: see Screen.Request
	Edit           // the event is to be edited as JSON in a text editor: see Screen.Event and SetEvent
)

// A Screen is the state of the fork screen.
type Screen struct {
	Theme *theme.Theme
	Title string // the run that is forked, such as "run 3"
	// Compares says how to compare the fork with the run once it is over; "": that is not possible.
	Compares string
	// Busy says what the program does with the request; "": nothing.
	Busy string

	run    string
	view   run.View
	now    time.Time
	choice Choice
	points []Point
	at     int // the chosen point
	plan   Plan
	top    int // the first row of the steps that is drawn

	editors map[int]*editor // by point
	form    *form.Form
	title   string              // of the form, without what is changed
	about   map[string][]string // the texts of a list's passages, by the name of its field
	options map[string]string   // the chosen settings, which stay when the point is moved
	inForm  bool                // the form has the keys, and not the steps
	problem string
}

// New returns the screen for a run. at is the index of the point that is chosen first, of those that
// [Points] returns, of which there must be one.
func New(t *theme.Theme, id string, v run.View, now time.Time, choice Choice, at int) *Screen {
	s := &Screen{Theme: t, run: id, view: v, now: now, choice: choice, points: Points(v),
		editors: map[int]*editor{}, options: map[string]string{}}
	s.choose(at)
	return s
}

// point returns the chosen point.
func (s *Screen) point() Point { return s.points[s.at] }

// editor returns the editor of the event of the chosen point; nil if there is no event.
func (s *Screen) editor() *editor {
	p := s.point()
	if p.Event == nil {
		return nil
	}
	if s.editors[s.at] == nil {
		e := &editor{original: encode(s.view.Run().JSON(p.Event.Position))}
		e.base = e.original
		for _, t := range s.choice.Types {
			if t.Name == p.Event.Type {
				e.schema = t.Schema
			}
		}
		s.editors[s.at] = e
	}
	return s.editors[s.at]
}

// choose moves the fork to a point.
func (s *Screen) choose(at int) {
	s.at = min(max(at, 0), len(s.points)-1)
	s.plan = PlanOf(s.view, s.point(), s.now)
	s.problem = ""
	s.refill("", 0)
}

// Names of the settings in the form.
const (
	setWorkflow = "workflow"
	setModel    = "model"
	setFaults   = "faults"
	setStop     = "stop"
)

// refill makes the form of the chosen point again, with a field in focus, and in a list an option.
func (s *Screen) refill(field string, option int) {
	var props []member
	preset := map[string]json.RawMessage{}
	title := s.point().Execution.Step.Name + " gets the results of a fan-out, which cannot be edited"
	s.about = nil
	e := s.editor()
	if e != nil {
		props, s.about = e.fields()
		preset = e.presets()
		title = s.point().Event.Type + " · the event that " + s.point().Execution.Step.Name + " gets"
	}
	for i, m := range s.settings() {
		if i == 0 {
			m.property.Heading = "and for this run only"
		}
		props = append(props, member{m.name, encode(m.property)})
		preset[m.name] = encode(s.options[m.name])
	}
	s.title = canvas.Line(title)
	s.form = form.New(s.title, "", object([]member{{"properties", object(props)}}), object(presetMembers(preset)))
	s.form.Passes, s.form.Verb = true, "run the fork"
	s.form.FocusOn(field, option)
	if e != nil && e.blank == nil {
		e.blank = s.blanks()
	}
	s.describe()
}

// blanks returns the values of the event in the form.
func (s *Screen) blanks() map[string]json.RawMessage {
	values, _, _ := s.form.Values() // what a new form has is valid
	for _, m := range s.settings() {
		delete(values, m.name)
	}
	return values
}

// presetMembers returns the values of a form as members, sorted by name.
func presetMembers(values map[string]json.RawMessage) (list []member) {
	for name, v := range values {
		if len(v) > 0 {
			list = append(list, member{name, v})
		}
	}
	slices.SortFunc(list, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return list
}

// A setting is a field of the form that is not one of the event.
type setting struct {
	name     string
	property property
}

// settings returns the fields for what can be chosen in addition to the event.
func (s *Screen) settings() (list []setting) {
	add := func(name, title string, p property) {
		p.Title = title
		list = append(list, setting{name, p})
	}
	oneOf := func(first string, names []string) (p property) {
		p.OneOf = append(p.OneOf, item{encode(""), first})
		for _, n := range names {
			p.OneOf = append(p.OneOf, item{encode(n), canvas.Line(n)})
		}
		return p
	}
	if s.point().Start && len(s.choice.Workflows) > 1 {
		var others []string
		for _, w := range s.choice.Workflows {
			if w.Name != s.view.Root().Name {
				others = append(others, w.Name)
			}
		}
		add(setWorkflow, "workflow", oneOf(canvas.Line(s.view.Root().Name)+", as then", others))
	}
	if len(s.choice.Models) > 0 {
		add(setModel, "model", oneOf("as for every question", s.choice.Models))
	}
	add(setFaults, "faults", property{Type: stringType, Description: "none, or such as synthesize:delay=2s"})
	add(setStop, "stop before", oneOf("nothing", s.stops()))
	return list
}

// stops returns the steps before which the fork can be paused: those that are done again, and all
// steps of a workflow that is chosen.
func (s *Screen) stops() (names []string) {
	for _, r := range s.plan.Rows {
		if r.Again > 0 && !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	return names
}

// Update handles a key, a paste or a click.
func (s *Screen) Update(msg tea.Msg) (Outcome, tea.Cmd) {
	if s.Busy != "" {
		if key, ok := msg.(tea.KeyPressMsg); ok && key.String() == "esc" {
			return Closed, nil
		}
		return Open, nil
	}
	if key, ok := msg.(tea.KeyPressMsg); ok {
		s.problem = ""
		if out, taken := s.key(key.String()); taken {
			return out, nil
		}
	}
	if _, click := msg.(tea.MouseClickMsg); click {
		s.inForm = true
	}
	if !s.inForm {
		return Open, nil
	}
	out, cmd := s.form.Update(msg)
	s.take()
	switch out {
	case form.Submitted:
		return Chosen, nil
	case form.Left:
		return Closed, nil
	}
	return Open, cmd
}

// key handles the keys of the screen itself.
func (s *Screen) key(key string) (out Outcome, taken bool) {
	switch key {
	case "esc":
		return Closed, true
	case "enter":
		if _, _, err := s.form.Values(); err != nil {
			s.inForm = true
			return Open, false // the form shows what is wrong
		}
		return Chosen, true
	case "ctrl+e":
		if s.editor() == nil {
			s.problem = s.form.Title
			return Open, true
		}
		return Edit, true
	case "tab", "shift+tab":
		return Open, s.tab(key == "tab")
	}
	if s.typing() {
		return Open, false
	}
	switch key {
	case "[", "{":
		s.choose(s.at - 1)
	case "]", "}":
		s.choose(s.at + 1)
	case "u":
		s.undo()
	default:
		return Open, !s.inForm && s.move(key)
	}
	return Open, true
}

// move moves the point with the keys of a list.
func (s *Screen) move(key string) bool {
	switch key {
	case "up", "k":
		s.choose(s.at - 1)
	case "down", "j":
		s.choose(s.at + 1)
	case "home", "g":
		s.choose(0)
	case "end", "G":
		s.choose(len(s.points) - 1)
	default:
		return false
	}
	return true
}

// typing reports whether letters are typed into a field.
func (s *Screen) typing() bool {
	if !s.inForm {
		return false
	}
	_, _, ok := s.form.Typed()
	return ok
}

// tab goes from the steps to the fields and back. It reports whether the form has nothing to do.
func (s *Screen) tab(forward bool) bool {
	names := s.form.Fields() // never empty: there are always settings
	first, last := names[0], names[len(names)-1]
	switch now := s.form.Field(); {
	case !s.inForm && !forward:
		s.inForm = true
		s.form.FocusOn(last, 0)
	case !s.inForm:
		s.inForm = true
		s.form.FocusOn(first, 0)
	case forward && now == last, !forward && now == first:
		s.inForm = false
	default:
		return false
	}
	s.describe()
	return true
}

// take stores what the form has, if it is valid.
func (s *Screen) take() {
	defer s.describe()
	values, _, err := s.form.Values()
	if err != nil {
		return
	}
	for _, m := range s.settings() {
		var text string
		if json.Unmarshal(values[m.name], &text) == nil {
			s.options[m.name] = text
		}
		delete(values, m.name)
	}
	if e := s.editor(); e != nil {
		field := ""
		if s.typing() {
			field = s.form.Field()
		}
		e.set(values, field)
	}
}

// undo takes back the last change of the event.
func (s *Screen) undo() {
	e := s.editor()
	if e == nil || !e.undo() {
		s.problem = "nothing is changed"
		return
	}
	s.refill(s.form.Field(), s.form.Cursor())
}

// describe names the changed fields in the title, and shows the text of the passage under the cursor.
func (s *Screen) describe() {
	s.form.About = s.about[s.form.Field()]
	s.form.Title = s.title
	if e := s.editor(); e != nil {
		if names := e.changes(); len(names) > 0 {
			s.form.Title = canvas.Line(s.title + " · ✎ " + strings.Join(names, ", "))
		}
	}
}

// Event returns the event as it is edited, indented; nil if there is none.
func (s *Screen) Event() json.RawMessage {
	e := s.editor()
	if e == nil {
		return nil
	}
	var value any
	now := e.result()
	if out, err := json.MarshalIndent(json.RawMessage(now), "", "  "); err == nil && json.Unmarshal(now, &value) == nil {
		return append(out, '\n')
	}
	return now
}

// SetEvent takes the event that was edited as text.
func (s *Screen) SetEvent(text []byte) error {
	if !json.Valid(text) {
		return fmt.Errorf("what was edited is not JSON: the event is as before")
	}
	e := s.editor()
	if e == nil {
		return nil
	}
	e.replace(text)
	s.refill("", 0)
	return nil
}

// Fail shows why the fork did not begin.
func (s *Screen) Fail(err error) { s.Busy, s.problem = "", canvas.Line(err.Error()) }

// Request returns what was chosen.
func (s *Screen) Request() Request {
	p := s.point()
	r := Request{Run: s.run, At: p.At, Start: p.Start, Model: s.options[setModel],
		Faults: strings.TrimSpace(s.options[setFaults]), StopBefore: s.options[setStop]}
	if p.Start {
		r.Workflow = s.options[setWorkflow]
	}
	if e := s.editor(); e != nil && (len(e.changes()) > 0 || r.Workflow != "") {
		r.Event, r.Payload = p.Event.ID, e.result()
	}
	return r
}
