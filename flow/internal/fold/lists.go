package fold

import "slices"

// remove removes an element from a list. If it is the first, as in most cases, the others are not
// moved.
func remove[T comparable](all *[]T, one T) {
	i := slices.Index(*all, one)
	if i == 0 && len(*all) > 1 {
		var none T
		(*all)[0], *all = none, (*all)[1:]
	} else if i >= 0 {
		*all = slices.Delete(*all, i, i+1)
	}
}
