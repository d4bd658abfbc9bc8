package explorer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/palette"
	"weft/ui/run"
)

// A comparer opens comparisons.
type comparer struct{ m *explorer }

// of compares two runs of the history.
func (o *comparer) of(a, b string) tea.Cmd {
	h := o.m.engine.(Historian)
	return func() tea.Msg {
		var msg comparedMsg
		for i, id := range []string{a, b} {
			head, records, err := h.Kept(id)
			if len(records) == 0 && err != nil {
				return noteMsg{err.Error(), true}
			}
			fold := new(run.Run)
			for _, r := range records {
				fold.Apply(r)
			}
			last := records[len(records)-1].Time
			msg[i] = compareSide{fold: fold, clock: func(time.Time) time.Time { return last }}
			msg[i].side.Header = head
		}
		return msg
	}
}

// comparedMsg brings two runs that are to be compared.
type comparedMsg [2]compareSide

func (o *comparer) show(a, b compareSide) {
	p := newComparePane(o.m.shell, a, b)
	p.saver, _ = o.m.engine.(Saver)
	o.m.shell.overlay = p
}

// no returns why the shown run cannot be compared, or "".
func (o *comparer) no() string {
	t := o.m.runs.shown
	if t == nil || t.exchange == nil || t.run == nil {
		return "there is no run to compare: ask a question"
	}
	return ""
}

// pick lists what the shown run can be compared with: the other runs on the screen, and the answers
// of other workflows and models, which are asked the same question if they are chosen.
func (o *comparer) pick() tea.Cmd {
	m := o.m
	t := m.runs.shown
	items := compareItems(m.runs)
	if t.parent != "" {
		items = append([]palette.Item{compareItem("parent", t.parent, "the run that it was forked from", "")}, items...)
	}
	asker, _ := m.engine.(ModelAsker)
	if asker != nil {
		for _, name := range asker.Models() {
			items = append(items, compareItem("model", name, "the answer of the model "+name, "ask the same now"))
		}
	}
	if len(items) == 0 {
		return m.shell.say("there is nothing to compare with: ask a second question", true)
	}
	return m.shell.list(palette.New("compare", "with what?", items), func(id string) tea.Cmd {
		kind, name, _ := strings.Cut(id, " ")
		var cmd tea.Cmd
		var with *track
		switch kind {
		case "workflow":
			cmd = m.begin(name, t.title, m.engine.Ask)
			with = m.runs.shown
		case "model":
			cmd = m.begin(t.workflow, t.title, func(workflow, question string) (Run, error) { return asker.AskModel(workflow, question, name) })
			with = m.runs.shown
		case "parent":
			return o.parent()
		default:
			i := slices.IndexFunc(m.runs.list, func(x *track) bool { return fmt.Sprint(x.id) == name })
			with = m.runs.list[i]
		}
		o.show(sideOfTrack(t), sideOfTrack(with))
		return cmd
	})
}

// parent compares the shown fork with the run that it was forked from.
func (o *comparer) parent() tea.Cmd {
	t := o.m.runs.shown
	if p := o.parentOf(t); p != nil {
		o.show(sideOfTrack(p), sideOfTrack(t))
		return nil
	}
	return o.of(t.parent, t.run.ID())
}

// parentOf returns the run that a fork was forked from, if it is on the screen, or nil.
func (o *comparer) parentOf(t *track) *track {
	for _, p := range o.m.runs.others() {
		if p.run != nil && p.run.ID() == t.parent {
			return p
		}
	}
	return nil
}

// isFork reports whether the shown run is a fork that has ended.
func (o *comparer) isFork() bool { return o.noParent() == "" && o.m.runs.shown.over() }

// noParent returns why the shown run cannot be compared with the one that it was forked from, or "".
func (o *comparer) noParent() string {
	switch t := o.m.runs.shown; {
	case o.no() != "":
		return o.no()
	case t.parent == "":
		return "the run is not a fork of another one"
	}
	return ""
}

// parentLabel returns the command's word in the footer if the shown run is a fork that has ended,
// or "".
func (o *comparer) parentLabel() string {
	if !o.isFork() {
		return ""
	}
	return "compare with " + o.parentName(o.m.runs.shown)
}

// parentName returns the name of the run that a fork was forked from.
func (o *comparer) parentName(fork *track) string {
	if p := o.parentOf(fork); p != nil {
		i, _ := o.m.runs.ordinal(p)
		return fmt.Sprintf("run %d", i)
	}
	return "the original"
}

// offer notes which key compares a fork with its parent, once the fork has ended and if it was
// begun here.
func (o *comparer) offer(t *track) tea.Cmd {
	key := o.m.shell.keyOf("compare.parent")
	if t == nil || !t.offers {
		return nil
	}
	t.offers = false
	if key == "" || t != o.m.runs.shown {
		return nil
	}
	return o.m.shell.say(fmt.Sprintf("the fork is over: %s compares it with %s", key, o.parentName(t)), false)
}
