package queue

import "testing"

func TestElementsComeOutInTheOrderInWhichTheyWentIn(t *testing.T) {
	var q FIFO[int]
	next, first := 0, 0
	for round := range 1000 {
		for range round % 7 {
			q.Push(next)
			next++
		}
		for range min(round%5, len(q.All())) {
			if q.First() != first {
				t.Fatalf("%d comes out instead of %d", q.First(), first)
			}
			q.Pop()
			first++
		}
	}
	if len(q.All()) != next-first || q.Empty() != (next == first) {
		t.Errorf("%d wait, and %d should", len(q.All()), next-first)
	}
}

// A loop pushes and pops one element each round: the queue must not grow with the rounds.
func TestAQueueThatIsNeverEmptyDoesNotGrow(t *testing.T) {
	var q FIFO[*int]
	q.Push(nil)
	for range 100_000 {
		q.Push(new(int))
		q.Pop()
	}
	if n := cap(q.all); n > 16 {
		t.Errorf("it has room for %d", n)
	}
}
