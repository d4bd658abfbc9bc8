package fold

import (
	"reflect"
	"slices"
	"testing"
)

// A heldMemory is a Pool that drops nothing.
type heldMemory []any

func (h *heldMemory) Put(v any) { *h = append(*h, v) }

func (h *heldMemory) Get() any {
	if len(*h) == 0 {
		return nil
	}
	last := len(*h) - 1
	v := (*h)[last]
	*h = (*h)[:last]
	return v
}

// fill begins a tree and appends records to its log, with all fields or with few.
func fill(t *Tree, w *Workflow, pool Pool, records int, all bool) {
	t.Init(w, "run")
	t.Log.Pool = pool
	for i := range records {
		t.tick(int64(i))
		if !all {
			t.append(StepQueued, nil)
			continue
		}
		r := internalRecord{value: i}
		r.packedRecord = packedRecord{
			at: 1, exec: 2, event: 3, cause: 4, n: 5, worker: 6, step: 0, typ: 0, kind: EventSent, payload: 9,
		}
		t.Log.add(&r)
	}
}

// read returns the records of a log.
func read(l *Log) (all []Record) {
	reader := l.Reader()
	for i := range l.Len() {
		all = append(all, reader.Record(i))
	}
	return all
}

func TestALogThatReusesMemoryHasOnlyItsOwnRecords(t *testing.T) {
	const records = 5 * slabSize
	w := zoo()
	pool := &heldMemory{}
	var first, second, third, alone Tree
	fill(&first, w, pool, records, true)
	fill(&second, w, pool, records, true) // at the same time: it has memory of its own
	before := read(&second.Log)
	first.Log.Recycle()
	if len(*pool) != 1 {
		t.Fatalf("the pool has %d of one log", len(*pool))
	}
	fill(&third, w, pool, records, false)
	if len(*pool) != 0 {
		t.Fatal("the third log does not reuse the memory of the first")
	}
	fill(&alone, w, nil, records, false)
	same := func(a, b Record) bool { return reflect.DeepEqual(a, b) }
	if got, want := read(&third.Log), read(&alone.Log); !slices.EqualFunc(got, want, same) {
		t.Error("a log with reused memory differs from one without")
	}
	if got := read(&second.Log); !slices.EqualFunc(got, before, same) {
		t.Error("a log has changed, because another one reused the memory of a third")
	}

	third.Log.Recycle()
	third.append(RunResumed, nil) // must not happen; if it does, no other log may see it
	third.append(RunResumed, "late")
	kept := (*pool)[0].(*slabs)
	for _, slab := range kept.records {
		if slices.ContainsFunc(slab, func(p packedRecord) bool { return p.kind == RunResumed }) {
			t.Error("a record that was appended later is in memory that others reuse")
		}
	}
	for _, b := range kept.blocks {
		if *b != (payloadBlock{}) {
			t.Fatal("memory that is kept for other logs keeps payloads from being freed")
		}
	}
}

func TestTheMemoryThatLogsLeaveIsBounded(t *testing.T) {
	pool := &heldMemory{}
	var long Tree
	fill(&long, zoo(), pool, (maxSlabs+2)*slabSize, true)
	long.Log.Recycle()
	kept := (*pool)[0].(*slabs)
	if len(kept.records) != maxSlabs || len(kept.blocks) != maxBlocks {
		t.Errorf("%d slabs and %d blocks are kept, not %d and %d", len(kept.records), len(kept.blocks), maxSlabs, maxBlocks)
	}
	var short Tree
	fill(&short, zoo(), pool, largeChunk, false)
	short.Log.Recycle()
	if len(*pool) != 1 {
		t.Error("a short log uses the memory of a long one")
	}
}
