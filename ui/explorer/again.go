package explorer

import (
	tea "charm.land/bubbletea/v2"

	"weft/ui/conversation"
	"weft/ui/run"
)

// An again asks the selected question once more: unchanged, in other words, without the model, or of
// another workflow.
type again struct {
	shell    *shell
	runs     *runs
	question *questionPane
	engine   Engine
	begin    func(workflow, question string, ask func(workflow, question string) (Run, error)) tea.Cmd
}

// askOffline asks the question of a failed run again, without the model.
func (a *again) askOffline() tea.Cmd {
	t := a.runs.shown
	return a.begin(t.workflow, t.title, a.engine.(OfflineAsker).AskOffline)
}

// failed reports whether the selected question has failed.
func (a *again) failed() bool {
	t := a.runs.shown
	return t != nil && t.exchange != nil && (t.failed != nil || t.view(-1).Status() == run.Broken)
}

// askAgain asks the selected question again, of the same workflow.
func (a *again) askAgain() tea.Cmd {
	t := a.runs.shown
	return a.begin(t.workflow, t.title, a.engine.Ask)
}

// offer offers, once all documents are indexed, to ask the last question again, if its answer is
// incomplete: it may come from a part of the documents only.
func (a *again) offer() tea.Cmd {
	if t := a.runs.last(); t == nil || !t.incomplete() {
		return nil
	}
	return a.shell.say("all documents are indexed now: "+a.shell.keyOf("ask.again")+" asks again", false)
}

// noAgain returns why the selected question cannot be asked again, or "".
func (a *again) noAgain() string {
	switch t := a.runs.shown; {
	case t == nil || t.exchange == nil:
		return "there is no question to ask again"
	case !t.over():
		return "the question is still being answered"
	}
	return ""
}

// againLabel names the command in the footer where the selected question has no complete answer.
func (a *again) againLabel() string {
	if t := a.runs.shown; t != nil && t.exchange != nil && (t.exchange.State == conversation.Failed || t.exchange.Warned) {
		return "ask again"
	}
	return ""
}

// askTyped asks the selected question again, exactly as typed.
func (a *again) askTyped() tea.Cmd {
	t := a.runs.shown
	return a.begin(t.workflow, t.title, a.engine.(TypedAsker).AskTyped)
}

// reworded reports whether the selected question was understood differently from how it was typed.
func (a *again) reworded() bool {
	_, can := a.engine.(TypedAsker)
	t := a.runs.shown
	return can && t != nil && t.exchange != nil && t.exchange.Meant != ""
}

// noTyped returns why there is nothing to ask as typed, or "".
func (a *again) noTyped() string {
	if !a.reworded() {
		return "the question was understood as it was typed"
	}
	return ""
}

// askSuggested asks the selected question of the workflow that its answer suggests.
func (a *again) askSuggested() tea.Cmd {
	t := a.runs.shown
	return a.begin(t.exchange.Suggest, t.title, a.engine.Ask)
}

// suggests reports whether the answer to the selected question suggests another workflow.
func (a *again) suggests() bool {
	t := a.runs.shown
	return t != nil && t.exchange != nil && len(a.runs.graphOf(t.exchange.Suggest).Steps) > 0
}

func (a *again) suggestedLabel() string {
	if !a.suggests() {
		return ""
	}
	return "ask " + a.runs.shown.exchange.Suggest
}

// noSuggested returns why there is no other workflow to ask, or "".
func (a *again) noSuggested() string {
	if !a.suggests() {
		return "no other workflow would answer more completely"
	}
	return ""
}

// noOffline returns why the question cannot be asked again without the model, or "".
func (a *again) noOffline() string {
	switch _, can := a.engine.(OfflineAsker); {
	case !a.failed():
		return "no question has failed"
	case !can || a.runs.session.provider.Offline:
		return "there is no model to leave out"
	}
	return ""
}

// edit puts the selected question into the question line.
func (a *again) edit() tea.Cmd {
	a.question.line.SetValue(a.runs.shown.title)
	return a.shell.toLine()
}

// noEdit returns why there is no question to edit, or "".
func (a *again) noEdit() string {
	if t := a.runs.shown; t == nil || t.exchange == nil {
		return "there is no question to edit"
	}
	return ""
}
