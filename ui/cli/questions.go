package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

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

// readState returns the content of a file that weft keeps, or nil if there is none.
func readState(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // HOME may be a file
		return nil, nil
	}
	return data, err
}

// read returns the questions. The error says which of them cannot be read; the others are returned
// with it.
func (q *questionFile) read() ([]string, error) {
	data, err := readState(q.file)
	if err != nil {
		return nil, fmt.Errorf("earlier questions cannot be read: %w", err)
	}
	out, damaged := questionsOf(questionLines(data))
	q.mu.Lock()
	q.known = slices.Clone(out)
	q.mu.Unlock()
	if damaged > 0 {
		return out, fmt.Errorf("%d of %d lines of %s hold no question: they are left out, and stay in the file",
			damaged, damaged+len(out), q.file)
	}
	return out, nil
}

// A questionLine is a line of the file with its question, which is empty if the line is damaged.
type questionLine struct {
	raw      []byte // without the newline
	question string
}

// questionLines returns the lines of a file, except those that are blank or an empty string.
func questionLines(data []byte) (lines []questionLine) {
	for raw := range bytes.Lines(data) {
		line := questionLine{raw: bytes.TrimSuffix(raw, []byte("\n"))}
		if text := bytes.TrimSpace(raw); len(text) == 0 || string(text) == `""` {
			continue
		}
		if json.Unmarshal(raw, &line.question) != nil {
			line.question = ""
		}
		lines = append(lines, line)
	}
	return lines
}

// questionsOf returns the questions of lines, and how many lines are damaged.
func questionsOf(lines []questionLine) (questions []string, damaged int) {
	for _, line := range lines {
		if line.question == "" {
			damaged++
		} else {
			questions = append(questions, line.question)
		}
	}
	return questions, damaged
}

// add stores questions after those in the file, which other processes may have added to. A question
// is not stored if it is the last one already. Of the questions the last maxHistory are kept, and
// damaged lines are kept where they are: a person may be able to mend them.
func (q *questionFile) add(questions ...string) error {
	err := statefile.Update(q.file, func(old []byte) ([]byte, error) {
		lines := questionLines(old)
		known, _ := questionsOf(lines)
		last := ""
		if n := len(known); n > 0 {
			last = known[n-1]
		}
		excess := len(known) - maxHistory
		for _, text := range questions {
			if text == "" || text == last {
				continue
			}
			raw, err := json.Marshal(text)
			if err != nil {
				return nil, err
			}
			lines = append(lines, questionLine{raw, text})
			last = text
			excess++
		}
		var b bytes.Buffer
		for _, line := range lines {
			if line.question != "" && excess > 0 {
				excess--
				continue
			}
			b.Write(line.raw)
			b.WriteByte('\n')
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
