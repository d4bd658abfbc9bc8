package fold

import "math/bits"

func (l *execList) push(exec *Execution) {
	exec.next = nil
	if l.head == nil {
		l.head = exec
	} else {
		l.tail.next = exec
	}
	l.tail = exec
}

func (l *execList) pop() { l.head = l.head.next }

// first returns the execution at the front; nil: there is none.
func (l *execList) first() *Execution {
	for l.head != nil && l.head.status == statusDone {
		l.pop()
	}
	return l.head
}

// next returns the execution that gets the next free worker; nil: none waits.
func (ws *workerSet) next() *Execution {
	if exec := ws.front.first(); exec != nil {
		return exec
	}
	return ws.waiting.first()
}

// smallestFree returns the number of the smallest free worker, from 1.
func (ws *workerSet) smallestFree() uint16 {
	if i := bits.TrailingZeros64(^ws.busy); i < 64 {
		return uint16(i + 1)
	}
	for w := range ws.busyRest {
		if i := bits.TrailingZeros64(^ws.busyRest[w]); i < 64 {
			return uint16(64*(w+1) + i + 1)
		}
	}
	return uint16(64*(len(ws.busyRest)+1) + 1)
}

func (ws *workerSet) occupy(worker uint16) {
	ws.occupied++
	if worker <= 64 {
		ws.busy |= 1 << (worker - 1)
		return
	}
	w := int(worker-1)/64 - 1
	for len(ws.busyRest) <= w {
		ws.busyRest = append(ws.busyRest, 0)
	}
	ws.busyRest[w] |= 1 << ((worker - 1) % 64)
}

func (ws *workerSet) release(worker uint16) {
	ws.occupied--
	if worker <= 64 {
		ws.busy &^= 1 << (worker - 1)
		return
	}
	ws.busyRest[(worker-1)/64-1] &^= 1 << ((worker - 1) % 64)
}

func (ws *workerSet) isBusy(worker uint16) bool {
	if worker <= 64 {
		return ws.busy&(1<<(worker-1)) != 0
	}
	w := int(worker-1)/64 - 1
	return w < len(ws.busyRest) && ws.busyRest[w]&(1<<((worker-1)%64)) != 0
}

// vacate frees an execution's worker for the next execution that waits.
func (x *Execution) vacate() {
	st := x.State
	ws := &st.workers[x.Step.Index]
	ws.release(x.worker)
	x.worker = 0
	if ws.front.head != nil || ws.waiting.head != nil {
		st.mayStart(x.Step)
	}
}

// mayStart notes that an execution which waits for a worker of the step may get one.
func (st *State) mayStart(step *Step) {
	if ws := &st.workers[step.Index]; !ws.listed && ws.next() != nil {
		ws.listed = true
		st.ownPending().freed = append(st.freed, step)
	}
}
