package explorer

import (
	"fmt"
	"strings"
	"time"

	"weft/flow/show"
	"weft/ui/answer"
	"weft/ui/canvas"
	"weft/ui/keys"
	"weft/ui/run"
	"weft/ui/sources"
	"weft/ui/speech"
)

// A heard is what a listener knows: what was said of everything that can change. What differs from it is said next.
type heard struct {
	greeted  bool
	note     int
	provider string
	corpus   string
	quarter  int
	tracks   map[*track]*told
	asking   *asking
	field    string
	problem  string
	where    place
	row      string
	at       int
	line     string
	lines    int // of the inspector
	item     string
	filter   string
}

// A place is what has the keys.
type place struct {
	focus   keys.Scope
	overlay *overlay
	form    bool
	source  *sources.Preview
	graph   bool
	run     *track
}

// A told is what was said of a run.
type told struct {
	seen    int // records
	steps   map[*run.Step]string
	held    string // how the run is held, as it was said
	reading speech.Reading
	over    bool
}

// hear says all that a listener does not know yet: what happened, in the order in which it did, and then where the keys are.
func (m *model) hear() {
	h := &m.reader.heard
	say := func(text ...string) { m.reader.read(m.w, text...) }
	if !h.greeted {
		h.greeted, h.at, h.where = true, m.at(), place{focus: keys.Line}
		h.tracks = map[*track]*told{}
		say("weft, screen-reader mode. Type a question and press enter. F1 lists the keys, control p finds a command.")
	}
	m.hearSession(h, say)
	for _, t := range m.tracks[min(1, len(m.tracks)):] {
		if t.exchange != nil {
			m.hearRun(t, h, say)
		}
	}
	if m.note.gen != h.note {
		h.note = m.note.gen
		if m.note.text != "" {
			say(speech.Sentence(speech.Plain(m.note.text)))
		}
	}
	m.hearForm(h, say)
	m.hearPlace(h, say)
}

func (m *model) hearSession(h *heard, say func(...string)) {
	if p := m.session.provider; answers(p) != h.provider {
		h.provider = answers(p)
		if p.Offline {
			say("No model is used: answers are the documents' own sentences.")
		} else {
			say("Answers are written by " + canvas.Line(strings.ReplaceAll(h.provider, " · ", ", ")) + ".")
		}
	}
	k := m.session.corpus
	state := ""
	switch {
	case k.State == show.CorpusFailed:
		state = speech.Sentence("Not indexed: " + canvas.Line(k.Error))
	case k.State == show.CorpusReady:
		state = fmt.Sprintf("Ready: %s of %s in %s can be searched.", speech.Number(k.Chunks, "passage"), speech.Number(k.Files, "file"), canvas.Line(m.home(k.Dir)))
		if n := m.session.missed(); n > 0 {
			state += fmt.Sprintf(" %s left out.", were(n, "file"))
		}
	case k.State == show.CorpusIndexing:
		state = "Indexing " + canvas.Line(m.home(k.Dir)) + ". You can ask already."
	}
	if state != h.corpus {
		h.corpus = state
		if state != "" {
			say(state)
		}
	}
	p, doing, unit := m.gauge.stage()
	if share := m.gauge.share(); share >= 0 && m.index != nil && !m.index.over() {
		q := int(share * 4)
		if doing == "embedding" {
			q += 5
		}
		if q != h.quarter && q%5 > 0 {
			say(fmt.Sprintf("%s: %d of %s.", strings.ToUpper(doing[:1])+doing[1:], p.done, speech.Number(p.total, unit)))
		}
		h.quarter = q
	}
}

func were(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return fmt.Sprintf("%d %ss are", n, what)
}

// hearRun says what became of a question since it was last spoken of: its steps, its answer as far as there are whole
// sentences, and how it ended.
func (m *model) hearRun(t *track, h *heard, say func(...string)) {
	k := h.tracks[t]
	if k == nil {
		k = &told{steps: map[*run.Step]string{}, seen: -1}
		h.tracks[t] = k
		say(speech.Sentence("Question for " + canvas.Line(t.workflow) + ": " + t.title))
	}
	if k.over || t.fold.Len() == k.seen && t.failed == nil && !t.ended {
		return
	}
	k.seen = t.fold.Len()
	v, now := t.view(-1), m.now()
	_, _, writer := v.Streaming()
	var last *run.Step // it is done when what it wrote was read
	for _, s := range v.Steps(v.Root()) {
		if writer != nil && writer.Step == s && speech.State(v, s) != "running" {
			last = s
			continue
		}
		m.hearStep(v, s, k, now, say)
	}
	c := t.content(-1, now)
	say(k.reading.Next(c.Text, !c.Open && c.State != answer.Failed)...)
	if held := standing(v); held != k.held {
		if k.held = held; held != "" {
			say(fmt.Sprintf("The run is %s. In the timeline %s lets it go on, %s one step.", held, speech.Label(m.keyOf("pause")), speech.Label(m.keyOf("step.once"))))
		}
	}
	if last != nil && !(c.Open && v.Status() == run.Working && still(v)) { // else the run is about to go on or to end
		m.hearStep(v, last, k, now, say)
	}
	if c.State < answer.Done {
		return
	}
	k.over = true
	for _, n := range c.Notes {
		say(speech.Sentence("Note: " + canvas.Line(n)))
	}
	for _, s := range c.Sources {
		say(sourceWords(s))
	}
	took := speech.Duration(c.Elapsed)
	switch c.State {
	case answer.Done:
		text := "Done"
		if c.By != "" {
			text = "Answered by " + c.By
		}
		if c.Abstained {
			text = "No answer"
		}
		say(fmt.Sprintf("%s from %s in %s.", text, speech.Number(len(c.Sources), "source"), took))
	case answer.Failed:
		if t.failed != nil {
			say(speech.Sentence("Failed: " + c.Error))
			return
		}
		say(speech.Sentence("Failed after " + took + ": " + c.Error))
	case answer.Cancelled:
		say(speech.Sentence("Cancelled after " + took + ": " + c.Error))
	}
}

// hearStep says a step's new state. A step that worked is told with its time; one that began to wait for a worker is not.
func (m *model) hearStep(v run.View, s *run.Step, k *told, now time.Time, say func(...string)) {
	state := speech.State(v, s)
	if state == k.steps[s] || state == "queued" {
		return
	}
	k.steps[s] = state
	if state == "running" || strings.HasPrefix(state, "waits for ") {
		say("Step " + canvas.Line(s.Name) + ": " + state + ".")
		return
	}
	say("Step " + speech.Step(v, s, now))
}

func sourceWords(s show.Source) string {
	text := fmt.Sprintf("Source %d", s.N)
	if s.Cited {
		text += ", cited"
	}
	text += ": " + canvas.Line(s.Path)
	switch {
	case s.Line > 0 && s.EndLine > s.Line:
		text += fmt.Sprintf(", lines %d to %d", s.Line, s.EndLine)
	case s.Line > 0:
		text += fmt.Sprintf(", line %d", s.Line)
	case s.Place != "":
		text += ", " + canvas.Line(s.Place)
	}
	text += fmt.Sprintf(", score %.2f", s.Score)
	if len(s.Heading) > 0 {
		text += ", under " + canvas.Line(strings.Join(s.Heading, ", "))
	}
	return speech.Sentence(text)
}
