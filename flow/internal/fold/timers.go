package fold

import "math"

// Later returns the instant that is d nanoseconds after another, or the last one that there is.
func Later(at, d int64) int64 {
	if d > math.MaxInt64-at {
		return math.MaxInt64
	}
	return at + d
}

// first returns the timer that is due next; nil: there is none.
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
