package explorer

import (
	"slices"
	"time"

	"weft/ui/history"
	"weft/ui/status"
)

// A historyRow is a heading or a run.
type historyRow struct {
	heading string // "": a run
	run     history.Run
	branch  string // the lines of the tree that connect the run with one above it of the same talk
}

// refill selects and orders the runs again, and keeps the selected one. By time, the runs of a talk
// follow each other within a day.
func (p *historyPane) refill() {
	before, _ := p.run()
	q := p.query
	if !p.everyDir {
		q.Directory = p.historian.Directory()
	}
	runs := q.Filter(p.all)
	p.rows = p.rows[:0]
	if q.Order == "" || q.Order == history.ByTime {
		p.fillByTime(runs)
	} else {
		for _, r := range runs {
			p.rows = append(p.rows, historyRow{run: r})
		}
	}
	p.selected = slices.IndexFunc(p.rows, func(row historyRow) bool { return row.heading == "" && row.run.ID == before.ID })
	if p.selected < 0 {
		p.selected = 0
		p.step(0)
	}
	if now, _ := p.run(); now.ID == before.ID && now.Outcome != before.Outcome {
		p.previewed, p.digested = "", "" // its answer may have changed
	}
}

// fillByTime adds the runs that wait for the person, and then the others by days.
func (p *historyPane) fillByTime(runs []history.Run) {
	var days []string
	of := map[string][]history.Run{}
	for _, waiting := range []bool{true, false} {
		for _, r := range runs {
			if (r.Outcome == history.Waiting) != waiting {
				continue
			}
			day := status.Waiting.Word()
			if !waiting {
				day = dayText(r.Started, p.shell.now())
			}
			if of[day] == nil {
				days = append(days, day)
			}
			of[day] = append(of[day], r)
		}
	}
	for _, day := range days {
		p.rows = append(p.rows, historyRow{heading: day})
		for _, h := range history.ByTalks(of[day]) {
			p.rows = append(p.rows, historyRow{run: h.Run, branch: h.Branch})
		}
	}
}

// onlyTalk shows the runs of one talk only, or those of all talks again.
func (p *historyPane) onlyTalk(r history.Run) {
	if p.query.Talk != "" {
		p.query.Talk = ""
	} else {
		p.query.Talk = r.TalkID()
	}
	p.refill()
}

func (p *historyPane) talkWord() string {
	if p.query.Talk != "" {
		return "all talks"
	}
	return "this talk"
}

// talks returns how many talks the shown runs belong to.
func (p *historyPane) talks() int {
	seen := map[string]bool{}
	for _, row := range p.rows {
		if row.heading == "" {
			seen[row.run.TalkID()] = true
		}
	}
	return len(seen)
}

// dayText names a day as seen from now.
func dayText(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, t.Location()) }
	switch days := int(day(now).Sub(day(t)).Hours()/24 + 0.5); {
	case days <= 0:
		return "today"
	case days == 1:
		return "yesterday"
	case t.Year() == now.Year():
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}
