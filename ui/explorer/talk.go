package explorer

import tea "charm.land/bubbletea/v2"

// A talk is a conversation: questions that may refer to those before them.
type talk struct {
	shell  *shell
	runs   *runs
	engine Engine
	fresh  bool // the next question is the first one of a new talk
}

// none returns why no new talk can begin, or "".
func (t *talk) none() string {
	switch _, can := t.engine.(TalkStarter); {
	case !can:
		return "questions do not refer to each other here"
	case t.fresh || t.runs.last() == nil:
		return "this talk has no questions yet"
	}
	return ""
}

// begin begins a new talk. What was said before stays on the screen.
func (t *talk) begin() tea.Cmd {
	t.fresh = true
	t.engine.(TalkStarter).NewTalk()
	return tea.Batch(t.shell.toLine(), t.shell.say("a new talk: the next question does not refer to those above", false))
}

// asked returns whether a question is the first of a new talk, when it is asked.
func (t *talk) asked() (first bool) {
	first, t.fresh = t.fresh, false
	return first
}
