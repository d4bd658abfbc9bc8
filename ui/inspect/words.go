package inspect

import "strings"

// Lines returns what the inspector says, line by line, and the line that has the cursor.
func (m *Model) Lines() (lines []string, cursor int) {
	return strings.Split(strings.TrimSuffix(m.Text(), "\n"), "\n"), m.cursor
}
