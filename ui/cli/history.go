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

// A history stores the questions of earlier sessions, one JSON string per line, oldest first.
type history struct{ file string }

func newHistory(st *settings) history { return history{filepath.Join(stateDir(st), "questions")} }

// stateDir returns the directory of the person's decisions and history.
func stateDir(st *settings) string {
	if dir := st.State.value; dir != "" {
		return dir
	}
	return filepath.Join(xdg.StateHome, "weft")
}

// read returns the questions, or none if there is no valid file.
func (h history) read() []string {
	data, err := os.ReadFile(h.file)
	if err != nil {
		return nil
	}
	var out []string
	for line := range bytes.Lines(data) {
		var q string
		if json.Unmarshal(line, &q) == nil {
			out = append(out, q)
		}
	}
	return out
}

// write stores the last questions. It does nothing if there are none.
func (h history) write(questions []string) error {
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
	if err := os.MkdirAll(filepath.Dir(h.file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(h.file, b.Bytes(), 0o600)
}
