package explorer

// A focusStack lists parts of the screen; the last one has the focus. Those before it had it
// earlier, and get it back when what was opened over them closes. It is never empty.
type focusStack []part

// top returns the part that has the focus.
func (f focusStack) top() part { return f[len(f)-1] }

// to moves the focus to a part that the person chose.
func (f *focusStack) to(p part) {
	if f.top() != p {
		*f = append((*f)[:0], p)
	}
}

// over gives the focus to a part in which something was opened.
func (f *focusStack) over(p part) {
	stack := (*f)[:0]
	for _, q := range *f {
		if q != p {
			stack = append(stack, q)
		}
	}
	*f = append(stack, p)
}

// leave returns the focus to the part that had it before p. If the person moved to p without
// opening it, the focus goes from the detail part to the timeline.
func (f *focusStack) leave(p part) {
	switch {
	case f.top() != p:
	case len(*f) > 1:
		*f = (*f)[:len(*f)-1]
	case p == detailPart:
		f.to(timelinePart)
	}
}
