package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"weft/flow"
	"weft/flow/show"
	"weft/rag/rephrase"
)

// keptTurns is how many turns of a conversation are remembered.
const keptTurns = 8

// A conversation is what was asked and answered, so that a follow-up can be understood.
type conversation struct {
	mu    sync.Mutex
	turns []rephrase.Turn          // oldest first
	under []*flow.Run[show.Answer] // runs that may not have ended yet, in the order in which they were started
}

// so returns the conversation so far: what has been answered at this moment.
func (c *conversation) so() []rephrase.Turn {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under = slices.DeleteFunc(c.under, func(run *flow.Run[show.Answer]) bool {
		select {
		case <-run.Done():
		default:
			return false
		}
		if a, err := run.Wait(context.Background()); err == nil { // it has ended: nothing is waited for
			c.turn(a)
		}
		return true
	})
	return slices.Clone(c.turns)
}

// follow adds a run's answer to the conversation when there is one.
func (c *conversation) follow(run *flow.Run[show.Answer]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under = append(c.under, run)
}

// add remembers an answer and its question, as it was understood.
func (c *conversation) add(a show.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(a)
}

func (c *conversation) turn(a show.Answer) {
	c.turns = append(c.turns, rephrase.Turn{Question: a.Question, Answer: a.Text})
	c.turns = c.turns[max(0, len(c.turns)-keptTurns):]
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
