package explorer

// A focusStack says which part of the screen has the keys: the last one. Those before it had them
// earlier, and get them back when what was opened over them closes. It is never empty.
type focusStack []part

// top is the part that has the keys.
func (f focusStack) top() part { return f[len(f)-1] }

// to gives the keys to a part that a person went to.
func (f *focusStack) to(p part) {
	if f.top() != p {
		*f = append((*f)[:0], p)
	}
}

// over gives the keys to a part in which something was opened.
func (f *focusStack) over(p part) {
	stack := (*f)[:0]
	for _, q := range *f {
		if q != p {
			stack = append(stack, q)
		}
	}
	*f = append(stack, p)
}

// leave gives the keys back to the part that had them before p: where p was gone to and not opened,
// from the detail part to the timeline that it shows details of.
func (f *focusStack) leave(p part) {
	switch {
	case f.top() != p:
	case len(*f) > 1:
		*f = (*f)[:len(*f)-1]
	case p == detailPart:
		f.to(timelinePart)
	}
}
