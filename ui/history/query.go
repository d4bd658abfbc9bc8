package history

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weft/flow/journal"
)

// A Query selects runs and orders them. The zero value selects all that are not deleted, the latest
// first.
type Query struct {
	Text      string    // words, each of which the run must have; see Filter
	Workflow  string    // "": any
	Talk      string    // as Run.TalkID; "": any
	Directory string    // as Run.Directory; "": any
	Outcomes  []Outcome // none: any
	Marked    bool      // marked runs only
	Deleted   bool      // deleted runs only
	Order     Order
}

// An Order is an order of runs. With the same key the latest is first.
type Order string

// The orders of runs.
const (
	ByTime     Order = "time"     // the latest first
	BySlowness Order = "slowness" // the slowest first
	BySize     Order = "size"     // the largest journal first
	ByQuestion Order = "question" // by the alphabet
	ByWorkflow Order = "workflow" // by the alphabet
)

// Orders lists the orders.
var Orders = []Order{ByTime, BySlowness, BySize, ByQuestion, ByWorkflow}

// ParseOrder returns the order of a name; "" is ByTime.
func ParseOrder(name string) (Order, error) {
	o := Order(cmp.Or(name, string(ByTime)))
	if !slices.Contains(Orders, o) {
		return o, fmt.Errorf("there is no order %q: there are %v", name, Orders)
	}
	return o, nil
}

// Filter returns the runs that a query selects, in its order. A word of the text is looked for in
// question, title of the talk, workflow, outcome, reason, model, identifier and directory, whatever
// the case of its letters. The order of runs, which must be that of [Store.List], decides between
// equal keys.
func (q Query) Filter(runs []Run) []Run {
	words := strings.Fields(strings.ToLower(q.Text))
	var out []Run
	for i := range runs {
		if q.selects(&runs[i], words) {
			out = append(out, runs[i])
		}
	}
	switch q.Order {
	case BySlowness:
		slices.SortStableFunc(out, func(a, b Run) int { return cmp.Compare(b.Took(), a.Took()) })
	case BySize:
		slices.SortStableFunc(out, func(a, b Run) int { return cmp.Compare(b.Bytes, a.Bytes) })
	case ByQuestion:
		slices.SortStableFunc(out, func(a, b Run) int {
			return cmp.Compare(strings.ToLower(a.Question), strings.ToLower(b.Question))
		})
	case ByWorkflow:
		slices.SortStableFunc(out, func(a, b Run) int { return cmp.Compare(a.Workflow, b.Workflow) })
	}
	return out
}

func (q Query) selects(r *Run, words []string) bool {
	switch {
	case q.Deleted == r.Deleted.IsZero(),
		q.Workflow != "" && q.Workflow != r.Workflow,
		q.Talk != "" && q.Talk != r.TalkID(),
		q.Directory != "" && q.Directory != r.Directory,
		q.Marked && !r.Marked,
		len(q.Outcomes) > 0 && !slices.Contains(q.Outcomes, r.Outcome):
		return false
	}
	if len(words) == 0 {
		return true
	}
	text := strings.ToLower(strings.Join([]string{r.Question, r.Title, r.Workflow, string(r.Outcome), r.Reason, r.Model, r.Origin, r.ID, r.Directory}, "\x00"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// Directory returns the value of LabelDirectory for directories: their absolute paths in order,
// without symbolic links where these can be followed.
func Directory(dirs []string) string {
	var all []string
	for _, d := range dirs {
		abs, err := filepath.Abs(d)
		if err != nil {
			abs = filepath.Clean(d)
		}
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			abs = real
		}
		all = append(all, abs)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), string(filepath.ListSeparator))
}

// A Limit says how long runs are kept. Marked runs are always kept, and so are runs that have not
// ended unless they are older than Age.
type Limit struct {
	Age   time.Duration // runs that ended before are removed; 0: no limit
	Bytes int64         // the oldest runs are removed until all journals have at most this; 0: no limit
}

// ExpireDaily is [Store.Expire] at most once a day.
func (s *Store) ExpireDaily(limit Limit) (removed int, err error) {
	stamp := filepath.Join(s.path, "expired")
	if st, err := os.Stat(stamp); err == nil && s.now().Sub(st.ModTime()) < 24*time.Hour {
		return 0, nil
	}
	if err := os.WriteFile(stamp, nil, 0o600); err != nil {
		return 0, fmt.Errorf("history: %w", err)
	}
	if err := os.Chtimes(stamp, s.now(), s.now()); err != nil {
		return 0, fmt.Errorf("history: %w", err)
	}
	return s.Expire(limit)
}

// Expire removes the runs that [Store.Expired] returns, except those that were marked meanwhile. It
// returns how many it removed. It also removes the empty journals of runs whose process was killed
// before it had written a record.
func (s *Store) Expire(limit Limit) (removed int, err error) {
	runs, err := s.List()
	if err != nil {
		return 0, err
	}
	for _, r := range s.Expired(runs, limit) {
		if s.isMarked(r.ID) {
			continue
		}
		if err := s.Remove(r.ID); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, s.removeEmpty(runs)
}

// removeEmpty removes journals without a record a day after they were last changed, unless a
// process still has them. Such journals are not listed.
func (s *Store) removeEmpty(listed []Run) error {
	files, err := filepath.Glob(filepath.Join(s.path, "*"+journal.Suffix))
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	known := map[string]bool{}
	for _, r := range listed {
		known[r.ID] = true
	}
	for _, name := range files {
		id := strings.TrimSuffix(filepath.Base(name), journal.Suffix)
		st, err := os.Stat(name)
		if err != nil || known[id] || !st.Mode().IsRegular() || s.now().Sub(st.ModTime()) < UndoTime {
			continue
		}
		var owned *journal.OwnedError
		if err := s.Remove(id); err != nil && !errors.As(err, &owned) && !errors.Is(err, ErrUnknown) {
			return err
		}
	}
	return nil
}

// Expired returns those of the runs, which are ordered as by [Store.List], that are beyond a limit,
// and those that were deleted longer than [UndoTime] ago. A run that a process has is kept.
func (s *Store) Expired(runs []Run, limit Limit) (expired []Run) {
	now, total := s.now(), int64(0)
	for _, r := range runs { // the latest first
		tooOld := limit.Age > 0 && now.Sub(r.Ended) > limit.Age && now.Sub(r.Started) > limit.Age
		tooMuch := limit.Bytes > 0 && total+r.Bytes > limit.Bytes && r.Outcome.Ended()
		beyond := !r.Marked && r.Deleted.IsZero() && (tooOld || tooMuch)
		gone := !r.Marked && !r.Deleted.IsZero() && now.Sub(r.Deleted) > UndoTime
		if r.Owner != nil || !beyond && !gone {
			total += r.Bytes
			continue
		}
		expired = append(expired, r)
	}
	return expired
}
