package index

import (
	"hash/crc32"
	"slices"
	"strings"
)

// restore fills an empty index from a snapshot, except the vectors.
func (x *Index) restore(r *snapshotReader) error {
	data, err := read[uint8](r, sectionPassages)
	if err != nil {
		return err
	}
	s := &segment{}
	if s.lens, err = read[uint32](r, sectionLengths); err != nil {
		return err
	}
	if s.terms, err = read[uint64](r, sectionTerms); err != nil {
		return err
	}
	if s.starts, err = read[uint32](r, sectionStarts); err != nil {
		return err
	}
	if s.docs, err = read[uint32](r, sectionDocs); err != nil {
		return err
	}
	if s.freqs, err = read[uint8](r, sectionFreqs); err != nil {
		return err
	}
	d := &decoder{b: data}
	n := d.count()
	if n != len(s.lens) || len(s.starts) != len(s.terms)+1 || len(s.docs) != len(s.freqs) ||
		int(s.starts[len(s.terms)]) != len(s.docs) ||
		!slices.IsSorted(s.starts) || (n > 0 && len(s.docs) > 0 && int(slices.Max(s.docs)) >= n) {
		return damage("contradicts itself")
	}
	v := emptyView(x).clone()
	v.passages = make([]*passage, n)
	all := make([]passage, n)
	for range d.count() {
		f := d.file()
		f.chunks = make([]ID, d.count())
		for i := range f.chunks {
			id := ID(d.uint())
			if int(id) >= n || v.passages[id] != nil {
				return damage("contradicts itself")
			}
			p := &all[id]
			p.file, p.key, p.lang, p.length = f, d.key(), f.lang, s.lens[id]
			p.Chunk = d.chunk(f)
			v.passages[id] = p
			v.live.set(id)
			v.count++
			v.length += uint64(p.length)
			v.languages[p.lang]++
			f.chunks[i] = id
		}
		x.files[f.path] = f
	}
	if d.err != nil || len(d.b) > 0 || v.count != n {
		return damage("contradicts itself")
	}
	if n > 0 {
		s.ids = make([]ID, n)
		for i := range s.ids {
			s.ids[i] = ID(i)
		}
		v.segments = []*segment{s}
	}
	x.view.Store(v)
	return nil
}

// restoreVectors reads the vectors of a snapshot. It returns them only if the checksum of all is
// valid.
func restoreVectors(r *snapshotReader, count int) (name string, dims int, has bitset,
	blocks [][]float32, err error) {
	if _, ok := r.find(sectionVectorInfo); !ok {
		return "", 0, nil, nil, nil
	}
	info, err := read[uint8](r, sectionVectorInfo)
	if err != nil {
		return "", 0, nil, nil, err
	}
	d := &decoder{b: info}
	name, dims = d.str(), int(d.uint())
	for range d.count() {
		has = append(has, d.uint())
	}
	s, ok := r.find(sectionVectors)
	if d.err != nil || !ok || dims <= 0 || dims > 1<<20 ||
		s.length != uint64(count)*uint64(dims)*4 || len(has) > (count+63)/64 {
		return "", 0, nil, nil, damage("contradicts itself")
	}
	crc := uint32(0)
	at := int64(s.offset)
	for from := 0; from < count; from += blockVectors {
		block := make([]float32, blockVectors*dims)
		b := bytesOf(block[:min(blockVectors, count-from)*dims])
		if _, err := r.f.ReadAt(b, at); err != nil {
			return "", 0, nil, nil, damage("cannot be read: " + err.Error())
		}
		crc = crc32.Update(crc, castagnoli, b)
		at += int64(len(b))
		blocks = append(blocks, block)
	}
	if crc != s.crc {
		return "", 0, nil, nil, damage("is damaged in its vectors")
	}
	return name, dims, has, blocks, nil
}

// fill puts vectors from disk into an empty set. It locks the set per block, so that readers never
// wait long.
func (vs *vectors) fill(dims int, has bitset, blocks [][]float32) {
	for b, block := range blocks {
		vs.mu.Lock()
		vs.dims = dims
		for len(vs.blocks) <= b {
			vs.blocks = append(vs.blocks, nil)
		}
		vs.blocks[b] = block
		for i := range blockVectors {
			if id := ID(b*blockVectors + i); has.has(id) {
				vs.has.set(id)
				vs.document(id)
			}
		}
		vs.mu.Unlock()
	}
}

// loadVectors loads the vectors on disk into the view's set. If they belong to another embedder,
// they become the view's set and serve until an update has computed new ones.
func (x *Index) loadVectors(v *View, snap *snapshotReader, count int, logged []loggedVectors) {
	type identity struct {
		name string
		dims int
	}
	sets := make(map[identity]*vectors)
	var serving identity
	setFor := func(i identity) *vectors {
		if sets[i] == nil {
			if i.name == v.vectors.name && (v.vectors.dims == 0 || v.vectors.dims == i.dims) {
				sets[i] = v.vectors
			} else {
				sets[i] = newVectors(i.name, i.dims, x.opts.Flat)
			}
		}
		if serving.name == "" {
			serving = i
		}
		return sets[i]
	}
	if snap != nil {
		name, dims, has, blocks, err := restoreVectors(snap, count)
		snap.f.Close()
		switch {
		case err != nil:
			x.mu.Lock()
			x.notice = strings.TrimPrefix(err.Error(), "index: ") + ": passages are embedded again"
			x.mu.Unlock()
		case name != "":
			setFor(identity{name, dims}).fill(dims, has, blocks)
		}
	}
	ids := make(map[key][]ID)
	if len(logged) > 0 {
		for id, p := range v.passages {
			if v.live.has(ID(id)) {
				ids[p.key] = append(ids[p.key], ID(id))
			}
		}
	}
	for _, l := range logged {
		vs := setFor(identity{l.name, l.dims})
		for i, k := range l.keys {
			for _, id := range ids[k] {
				if vs.get(id) == nil {
					vs.set(id, l.vecs[i])
				}
			}
		}
	}
	for _, vs := range sets {
		x.shareAll(v, vs)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	old := sets[serving]
	if old == nil || old == v.vectors || v.vectors.count(v.live) >= old.count(v.live) {
		return
	}
	w := x.view.Load().clone()
	w.vectors, x.next = old, v.vectors
	x.view.Store(w)
}

// shareAll gives passages with the same text the same vector.
func (x *Index) shareAll(v *View, vs *vectors) {
	from := make(map[key][]float32)
	for id, p := range v.passages {
		if vec := vs.get(ID(id)); vec != nil {
			from[p.key] = vec
		}
	}
	for id, p := range v.passages {
		if v.live.has(ID(id)) && vs.get(ID(id)) == nil && from[p.key] != nil {
			vs.set(ID(id), from[p.key])
		}
	}
}
