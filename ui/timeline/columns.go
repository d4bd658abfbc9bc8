package timeline

// A stretch is a horizontal range of cells of the panel.
type stretch struct{ x, w int }

// The columns of a panel hold the name of a row, its bar over time, and how long it took.
type columns struct{ name, time, number stretch }

// columnsOf divides a width into status marks, name, time and number; the last column is left to
// the scrollbar.
func columnsOf(w int) (c columns) {
	name, number := 17, 6
	switch {
	case w >= 150:
		name, number = 30, 7
	case w >= 90:
		name, number = 24, 7
	}
	c.name = stretch{3, name}
	c.number = stretch{w - 1 - number, number}
	c.time.x = c.name.x + name + 1
	c.time.w = max(1, c.number.x-1-c.time.x)
	return c
}

// labels reports whether events show their names in a panel of a width.
func labels(w int) bool { return w >= 90 }
