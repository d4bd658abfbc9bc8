package explorer

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/show"
)

// A session holds what the program's own run has reported: the provider, the corpus, and notices.
type session struct {
	provider show.Provider
	corpus   show.Corpus
	overview show.Overview
	notices  []show.Notice // the latest notices
	skipped  []show.Skipped
	remarks  []show.Remark // on files that are read whole
}

// apply applies a record of the session. It returns the run that the record announces, or the
// notice to show at once.
func (s *session) apply(rec flow.Record) (o *show.Opened, n *show.Notice) {
	if rec.Kind != flow.EventEmitted {
		return nil, nil
	}
	js, err := rec.JSON()
	if err != nil {
		return nil, nil
	}
	switch rec.Type {
	case show.TypeProvider:
		var p show.Provider
		if json.Unmarshal(js, &p) == nil {
			for _, text := range []*string{&p.Name, &p.Model, &p.Endpoint, &p.Embedder} {
				*text = brief(*text)
			}
			s.provider = p
		}
	case show.TypeCorpus:
		var c show.Corpus
		if json.Unmarshal(js, &c) == nil {
			c.Dir, c.Error = strings.TrimSpace(brief(c.Dir)), brief(c.Error)
			s.corpus = c
		}
	case show.TypeOverview:
		var v show.Overview
		if json.Unmarshal(js, &v) == nil {
			for _, texts := range [][]string{v.Languages, v.Questions} {
				for i := range texts {
					texts[i] = brief(texts[i])
				}
			}
			for i := range v.Kinds {
				v.Kinds[i].Kind = brief(v.Kinds[i].Kind)
			}
			s.overview = v
		}
	case show.TypeNotice:
		n = new(show.Notice)
		if json.Unmarshal(js, n) != nil {
			return nil, nil
		}
		n.Text = brief(n.Text)
		if s.notices = append(s.notices, *n); len(s.notices) > 3 {
			s.notices = s.notices[1:]
		}
	case show.TypeOpened:
		o = new(show.Opened)
		if json.Unmarshal(js, o) != nil {
			return nil, nil
		}
	}
	return o, n
}

// answers describes the model that answers, and its location.
func answers(p show.Provider) string {
	name := p.Model
	if name == "" {
		name = p.Name
	}
	switch {
	case p.Offline:
		if name == "" || name == show.ByExtract {
			return "offline · extractive"
		}
		return "offline · " + name
	case p.Local:
		return name + " · local"
	case p.Endpoint != "":
		return name + " · " + host(p.Endpoint)
	}
	return name
}

// leftOut reads the files that are not searched, and the remarks on others, from the result of an indexing run.
func (s *session) leftOut(rec flow.Record) {
	if rec.Kind != flow.RunFinished {
		return
	}
	var result show.Indexed
	if js, err := rec.JSON(); err == nil && json.Unmarshal(js, &result) == nil {
		s.skipped, s.remarks = result.Skipped, result.Remarks
	}
}

// missed returns how many files are left out that a person would expect to be searched.
func (s *session) missed() (n int) {
	for _, f := range s.skipped {
		if !f.ByRule && !f.Partly {
			n++
		}
	}
	return n
}

// inPart returns how many files are indexed in part.
func (s *session) inPart() (n int) {
	for _, f := range s.skipped {
		if f.Partly {
			n++
		}
	}
	return n
}

// lacking says how many files a person would miss, or else how many are read in part: "2 files left
// out", "1 file read in part". It is "" if there are none.
func (s *session) lacking() string {
	if n := s.missed(); n > 0 {
		return counted(n, "file") + " left out"
	}
	if n := s.inPart(); n > 0 {
		return counted(n, "file") + " read in part"
	}
	return ""
}

// A gauge is the progress of indexing: as the session reports it while the index is opened, then as
// the indexing run reports it.
type gauge struct {
	opening, files, chunks, vectors progress

	openingUnit string // such as "MB"
}

type progress struct {
	done, total int
	message     string  // the latest report, such as the file that is read
	before      int     // the value of done in the first report
	rate        float64 // as reported; 0: not reported
	first, last time.Time
}

// apply applies a record of the indexing run.
func (g *gauge) apply(rec flow.Record) {
	if rec.Kind != flow.EventEmitted || rec.Type != show.TypeProgress {
		return
	}
	var p show.Progress
	js, err := rec.JSON()
	if err != nil || json.Unmarshal(js, &p) != nil {
		return
	}
	var to *progress
	switch p.Phase {
	case show.PhaseOpen:
		to, g.openingUnit = &g.opening, brief(p.Unit)
	case show.PhaseRead:
		to = &g.files
	case show.PhaseSplit:
		to = &g.chunks
	case show.PhaseEmbed:
		to = &g.vectors
	default:
		return
	}
	if to.first.IsZero() {
		to.first, to.before = rec.Time, p.Done
	}
	to.done, to.total, to.rate, to.last = p.Done, p.Total, p.Rate, rec.Time
	if p.Message != "" {
		to.message = brief(p.Message)
	}
}

// phase returns the current phase of indexing: the index is opened, files are read, then their
// passages are embedded.
func (g gauge) phase() show.Phase {
	switch {
	case g.vectors.total > 0:
		return show.PhaseEmbed
	case g.opening.done < g.opening.total && g.files.first.IsZero():
		return show.PhaseOpen
	}
	return show.PhaseRead
}

// stage returns the progress of that phase, with a word for it and for its unit.
func (g gauge) stage() (p progress, doing, unit string) {
	switch g.phase() {
	case show.PhaseEmbed:
		return g.vectors, "embedding", "passage"
	case show.PhaseOpen:
		return g.opening, "opening the index", g.openingUnit
	}
	return g.files, "indexing", "file"
}

// amount says how much of the phase is done: "3 of 204 files".
func (g gauge) amount() string {
	p, _, unit := g.stage()
	if g.phase() == show.PhaseOpen {
		return fmt.Sprintf("%s of %s %s", count(p.done), count(p.total), unit)
	}
	return fmt.Sprintf("%s of %s", count(p.done), counted(p.total, unit))
}

// share returns the part of the phase that is done, from 0 to 1, or -1 if that is unknown.
func (g gauge) share() float64 {
	p, _, _ := g.stage()
	if p.total <= 0 {
		return -1
	}
	return min(max(float64(p.done)/float64(p.total), 0), 1)
}

// A phase has stalled when nothing was reported for stalledAfter, as while one large file is read.
const stalledAfter = 2 * time.Second

// rate returns the units per second as of the last record, and how long the phase will take at that
// rate; 0 if unknown, or if the phase has stalled for longer than some units take.
func (g gauge) rate(now time.Time) (perSecond float64, left time.Duration) {
	p, _, _ := g.stage()
	took := p.last.Sub(p.first)
	done := p.done - p.before
	switch {
	case p.rate > 0:
		perSecond = p.rate
	case p.first.IsZero() || took < 200*time.Millisecond || done <= 0:
		return 0, 0
	default:
		perSecond = float64(done) / took.Seconds()
	}
	if still := now.Sub(p.last); still > stalledAfter && still.Seconds() > 3/perSecond {
		return 0, 0
	}
	if rest := p.total - p.done; rest > 0 {
		left = time.Duration(float64(rest) / perSecond * float64(time.Second))
	}
	return perSecond, left
}
