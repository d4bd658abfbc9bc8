package flow

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"weft/flow/internal/fold"
)

// A Config says how a workflow is run. Its zero value works: no time limit, no limit of runs,
// errors to slog.Default.
type Config struct {
	Description string        // one line, for pickers and graphs
	Timeout     time.Duration // how long a run may take; 0: for ever. See R31 and R37
	Limit       int           // how many runs may be under way at once; 0: any. Others wait for their turn
	Logger      *slog.Logger  // where to log; nil: slog.Default()
	Verbose     bool          // log a line for every record
}

// A core is a workflow without its type parameters: what the fold knows of it, and what only the
// runtime needs.
type core struct {
	*fold.Workflow
	cfg     Config
	checked atomic.Bool   // Check has found nothing
	slots   chan struct{} // one for each run that may be under way; nil without a limit
}

func newCore(name string, in, out reflect.Type, cfg Config) *core {
	c := &core{Workflow: fold.NewWorkflow(name, in, out), cfg: cfg}
	c.Description, c.Timeout, c.Deadline = cfg.Description, cfg.Timeout, context.DeadlineExceeded
	if cfg.Limit > 0 {
		c.slots = make(chan struct{}, cfg.Limit)
	}
	return c
}

// resolving is held while a workflow is resolved, because that also resolves those within it, which
// may be within others.
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

// checkOnce is check, remembered.
func (c *core) checkOnce() error {
	if !c.checked.Load() {
		if err := c.check(); err != nil {
			return err
		}
		c.checked.Store(true)
	}
	return nil
}
