package cli

import (
	"context"
	"time"

	"weft/flow/show"
	"weft/rag/embed"
	"weft/rag/retrieve"
)

// patience is how long questions wait for the first indexing of a corpus before they are answered from what there is. It counts from the beginning of
// that: whoever asks later, and each further step, need not wait.
const patience = 10 * time.Second

// vectorPatience is how long they wait, from the words on, for vectors that no model makes.
const vectorPatience = time.Second

// retell is how often who waits for the index is told how far it is.
const retell = 500 * time.Millisecond

// patient searches the session's index, as soon as there is one.
type patient struct{ s *session }

// retriever waits for the index, and tells so while it does.
func (p patient) retriever(ctx context.Context, tell func(show.Progress)) (*retrieve.Retriever, error) {
	w := waiting{s: p.s, tell: tell}
	if err := w.wait(ctx, p.s.opened, 0); err != nil {
		return nil, err
	}
	if err := w.wait(ctx, p.s.words, left(p.s.opening, patience)); err != nil {
		return nil, err
	}
	select {
	case <-p.s.words:
		if p.s.index != nil && embed.IsLexical(p.s.index.Embedder()) { // vectors without a model come at once: the same question should not be answered without them by chance
			if err := w.wait(ctx, p.s.built, left(p.s.foundAt, vectorPatience)); err != nil {
				return nil, err
			}
		}
	default:
	}
	if p.s.index == nil || p.s.index.View().Len() == 0 { // there is nothing at all to answer from
		if err := w.wait(ctx, p.s.words, 0); err != nil {
			return nil, err
		}
		if p.s.err != nil {
			return nil, p.s.err
		}
	}
	if w.told {
		tell(show.Progress{Message: "searching"})
	}
	return retrieve.New(p.s.index, p.s.reranker()), nil
}

// left is what is left of a patience that began at some time; never 0.
func left(since time.Time, patience time.Duration) time.Duration {
	return max(patience-time.Since(since), time.Nanosecond)
}

// A waiting is one wait for the index, which may be for several things in turn.
type waiting struct {
	s    *session
	tell func(show.Progress)
	told bool
	last show.Progress
}

// wait waits for a channel to be closed, but no longer than it may (0: as long as it takes). Who does not have to wait hears nothing.
func (w *waiting) wait(ctx context.Context, ch <-chan struct{}, most time.Duration) error {
	var late <-chan time.Time
	if most > 0 {
		t := time.NewTimer(most)
		defer t.Stop()
		late = t.C
	}
	select {
	case <-ch:
		return nil
	default:
	}
	if most == 0 || most > time.Millisecond {
		w.say()
	}
	again := time.NewTicker(retell)
	defer again.Stop()
	for {
		select {
		case <-ch:
			return nil
		case <-late:
			return nil
		case <-again.C:
			w.say()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// say tells how far indexing is, if that is news.
func (w *waiting) say() {
	p := show.Progress{Message: "waiting for the index", Waits: "the index", Unit: "files"}
	if at := w.s.reached.Load(); at != nil {
		p.Done, p.Total, p.Unit = at.Done, at.Total, at.Unit
	}
	if !w.told || p != w.last {
		w.told, w.last = true, p
		w.tell(p)
	}
}
