package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/export"
	"weft/ui/palette"
)

// export asks for the format in which the shown run is written to a file.
func (o *pastRuns) export() tea.Cmd { return o.exportOf(o.m.runs.shown.run.ID()) }

// noExport returns why the shown run cannot be exported, or "".
func (o *pastRuns) noExport() string {
	if why := o.no(); why != "" {
		return why
	}
	if t := o.m.runs.shown; t == nil || t.exchange == nil || t.run == nil {
		return "no question is shown"
	}
	return ""
}

// exportOf asks for the format in which a kept run is written to a file, and says where it is.
func (o *pastRuns) exportOf(id string) tea.Cmd {
	var items []palette.Item
	for _, f := range export.Formats {
		items = append(items, palette.Item{ID: string(f), Title: string(f), Detail: f.About()})
	}
	h := o.m.engine.(Historian)
	return o.m.shell.list(palette.New("export", "write the run to a file in which format?", items), func(format string) tea.Cmd {
		return func() tea.Msg {
			path, err := h.Export(id, export.Format(format))
			if err != nil {
				return noteMsg{err.Error(), true}
			}
			return noteMsg{"exported to " + o.m.shell.opt.home(path), false}
		}
	})
}
