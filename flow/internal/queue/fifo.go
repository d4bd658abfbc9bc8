// Package queue has the queue that both the state machine of a run and its worker pool use.
package queue

// A FIFO is a first-in, first-out queue for elements that are popped soon after they are pushed. A
// push writes one element, and a pop writes none, which keeps the garbage collector's write
// barriers off the hot path. The zero value is empty.
type FIFO[T any] struct {
	all  []T
	head int
}

// Push appends an element.
func (q *FIFO[T]) Push(v T) {
	switch n := len(q.all); {
	case q.head == n:
		q.all, q.head = q.all[:0], 0
	case n == cap(q.all) && q.head > n/2: // reuse the room of popped elements instead of growing
		n = copy(q.all, q.all[q.head:])
		clear(q.all[n:])
		q.all, q.head = q.all[:n], 0
	}
	q.all = append(q.all, v)
}

// Pop drops the first element; there must be one.
func (q *FIFO[T]) Pop() { q.head++ }

// First returns the first element; there must be one.
func (q *FIFO[T]) First() T { return q.all[q.head] }

// Empty reports whether no element waits.
func (q *FIFO[T]) Empty() bool { return q.head == len(q.all) }

// All returns the elements, the first one first. They are valid until the next Push.
func (q *FIFO[T]) All() []T { return q.all[q.head:] }
