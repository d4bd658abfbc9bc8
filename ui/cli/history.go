package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// maxHistory is how many questions are kept for the next start.
const maxHistory = 500

// A history keeps the questions that were asked, one a line as JSON, oldest first.
type history struct{ file string }

func newHistory(st *settings) history { return history{filepath.Join(stateDir(st), "questions")} }

// stateDir is where weft keeps what a person decided and did.
func stateDir(st *settings) string {
	if dir := st.State.value; dir != "" {
		return dir
	}
	return filepath.Join(xdg.StateHome, "weft")
}

// read returns the questions; none where there is no such file or it is not one of ours.
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

// write keeps the last questions. Nothing is written if there are none.
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
