package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weft/rag/chunk"
	"weft/rag/load"
)

// errPanic is the cause of a failure that was a panic.
var errPanic = errors.New("panic")

// recovered turns a panic into an error. It must be deferred.
func recovered(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("%w: %v", errPanic, cause)
	}
}

// analysed is prepare, of the chunks that split returns, with a panic of either as a failure of the
// file.
func (x *Index) analysed(f *file, split func() []chunk.Chunk) (p *put, failure *load.Error) {
	var err error
	func() {
		defer recovered(&err)
		p = x.prepare(f, split())
	}()
	if err != nil {
		return nil, &load.Error{Path: f.path, Reason: load.Damaged, Err: err,
			Detail: "cannot be indexed: its text confuses the analysis of words"}
	}
	return p, nil
}

// embedTexts embeds texts. If the embedder panics, each text is embedded by itself, and causes has
// the panics of those that fail again; their vectors are nil.
func (x *Index) embedTexts(ctx context.Context, texts []string) (vecs [][]float32, causes []error, err error) {
	causes = make([]error, len(texts))
	vecs, err = x.embed(ctx, texts)
	if !errors.Is(err, errPanic) {
		return vecs, causes, err
	}
	vecs = make([][]float32, len(texts))
	for i := range texts {
		one, err := x.embed(ctx, texts[i:i+1])
		switch {
		case errors.Is(err, errPanic):
			causes[i] = err
		case err != nil:
			return nil, nil, err
		default:
			vecs[i] = one[0]
		}
	}
	return vecs, causes, nil
}

// embed returns one vector for each text, or an error that is errPanic if the embedder panics.
func (x *Index) embed(ctx context.Context, texts []string) (vecs [][]float32, err error) {
	defer recovered(&err)
	e := x.Embedder()
	vecs, err = e.Embed(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("index: embed %d passages with %s: %w", len(texts), e.Name(), err)
	}
	if len(vecs) != len(texts) {
		return nil, fmt.Errorf("index: %s gave %d vectors for %d texts", e.Name(), len(vecs), len(texts))
	}
	return vecs, nil
}

// leaveOut removes the files of passages that cannot be embedded, in one transaction, and returns
// why. Their record names the embedder, so that another one tries again. The caller holds x.update.
func (x *Index) leaveOut(v *View, panics map[ID]error) ([]*load.Error, error) {
	causes := make(map[string]error) // by path
	for id, cause := range panics {
		causes[v.passages[id].Path] = cause
	}
	var leftOut []*load.Error
	var tx transaction
	for path, cause := range causes {
		f := x.files[path]
		e := &load.Error{Path: path, Reason: load.Damaged, Err: cause,
			Detail: "cannot be indexed: its text confuses the embedder " + x.Embedder().Name()}
		leftOut = append(leftOut, e)
		tx.puts = append(tx.puts, &put{file: &file{path: path, stamp: f.stamp, checked: f.checked,
			failure: failureOf(e) + "\x00" + x.Embedder().Name()}})
	}
	slices.SortFunc(tx.puts, func(a, b *put) int { return strings.Compare(a.file.path, b.file.path) })
	return sortedByPath(leftOut), x.commit(tx)
}

// failureOf returns the record of a failure: the reason, a zero byte, and the detail. If an embedder
// failed, a second zero byte and its name follow.
func failureOf(e *load.Error) string { return string(e.Reason) + "\x00" + e.Detail }

// loadError returns the recorded reason why a file is left out.
func (f *file) loadError() *load.Error {
	parts := strings.SplitN(f.failure, "\x00", 3)
	e := &load.Error{Path: f.path, Reason: load.Reason(parts[0])}
	if len(parts) > 1 {
		e.Detail = parts[1]
	}
	return e
}

// failedWithOther reports whether a file is left out because of another embedder than the named one,
// which may succeed.
func (f *file) failedWithOther(embedder string) bool {
	parts := strings.SplitN(f.failure, "\x00", 3)
	return len(parts) == 3 && parts[2] != embedder
}
