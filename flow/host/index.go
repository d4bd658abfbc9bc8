package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/journal"
)

// A Waiting is a run that waits for something from outside or for an instant.
type Waiting struct {
	ID       string           `json:"run"`
	Workflow string           `json:"workflow"`
	Awaits   []flow.AwaitWait `json:"awaits,omitempty"` // what it asks, by ID: see Host.Reply; none: it sleeps, or takes events from outside
	Due      time.Time        `json:"due,omitzero"`     // when something is due, and the host resumes it by itself; zero: never
}

// Waiting lists the runs that were released, and those in memory that await a reply, by their
// identifiers. It looks for what other processes have changed in the directory.
func (h *Host) Waiting() ([]Waiting, error) {
	err := h.refresh()
	live := map[*entry]flow.Handle{}
	var all []Waiting
	h.mu.Lock()
	for _, e := range h.runs {
		switch {
		case e.run != nil:
			live[e] = e.run
		case !e.interrupted:
			all = append(all, Waiting{e.id, e.workflow, slices.Clone(e.awaits), e.at})
		}
	}
	h.mu.Unlock()
	for e, run := range live {
		state := run.Explain()
		if awaits := state.OpenAwaits(); len(awaits) > 0 && !state.Ended {
			all = append(all, Waiting{e.id, e.workflow, awaits, nextDue(state)})
		}
	}
	slices.SortFunc(all, func(a, b Waiting) int { return strings.Compare(a.ID, b.ID) })
	return all, err
}

// Interrupted lists the runs that have not ended, do not wait and were not continued with
// [Host.Continue]: they were under way when their process ended, or could not be continued. A run
// that is under way in another process is listed too; to continue that one is an error.
func (h *Host) Interrupted() (ids []string, err error) {
	err = h.refresh()
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, e := range h.runs {
		if e.run == nil && e.interrupted {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, err
}

// A stamp shows whether a file was changed.
type stamp struct{ size, changed int64 }

func stampOf(file fs.FileInfo) stamp { return stamp{file.Size(), file.ModTime().UnixNano()} }

// refresh reads the ends of the journals that were changed by other processes.
func (h *Host) refresh() error {
	entries, err := os.ReadDir(h.dir.Folder())
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	there := map[string]bool{}
	for _, entry := range entries {
		id, ok := strings.CutSuffix(entry.Name(), journal.Suffix)
		if !ok || !entry.Type().IsRegular() {
			continue
		}
		there[id] = true
		if file, err := entry.Info(); err == nil { // otherwise it was removed meanwhile
			h.update(id, stampOf(file))
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := range h.files {
		if !there[id] {
			delete(h.files, id)
		}
	}
	for id, e := range h.runs {
		if !there[id] && e.run == nil && e.loading == nil && h.removed(id) {
			h.endedElsewhere(e) // Wait reports that there is no journal
		}
	}
	return nil
}

// removed reports whether a run has no journal any more.
func (h *Host) removed(id string) bool {
	path, err := h.dir.Path(id)
	if err == nil {
		_, err = os.Stat(path)
	}
	return errors.Is(err, fs.ErrNotExist)
}

// look updates the entry of a run that is not in memory.
func (h *Host) look(id string) error {
	now, err := h.stamp(id)
	if err == nil {
		h.update(id, now)
	}
	return err
}

func (h *Host) stamp(id string) (stamp, error) {
	path, err := h.dir.Path(id)
	if err != nil {
		return stamp{}, err
	}
	file, err := os.Stat(path)
	if err != nil {
		return stamp{}, fmt.Errorf("host: there is no run %s: %w", id, err)
	}
	return stampOf(file), nil
}

// find makes an entry for a run that the host does not know yet. The error wraps fs.ErrNotExist or
// [flow.ErrEnded], or says why the journal cannot be read.
func (h *Host) find(id string) error {
	now, err := h.stamp(id)
	if err != nil {
		return err
	}
	head, last, err := h.dir.Last(id)
	switch {
	case err != nil:
		return fmt.Errorf("host: %w", err)
	case !h.has(head):
		return fmt.Errorf("host: there is no run %s here: %w", id, fs.ErrNotExist)
	case over(last):
		return fmt.Errorf("host: run %s: %w", id, flow.ErrEnded)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.runs[id] == nil {
		h.runs[id] = newEntry(id, head.Workflow)
		h.classify(h.runs[id], last)
		h.files[id] = now
	}
	return nil
}

// update reads the end of a journal that was changed since it was last read, if the run is not in
// memory.
func (h *Host) update(id string, now stamp) {
	h.mu.Lock()
	e, before := h.runs[id], h.files[id]
	same := before == now || e.busy()
	h.mu.Unlock()
	if same {
		return
	}
	head, last, err := h.dir.Last(id)
	h.mu.Lock()
	defer h.mu.Unlock()
	if e = h.runs[id]; e.busy() || h.files[id] != before { // it was continued meanwhile
		return
	}
	h.files[id] = now
	switch {
	case err == nil && over(last):
		if e != nil {
			h.endedElsewhere(e)
		}
	case e == nil && (err != nil || last.Seq == 0 || !h.has(head)):
		// The journal is not of this version, its run has not begun, or the run is not one of this
		// host.
	default:
		if e == nil {
			e = newEntry(id, head.Workflow)
			h.runs[id] = e
		}
		h.classify(e, last)
	}
}

// has reports whether a run of the folder is the host's.
func (h *Host) has(head flow.Header) bool { return h.settings.Has == nil || h.settings.Has(head) }

// busy reports whether a run is in memory, or about to be.
func (e *entry) busy() bool { return e != nil && (e.run != nil || e.loading != nil) }

// classify notes what the last record of a run that is not in memory says: whether it only waits,
// and for what. The lock is held.
func (h *Host) classify(e *entry, last flow.Record) {
	h.unschedule(e)
	if e.awaits, e.interrupted = waits(last); !e.interrupted {
		h.wakeAt(e, last.Due)
	}
}

// waits returns the open awaits of a run that was released, and whether its last record says
// something else.
func waits(last flow.Record) (awaits []flow.AwaitWait, interrupted bool) {
	if last.Kind != flow.RunSuspended || last.Type != "waits" {
		return nil, true
	}
	var s flow.Suspension
	if raw, err := last.JSON(); err == nil {
		_ = json.Unmarshal(raw, &s) // the payload is absent if there are none
	}
	return s.Awaits, false
}

// endedElsewhere notes that a run has ended in another process. The lock is held.
func (h *Host) endedElsewhere(e *entry) {
	h.unschedule(e)
	delete(h.runs, e.id)
	e.elsewhere = true
	close(e.over)
}

// over reports whether a record is one that ends its run.
func over(r flow.Record) bool {
	switch r.Kind {
	case flow.RunFinished, flow.RunFailed, flow.RunCancelled:
		return !strings.Contains(r.Run, "/")
	}
	return false
}
