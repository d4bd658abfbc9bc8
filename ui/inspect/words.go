package inspect

import "strings"

// Lines returns the spoken form of each line, for a screen reader, and the line of the cursor.
func (m *Model) Lines() (lines []string, cursor int) {
	return strings.Split(strings.TrimSuffix(m.text(true), "\n"), "\n"), m.cursor
}
