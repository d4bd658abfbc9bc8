package cli

import (
	"context"
	"time"

	"weft/flow/show"
	"weft/rag/embed"
	"weft/rag/retrieve"
)

// A patience says how long questions wait for the first indexing of a corpus.
type patience uint8

const (
	waitSome  patience = iota // at most maxIndexWait
	waitAll                   // until everything is indexed, vectors included
	waitLeast                 // until there is anything to search
)

// maxIndexWait limits how long questions wait for the first indexing of a corpus. Afterwards they
// are answered from what is indexed so far. It counts from the start of indexing, so later
// questions and later steps wait less or not at all.
const maxIndexWait = 10 * time.Second

// maxVectorWait limits how long questions wait, once all words are indexed, for vectors that need
// no model.
const maxVectorWait = time.Second

// leastWait is how often it is looked whether there is anything to search.
const leastWait = 20 * time.Millisecond

// progressInterval is the interval at which a waiting step reports the progress of indexing.
const progressInterval = 500 * time.Millisecond

// retriever waits for the index, reporting progress to tell meanwhile, and returns a retriever for
// it. It is a [workflows.Search].
func (c *corpus) retriever(ctx context.Context, tell func(show.Progress)) (*retrieve.Retriever, error) {
	w := indexWait{c: c, tell: tell}
	if err := w.wait(ctx, c.opened, 0); err != nil {
		return nil, err
	}
	if err := w.forPatience(ctx, c.patience); err != nil {
		return nil, err
	}
	select {
	case <-c.words:
		// Vectors without a model are computed quickly. Waiting for them keeps the answer from
		// depending on the timing.
		if c.index != nil && embed.IsLexical(c.index.Embedder()) {
			if err := w.wait(ctx, c.built, remaining(c.wordsReadyAt, maxVectorWait)); err != nil {
				return nil, err
			}
		}
	default:
	}
	if c.index == nil || c.index.View().Len() == 0 { // there is nothing to search yet
		if err := w.wait(ctx, c.words, 0); err != nil {
			return nil, err
		}
		if c.err != nil {
			return nil, c.err
		}
	}
	if w.reported {
		tell(show.Progress{Message: "searching"})
	}
	return retrieve.New(c.index, c.models.reranker()), nil
}

// forPatience waits until as much is indexed as the patience asks for.
func (w *indexWait) forPatience(ctx context.Context, much patience) error {
	switch much {
	case waitAll:
		return w.wait(ctx, w.c.built, 0)
	case waitLeast:
		for w.c.index != nil && w.c.index.View().Len() == 0 {
			select {
			case <-w.c.words:
				return nil
			default:
			}
			if err := w.wait(ctx, w.c.words, leastWait); err != nil {
				return err
			}
		}
		return nil
	default:
		return w.wait(ctx, w.c.words, remaining(w.c.indexingSince, maxIndexWait))
	}
}

// remaining returns how much of a time limit that began at since is left. It is never 0, because
// wait takes 0 as no limit.
func remaining(since time.Time, limit time.Duration) time.Duration {
	return max(limit-time.Since(since), time.Nanosecond)
}

// An indexWait is one wait for the index, which may consist of several in turn.
type indexWait struct {
	c        *corpus
	tell     func(show.Progress)
	reported bool
	last     show.Progress
}

// wait waits until a channel is closed, but at most the given time (0: no limit). Progress is
// reported only if it has to wait.
func (w *indexWait) wait(ctx context.Context, ch <-chan struct{}, most time.Duration) error {
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
		w.report()
	}
	again := time.NewTicker(progressInterval)
	defer again.Stop()
	for {
		select {
		case <-ch:
			return nil
		case <-late:
			return nil
		case <-again.C:
			w.report()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// report reports how far indexing is, unless that is unchanged.
func (w *indexWait) report() {
	p := show.Progress{Message: "waiting for the index", Waits: "the index", Unit: "files"}
	if at := w.c.indexProgress.Load(); at != nil {
		p.Done, p.Total, p.Unit = at.Done, at.Total, at.Unit
	}
	if !w.reported || p != w.last {
		w.reported, w.last = true, p
		w.tell(p)
	}
}
