package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weft/flow"
	"weft/flow/journal"
	"weft/flow/trace"
	"weft/ui/explorer"
	"weft/ui/export"
	"weft/ui/history"
)

// followInterval is how often the journal of a run that another process owns is read for new
// records.
const followInterval = 50 * time.Millisecond

// History returns all kept runs, the latest first.
func (e *engine) History() ([]history.Run, error) {
	store, err := e.s.keeping.store()
	if err != nil {
		return nil, err
	}
	return store.List()
}

// Directory returns the directory of the session as the kept runs have it.
func (e *engine) Directory() string { return e.s.corpus.directory() }

// Preview returns the beginning of the answer of a kept run.
func (e *engine) Preview(id string) string {
	store, err := e.s.keeping.store()
	if err != nil {
		return ""
	}
	_, last, err := store.Journals().Last(id)
	if err != nil || last.Kind != flow.RunFinished || strings.Contains(last.Run, "/") {
		return ""
	}
	a, _ := export.Kept{Records: []flow.Record{last}}.Fold().Now().Answer()
	const most = 1000
	text := []rune(strings.Join(strings.Fields(a.Text), " "))
	return string(text[:min(len(text), most)])
}

// Kept returns the journal of a kept run.
func (e *engine) Kept(id string) (flow.Header, []flow.Record, error) {
	store, err := e.s.keeping.store()
	if err != nil {
		return flow.Header{}, nil, err
	}
	file, err := store.Read(id)
	if file == nil {
		return flow.Header{}, nil, err
	}
	if len(file.Records) == 0 {
		return file.Header, nil, errors.Join(err, journal.ErrEmpty)
	}
	return file.Header, file.Records, err
}

// Export writes a kept run to a new file.
func (e *engine) Export(id string, f export.Format) (string, error) {
	store, err := e.s.keeping.store()
	if err != nil {
		return "", err
	}
	k, err := readRun(store, id)
	if err != nil {
		return "", err
	}
	return e.create("weft-"+k.ID, f.Ending(), func(w io.Writer) error { return export.Write(w, f, k, trace.Names) })
}

// Import reads a run from a file, and keeps it.
func (e *engine) Import(path string) (history.Run, error) {
	store, err := e.s.keeping.store()
	if err != nil {
		return history.Run{}, err
	}
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() { // reading a pipe could block forever
		return history.Run{}, fmt.Errorf("not a file: %s", path)
	}
	return importFile(store, path)
}

// Save writes a text to a new file.
func (e *engine) Save(name string, write func(io.Writer) error) (string, error) {
	return e.create("weft-"+name, ".txt", write)
}

// create writes a new file, in the current directory if that is not among the documents: otherwise
// the file would be indexed as one.
func (e *engine) create(name, ending string, write func(io.Writer) error) (string, error) {
	dir := outsideDocuments(e.s.corpus.dirs, stateDir(e.s.settings))
	path, err := export.Create(filepath.Join(dir, name), ending, write)
	if err != nil {
		return "", fmt.Errorf("%w: nothing was exported", err)
	}
	if here, err := os.Getwd(); err == nil && filepath.Dir(path) == here {
		path = "." + string(filepath.Separator) + filepath.Base(path)
	}
	return path, nil
}

// outsideDocuments returns a directory that is not in those of the documents: the current one, the
// home directory, or the last.
func outsideDocuments(documents []string, last string) string {
	here, _ := os.Getwd() // empty where there is none, as home
	home, _ := os.UserHomeDir()
	for _, dir := range []string{here, home} {
		if filepath.IsAbs(dir) && !slices.ContainsFunc(documents, func(root string) bool { return insideVisibly(dir, root) }) {
			return dir
		}
	}
	return last
}

// Mark marks a kept run, or removes its mark.
func (e *engine) Mark(id string, marked bool) error {
	return e.change(func(store *history.Store) error { return store.Mark(id, marked) })
}

// Rename gives the talk that began with a run a title, or removes it.
func (e *engine) Rename(talk, title string) error {
	return e.change(func(store *history.Store) error { return store.Rename(talk, title) })
}

// Delete deletes a kept run, for a day so that it can be restored.
func (e *engine) Delete(id string) error {
	return e.change(func(store *history.Store) error { return store.Delete(id) })
}

// Restore undoes the deletion of a run.
func (e *engine) Restore(id string) error {
	return e.change(func(store *history.Store) error { return store.Restore(id) })
}

func (e *engine) change(change func(*history.Store) error) error {
	store, err := e.s.keeping.store()
	if err != nil {
		return err
	}
	return reasonFirst(change(store))
}

// Resume continues a kept run in this session.
func (e *engine) Resume(id string) (explorer.Run, error) {
	run, err := e.s.resume(id)
	if err != nil {
		return nil, err
	}
	e.s.conversation.follow(run)
	return run, nil
}

// Past opens a kept run to be looked at.
func (e *engine) Past(id string) (explorer.Run, error) {
	if run, ok := e.Run(id); ok {
		return run, nil
	}
	store, err := e.s.keeping.store()
	if err != nil {
		return nil, err
	}
	begun := false
	for _, err := range store.Records(id) {
		if err != nil {
			return nil, err
		}
		begun = true
		break
	}
	if !begun {
		return nil, journal.ErrEmpty
	}
	_, owned, _ := store.Journals().Owner(id) // without an answer the run is shown as it is now
	return &pastRun{id: id, store: store, live: owned}, nil
}

// A pastRun is a run of the store that is only looked at. It has no engine: only the journal is
// read, each time that records are asked for, and none of them is held. If another process owns the
// run, further records follow, and replies go to that process.
type pastRun struct {
	id    string
	store *history.Store
	live  bool
}

func (p *pastRun) ID() string { return p.id }

// Records yields the records of the journal up to the first that cannot be read, and those that
// another process adds.
func (p *pastRun) Records(ctx context.Context, after uint64) iter.Seq[flow.Record] {
	return func(yield func(flow.Record) bool) {
		last := after
		for r, err := range p.store.Records(p.id) {
			if err != nil || ctx.Err() != nil {
				break
			}
			if r.Seq <= after {
				continue
			}
			if last = r.Seq; !yield(r) {
				return
			}
		}
		if !p.live {
			return
		}
		for r, err := range p.store.Journals().Follow(ctx, p.id, last, followInterval) {
			if err != nil || !yield(r) {
				return
			}
		}
	}
}

// Reply hands a reply to the process that owns the run.
func (p *pastRun) Reply(await uint64, reply any) error {
	payload, err := json.Marshal(reply)
	if err != nil {
		return err
	}
	return p.store.Journals().Send(context.Background(), p.id, flow.Message{Await: await, Payload: payload})
}

// SendJSON hands an event to the process that owns the run.
func (p *pastRun) SendJSON(typeName string, payload json.RawMessage) error {
	return p.store.Journals().Send(context.Background(), p.id, flow.Message{Type: typeName, Payload: payload})
}

// Cancel does nothing: the run is under way elsewhere, or not at all.
func (p *pastRun) Cancel(error) {}

// Pause does nothing.
func (p *pastRun) Pause() {}

// Continue does nothing.
func (p *pastRun) Continue() {}

// StepOnce does nothing.
func (p *pastRun) StepOnce() {}

// Explain returns nothing: the journal does not say it.
func (p *pastRun) Explain() flow.Explanation { return flow.Explanation{Run: p.id, Ended: !p.live} }

// announceUnfinished says at the start how many runs of this directory wait for a person or were
// interrupted.
func (e *engine) announceUnfinished(say func(string)) {
	e.s.wg.Go(func() {
		runs, err := e.History()
		if err != nil {
			return // the session says why
		}
		var waiting, interrupted int
		for _, r := range (history.Query{Directory: e.Directory()}).Filter(runs) {
			switch {
			case r.Owner != nil:
			case r.Outcome == history.Waiting:
				waiting++
			case r.Outcome == history.Interrupted:
				interrupted++
			}
		}
		if text := unfinishedText(waiting, interrupted); text != "" {
			say(text)
		}
	})
}

// unfinishedText says which runs can be continued; "": there are none.
func unfinishedText(waiting, interrupted int) string {
	var parts []string
	for _, c := range []struct {
		n         int
		one, many string
	}{{waiting, "1 run waits for you", "%d runs wait for you"}, {interrupted, "1 run was interrupted", "%d runs were interrupted"}} {
		switch {
		case c.n == 1:
			parts = append(parts, c.one)
		case c.n > 1:
			parts = append(parts, fmt.Sprintf(c.many, c.n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + ": ctrl+r lists them"
}
