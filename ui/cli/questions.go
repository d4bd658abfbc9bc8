package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// maxHistory limits the questions that are kept for the next start.
const maxHistory = 500

// A questionFile stores the questions of earlier sessions, one JSON string per line, oldest first.
type questionFile struct{ file string }

func newQuestionFile(st *settings) questionFile {
	return questionFile{filepath.Join(stateDir(st), "questions")}
}

// stateDir returns the directory of the person's decisions and history.
func stateDir(st *settings) string {
	if dir := st.State.value; dir != "" {
		return dir
	}
	return filepath.Join(xdg.StateHome, "weft")
}

// read returns the questions, or none if there is no valid file.
func (q questionFile) read() []string {
	data, err := os.ReadFile(q.file)
	if err != nil {
		return nil
	}
	var out []string
	for line := range bytes.Lines(data) {
		var text string
		if json.Unmarshal(line, &text) == nil {
			out = append(out, text)
		}
	}
	return out
}

// write stores the last questions. It does nothing if there are none.
func (q questionFile) write(questions []string) error {
	if len(questions) == 0 {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, q := range questions[max(0, len(questions)-maxHistory):] {
		if err := enc.Encode(q); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(q.file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(q.file, b.Bytes(), 0o600)
}
