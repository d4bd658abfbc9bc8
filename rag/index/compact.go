package index

import "slices"

// Removed passages keep their IDs and their vectors until at least compactGone are removed and they
// exceed 1/compactShare of the live ones. Without compaction, a directory whose files change all
// day would fill the memory.
const (
	compactGone  = 4 * blockVectors
	compactShare = 3
)

// compact drops the removed passages and renumbers the others, if enough passages are removed.
// Older views keep the old IDs. The caller holds x.update but not x.mu.
func (x *Index) compact() {
	x.mu.Lock()
	defer x.mu.Unlock()
	old := x.view.Load()
	if gone := len(old.passages) - old.count; gone < compactGone || gone < old.count/compactShare {
		return
	}
	joined := *joinAll(old.segments, old.live)
	seg := &joined
	seg.ids = slices.Clone(seg.ids) // older views may hold the segment
	v := emptyView(x).clone()
	number := make(map[ID]ID, len(seg.ids))
	x.byKey = make(map[key]ID, len(seg.ids))
	for i, from := range seg.ids {
		p := old.passages[from]
		id := v.add(p)
		number[from] = id
		seg.ids[i] = id
		if _, ok := x.byKey[p.key]; !ok {
			x.byKey[p.key] = id
		}
	}
	v.vectors = old.vectors.renumbered(number)
	if x.next != nil {
		x.next = x.next.renumbered(number)
	}
	if len(seg.ids) > 0 {
		v.segments = []*segment{seg}
	}
	for path, f := range x.files {
		g := *f
		g.chunks = make([]ID, len(f.chunks))
		for i, id := range f.chunks {
			g.chunks[i] = number[id]
		}
		x.files[path] = &g
	}
	x.view.Store(v)
}

// renumbered returns the vectors under the new IDs of their passages.
func (vs *vectors) renumbered(number map[ID]ID) *vectors {
	out := newVectors(vs.name, vs.dims, vs.flat)
	for from, to := range number {
		if vec := vs.get(from); vec != nil {
			out.set(to, vec)
		}
	}
	return out
}
