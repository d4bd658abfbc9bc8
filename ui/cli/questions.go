package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/adrg/xdg"

	"weft/rag/statefile"
)

// maxHistory limits the questions that are kept for the next start.
const maxHistory = 500

// A questionFile stores the questions of all sessions, one JSON string per line, oldest first. Each
// question is stored when it is asked, so that neither a crash nor a full disk costs the others.
// Several processes may add to one file.
type questionFile struct {
	file string

	mu    sync.Mutex
	known []string // read, or added by this process
}

func newQuestionFile(st *settings) *questionFile {
	return &questionFile{file: filepath.Join(stateDir(st), "questions")}
}

// stateDir returns the directory of the person's decisions and history.
func stateDir(st *settings) string {
	if dir := st.State.value; dir != "" {
		if abs, err := filepath.Abs(dir); err == nil {
			return abs
		}
		return dir
	}
	return ownDir("XDG_STATE_HOME", xdg.StateHome, statePlace)
}

// read returns the questions, or none if there is no valid file.
func (q *questionFile) read() []string {
	data, err := os.ReadFile(q.file)
	if err != nil {
		return nil
	}
	out := decodeQuestions(data)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known = slices.Clone(out)
	return out
}

// decodeQuestions returns the questions of a file. Lines that hold none are left out.
func decodeQuestions(data []byte) []string {
	var out []string
	for line := range bytes.Lines(data) {
		var text string
		if json.Unmarshal(line, &text) == nil && text != "" {
			out = append(out, text)
		}
	}
	return out
}

// add stores questions after those in the file, which other processes may have added to. A question
// is not stored if it is the last one already.
func (q *questionFile) add(questions ...string) error {
	err := statefile.Update(q.file, func(old []byte) ([]byte, error) {
		all := decodeQuestions(old)
		for _, text := range questions {
			if n := len(all); text != "" && (n == 0 || all[n-1] != text) {
				all = append(all, text)
			}
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		for _, text := range all[max(0, len(all)-maxHistory):] {
			if err := enc.Encode(text); err != nil {
				return nil, err
			}
		}
		return b.Bytes(), nil
	})
	if err == nil {
		q.mu.Lock()
		q.known = append(q.known, questions...)
		q.mu.Unlock()
	}
	return err
}

// addRest stores those of the given questions that are not stored yet: drafts that were never asked,
// and what could not be stored before.
func (q *questionFile) addRest(questions []string) error {
	q.mu.Lock()
	rest := slices.DeleteFunc(slices.Clone(questions), func(text string) bool { return slices.Contains(q.known, text) })
	q.mu.Unlock()
	if len(rest) == 0 {
		return nil
	}
	return q.add(rest...)
}
