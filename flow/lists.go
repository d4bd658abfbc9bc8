package flow

// A queue is a first-in-first-out line of executions, linked through themselves; tail counts only if there is a head. Those that were given up while they
// waited are dropped when they come to the front.
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

// A list is the executions of a run that have not ended.
type list struct{ head, tail *exec }

func (l *list) push(x *exec) {
	x.prev = l.tail
	if x.next != nil {
		x.next = nil
	}
	if l.tail == nil {
		l.head = x
	} else {
		l.tail.next = x
	}
	l.tail = x
}

func (l *list) remove(x *exec) {
	if x.prev == nil {
		l.head = x.next
	} else {
		x.prev.next = x.next
	}
	if x.next == nil {
		l.tail = x.prev
	} else {
		x.next.prev = x.prev
	}
}

// pages finds an execution by its identifier. The first few stand in an array. For the others, identifiers grow by one and
// executions end soon after they begin: a page is dropped when nothing on it is left.
type pages struct {
	few   [3]*exec
	n     int
	base  uint32 // the number of the first page
	pages []*page
	spare *page
}

const pageSize = 32

type page struct {
	n int
	x [pageSize]*exec
}

func (p *pages) get(id uint32) *exec {
	for _, x := range p.few[:p.n] {
		if x.id == id {
			return x
		}
	}
	i := id/pageSize - p.base
	if i >= uint32(len(p.pages)) || p.pages[i] == nil {
		return nil
	}
	return p.pages[i].x[id%pageSize]
}

func (p *pages) put(x *exec) {
	if p.n < len(p.few) {
		p.few[p.n] = x
		p.n++
		return
	}
	n := x.id / pageSize
	if len(p.pages) == 0 {
		p.base = n
	}
	for n < p.base { // only when a snapshot is read out of order
		p.pages = append([]*page{nil}, p.pages...)
		p.base--
	}
	i := n - p.base
	for uint32(len(p.pages)) <= i {
		p.pages = append(p.pages, nil)
	}
	if p.pages[i] == nil {
		if p.pages[i] = p.spare; p.spare == nil {
			p.pages[i] = new(page)
		}
		p.spare = nil
	}
	p.pages[i].n++
	p.pages[i].x[x.id%pageSize] = x
}

func (p *pages) remove(id uint32) {
	for i, x := range p.few[:p.n] {
		if x.id == id {
			p.n--
			p.few[i], p.few[p.n] = p.few[p.n], nil
			return
		}
	}
	i := id/pageSize - p.base
	pg := p.pages[i]
	pg.x[id%pageSize] = nil
	if pg.n--; pg.n > 0 {
		return
	}
	p.pages[i], p.spare = nil, pg
	first := 0
	for first < len(p.pages) && p.pages[first] == nil {
		first++
	}
	if first > len(p.pages)/2 { // so that the table does not grow with the length of the run, and moving it is rare
		n := copy(p.pages, p.pages[first:])
		clear(p.pages[n:])
		p.pages = p.pages[:n]
		p.base += uint32(first)
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
