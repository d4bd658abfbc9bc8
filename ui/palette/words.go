package palette

// Selected returns the selected item, its number among the matches and the number of matches; rows
// is 0 if there is no match.
func (p *Palette) Selected() (it Item, row, rows int) {
	if len(p.matches) == 0 {
		return Item{}, 0, 0
	}
	return p.items[p.matches[p.sel].Index], p.sel + 1, len(p.matches)
}

// Note returns why the last choice was rejected, or "".
func (p *Palette) Note() string { return p.note }
