package flow

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"weft/flow/internal/fold"
)

// A core is a workflow without its type parameters: the fold's Workflow, and the fields that only
// the runtime needs.
type core struct {
	*fold.Workflow
	log     *slog.Logger  // nil: slog.Default()
	verbose bool          // log a line for every record
	slots   chan struct{} // one for each run that may be under way; nil without a limit
	checked atomic.Bool   // Check found no mistake
	kept    sync.Map      // keptType by the reflect.Type of values in the state
	shown   sync.Map      // *writableType by the reflect.Type of what readers are shown
	memory  sync.Pool     // for records of runs that nothing reads; see fold.Log.Pool
}

// resolving is held while a workflow is resolved, because that also resolves its sub-workflows,
// which other workflows may share.
var resolving sync.Mutex

func (c *core) resolve() {
	resolving.Lock()
	defer resolving.Unlock()
	c.Resolve()
}

func (c *core) check() error {
	c.resolve()
	return c.Workflow.Check()
}

// checkOnce is check, which it skips once that has found no mistake.
func (c *core) checkOnce() error {
	if !c.checked.Load() {
		if err := c.check(); err != nil {
			return err
		}
		c.checked.Store(true)
	}
	return nil
}
