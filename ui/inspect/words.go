package inspect

import "strings"

// Lines returns what a screen reader says of each line, and the line that has the cursor.
func (m *Model) Lines() (lines []string, cursor int) {
	return strings.Split(strings.TrimSuffix(m.text(true), "\n"), "\n"), m.cursor
}
