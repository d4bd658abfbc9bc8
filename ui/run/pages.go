package run

import "sort"

// pages is a list that never moves its elements when it grows: a plain slice would copy a long run
// again and again.
type pages[T any] struct {
	list [][]T
	n    int
}

const page = 512

func (p *pages[T]) len() int { return p.n }

func (p *pages[T]) at(i int) *T { return &p.list[i/page][i%page] }

func (p *pages[T]) last() *T { return p.at(p.n - 1) }

func (p *pages[T]) append(v T) {
	if p.n%page == 0 {
		var fresh []T
		if p.n > 0 {
			fresh = make([]T, 0, page)
		}
		p.list = append(p.list, fresh)
	}
	k := p.n / page
	p.list[k] = append(p.list[k], v)
	p.n++
}

// upTo returns how many of the items, which are ordered by position, are at or before n.
func upTo[T any](items []T, n int, at func(T) int) int {
	if k := len(items); k == 0 || at(items[k-1]) <= n {
		return k
	}
	return sort.Search(len(items), func(i int) bool { return at(items[i]) > n })
}

func position(at int) int { return at }
