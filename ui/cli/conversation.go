package cli

import (
	"cmp"
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
	"weft/rag/statefile"
)

// keptTurns limits the turns of a conversation that are kept.
const keptTurns = 8

// A conversation is the list of questions and answers that a follow-up question may refer to.
type conversation struct {
	mu    sync.Mutex
	talk  string          // the identifier of its first run
	turns []rephrase.Turn // oldest first
	// origin is the program whose agent asks; "": a person does. It is set before the first run.
	origin string
	// running holds the runs that may not have ended yet, in start order.
	running []*flow.Run[show.Answer]
}

// savedConversation is the content of the file of a conversation.
type savedConversation struct {
	Talk  string          `json:"talk"`
	Turns []rephrase.Turn `json:"turns"`
}

// begun notes a run of the conversation.
func (c *conversation) begun(run string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.talk = cmp.Or(c.talk, run)
}

// talkID returns the identifier of the first run; "": there is none yet.
func (c *conversation) talkID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.talk
}

// history returns the turns that have been answered by now.
func (c *conversation) history() []rephrase.Turn {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = slices.DeleteFunc(c.running, func(run *flow.Run[show.Answer]) bool {
		select {
		case <-run.Done():
		default:
			return false
		}
		// does not block: the run has ended
		if a, err := run.Wait(context.Background()); err == nil {
			c.turn(a)
		}
		return true
	})
	return slices.Clone(c.turns)
}

// before returns the turns that a question may refer to. A question that is asked again, for
// example to compare two workflows, is not a follow-up to its own answers: its turns at the end are
// left out.
func (c *conversation) before(question string) []rephrase.Turn {
	turns := c.history()
	for n := len(turns); n > 0 && turns[n-1].Question == question; n-- {
		turns = turns[:n-1]
	}
	return turns
}

// follow adds a run's answer to the conversation once the run has ended.
func (c *conversation) follow(run *flow.Run[show.Answer]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = append(c.running, run)
}

// restart forgets all turns. The answers of runs that have not ended yet belong to the conversation
// before.
func (c *conversation) restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.talk, c.turns, c.running = "", nil, nil
}

// resume replaces the conversation by a talk with these answers, the oldest first.
func (c *conversation) resume(talk string, answers []show.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.talk, c.turns, c.running = talk, nil, nil
	for _, a := range answers {
		c.turn(a)
	}
}

// add appends an answer and its standalone question.
func (c *conversation) add(a show.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(a)
}

// turn appends an answer. A revised answer is one to the question before it, so that a follow-up
// refers to that question.
func (c *conversation) turn(a show.Answer) {
	next := rephrase.Turn{Question: a.Question, Answer: a.Text, Sources: a.Sources}
	if n := len(c.turns); n > 0 {
		if rephrase.AboutAnswer(a.Question) {
			next.Question = c.turns[n-1].Question
		}
		c.turns[n-1].Sources = nil
	}
	c.turns = append(c.turns, next)
	c.turns = c.turns[max(0, len(c.turns)-keptTurns):]
}

// conversationFile returns the path of the last conversation about the directories, for ask
// --continue.
func conversationFile(st *settings, dirs []string) (string, error) {
	index, err := indexDir(st, dirs)
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(filepath.Dir(index)), "conversations", filepath.Base(index)+".json"), nil
}

// load continues the conversation in a file. If there is no file, the conversation is empty.
func (c *conversation) load(file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var saved savedConversation
	if err == nil {
		err = json.Unmarshal(data, &saved)
	}
	if err != nil {
		return fmt.Errorf("the conversation so far cannot be read, ask without --continue: %w", err)
	}
	c.talk, c.turns = saved.Talk, saved.Turns
	return nil
}

// save stores the conversation, readable only by this user.
func (c *conversation) save(file string) error {
	data, err := json.Marshal(savedConversation{Turns: c.history(), Talk: c.talkID()})
	if err != nil {
		return err
	}
	return statefile.Write(file, data)
}
