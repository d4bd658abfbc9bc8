package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"weft/flow"
	"weft/rag/answer"
	"weft/rag/rephrase"
)

// keptTurns is how many turns of a conversation are remembered.
const keptTurns = 8

// A conversation is what was asked and answered, so that a follow-up can be understood.
type conversation struct {
	mu    sync.Mutex
	turns []rephrase.Turn // oldest first
}

// so returns the conversation so far.
func (c *conversation) so() []rephrase.Turn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.turns)
}

// add remembers an answer and its question, as it was understood.
func (c *conversation) add(a answer.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns = append(c.turns, rephrase.Turn{Question: a.Question, Answer: a.Text})
	c.turns = c.turns[max(0, len(c.turns)-keptTurns):]
}

// remember adds a run's answer to the session's conversation when there is one.
func (s *session) remember(run *flow.Run[answer.Answer]) {
	s.wg.Go(func() {
		if a, err := run.Wait(s.ctx); err == nil {
			s.talk.add(a)
		}
	})
}

// talkFile is where the last conversation about the directories is kept for ask --continue.
func talkFile(st *settings, dirs []string) (string, error) {
	index, err := indexDir(st, dirs)
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(filepath.Dir(index)), "conversations", filepath.Base(index)+".json"), nil
}

// load goes on with the conversation in a file. Nothing was asked yet where there is none.
func (c *conversation) load(file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, &c.turns)
	}
	if err != nil {
		return fmt.Errorf("the conversation so far cannot be read, ask without --continue: %w", err)
	}
	return nil
}

// save keeps the conversation, for this user only.
func (c *conversation) save(file string) error {
	data, err := json.Marshal(c.so())
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(file), "part-*") // 0600
	if err != nil {
		return err
	}
	_, err = part.Write(data)
	err = errors.Join(err, part.Close())
	if err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		os.Remove(part.Name())
	}
	return err
}
