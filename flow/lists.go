package flow

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// A queue is the executions that wait in a lane, linked through themselves, so that one in which nobody waits costs nothing;
// tail counts only if there is a head. Those that were given up meanwhile are dropped when they come to the front.
type queue struct{ head, tail *exec }

func (q *queue) push(x *exec) {
	x.link = nil
	if q.head == nil {
		q.head = x
	} else {
		q.tail.link = x
	}
	q.tail = x
}

func (q *queue) pop() { q.head = q.head.link }

func (q *queue) peek() *exec {
	for q.head != nil && q.head.status == isDone {
		q.pop()
	}
	return q.head
}

// A line is a queue of what soon comes to the front, for which few pointers are written.
type line[T any] struct {
	all  []T
	head int
}

func (l *line[T]) push(v T) {
	switch n := len(l.all); {
	case l.head == n:
		l.all, l.head = l.all[:0], 0
	case n == cap(l.all) && l.head > n/2: // so that it does not grow with the length of the run
		n = copy(l.all, l.all[l.head:])
		clear(l.all[n:])
		l.all, l.head = l.all[:n], 0
	}
	l.all = append(l.all, v)
}

func (l *line[T]) pop() { l.head++ }

func (l *line[T]) empty() bool { return l.head == len(l.all) }

// rest is what waits.
func (l *line[T]) rest() []T { return l.all[l.head:] }

// An index holds the executions that have not ended, those of sub-workflows too, in the order of their identifiers, which is
// that of their creation. One that has ended keeps its place until there are many of them.
type index struct {
	all   []entry
	ended int
	few   [16]entry // where all begins
}

type entry struct {
	x  *exec
	id uint32 // x may be another by now
}

func (e *entry) open() bool { return e.x.id == e.id && e.x.status != isDone }

func (i *index) get(id uint32) *exec {
	if n, found := i.find(id); found && i.all[n].open() {
		return i.all[n].x
	}
	return nil
}

func (i *index) find(id uint32) (int, bool) {
	return slices.BinarySearchFunc(i.all, id, func(e entry, id uint32) int { return cmp.Compare(e.id, id) })
}

func (i *index) put(x *exec) {
	if n := len(i.all); n == cap(i.all) && i.ended > n/2 {
		i.tidy()
	}
	i.all = append(i.all, entry{x, x.id})
	if n := len(i.all); n > 1 && i.all[n-2].id >= x.id { // only when a snapshot is read out of order
		slices.SortFunc(i.all, func(a, b entry) int { return cmp.Compare(a.id, b.id) })
	}
}

func (i *index) tidy() {
	open := i.all[:0]
	for _, e := range i.all {
		if e.open() {
			open = append(open, e)
		}
	}
	clear(i.all[len(open):])
	i.all, i.ended = open, 0
}

// firstOpen returns the first execution of a run that has not ended.
func (st *state) firstOpen() *exec {
	for x := range st.executionsFrom(st.oldest) {
		st.oldest = x.id
		return x
	}
	return nil
}

// executions yields those of a run that have not ended, in the order of their creation.
func (st *state) executions() iter.Seq[*exec] { return st.executionsFrom(0) }

// executionsFrom is executions from one on: who gives up one after the other need not look again at those that have ended.
func (st *state) executionsFrom(id uint32) iter.Seq[*exec] {
	return func(yield func(*exec) bool) {
		from := 0
		if id > 0 {
			from, _ = st.t.execs.find(id)
		}
		for _, e := range st.t.execs.all[from:] {
			if e.x.st == st && e.open() && !yield(e.x) {
				return
			}
		}
	}
}

// A timer is something that is due: a retry, a step's or an await's timeout, a run's timeout.
type timer struct {
	at    int64
	seq   uint64
	where int // in the heap, from 1; 0: not armed
	exec  *exec
	await *await
	state *state
}

// later returns the instant that is d nanoseconds after another, or the last one that can be told.
func later(at, d int64) int64 {
	if d > math.MaxInt64-at {
		return math.MaxInt64
	}
	return at + d
}

// timers is a heap by time, and among equals by the order of arming.
type timers struct {
	heap []*timer
	seq  uint64
}

func (h *timers) first() *timer {
	if len(h.heap) == 0 {
		return nil
	}
	return h.heap[0]
}

func (h *timers) arm(t *timer, at int64) {
	h.disarm(t)
	h.seq++
	t.at, t.seq = at, h.seq
	h.heap = append(h.heap, t)
	t.where = len(h.heap)
	h.up(t.where)
}

func (h *timers) disarm(t *timer) {
	if t.where == 0 {
		return
	}
	i, n := t.where, len(h.heap)
	last := h.heap[n-1]
	h.heap[n-1] = nil
	h.heap = h.heap[:n-1]
	t.where = 0
	if i == n {
		return
	}
	h.set(i, last)
	h.down(i)
	h.up(last.where)
}

func (h *timers) set(i int, t *timer) { h.heap[i-1], t.where = t, i }

func (h *timers) less(a, b *timer) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

func (h *timers) up(i int) {
	t := h.heap[i-1]
	for i > 1 && h.less(t, h.heap[i/2-1]) {
		h.set(i, h.heap[i/2-1])
		i /= 2
	}
	h.set(i, t)
}

func (h *timers) down(i int) {
	t := h.heap[i-1]
	for {
		c := 2 * i
		if c > len(h.heap) {
			break
		}
		if c < len(h.heap) && h.less(h.heap[c], h.heap[c-1]) {
			c++
		}
		if !h.less(h.heap[c-1], t) {
			break
		}
		h.set(i, h.heap[c-1])
		i = c
	}
	h.set(i, t)
}
