package explorer

import (
	"context"

	"weft/flow/show"
)

// An explorer is the shell with its panes, over the runs of an engine. It is the one tea.Model, and
// the only place that knows all panes.
type explorer struct {
	ctx    context.Context
	engine Engine
	pump   *pump
	shell  *shell
	runs   *runs
	early  []show.Opened // runs that the session announced while a question had none yet

	header       *headerBar
	question     *questionPane
	conversation *conversationPane
	timeline     *timelinePane
	inspector    *inspectorPane
	graph        *graphPane
	form         *formPane

	quitter  *quitter
	why      *explainer
	debugger *debugger
	player   *player
	past     *pastRuns
	again    *again
	talk     *talk
	slash    *slasher
	compare  *comparer
	forking  *forking
}
