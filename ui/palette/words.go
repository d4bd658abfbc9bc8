package palette

// Selected returns the item that is selected, and which of how many matches it is; rows is 0 if nothing matches.
func (p *Palette) Selected() (it Item, row, rows int) {
	if len(p.matches) == 0 {
		return Item{}, 0, 0
	}
	return p.items[p.matches[p.sel].Index], p.sel + 1, len(p.matches)
}

// Note is why the last choice was not taken, or "".
func (p *Palette) Note() string { return p.note }
