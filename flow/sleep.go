package flow

import (
	"time"

	"weft/flow/internal/fold"
)

// noReply is the type of the reply to a sleep.
const noReply = -1

// Sleep waits for d. Unlike [time.Sleep] it is part of the run: the execution has no worker
// meanwhile, the clock of its timeout is stopped, and what it has sent before is delivered. The
// instant at which it ends is recorded and does not move: it passes also while no process owns the
// run, and after a restart or a retry, when the step is called again from the top, a Sleep that is
// over returns at once. The key names the sleep within the execution, as that of an [Await] does.
//
// The error says why the attempt ended before. In a test with a context of package flowtest, Sleep
// returns at once.
func Sleep(c *Context, key string, d time.Duration) error {
	return c.sleep(key, func(now int64) int64 { return fold.Later(now, int64(max(d, 0))) })
}

// Until is [Sleep] until an instant. One that has passed is over at once.
func Until(c *Context, key string, at time.Time) error {
	return c.sleep(key, func(int64) int64 { return at.UnixNano() })
}

func (c *Context) sleep(key string, dueAt func(now int64) int64) error {
	if c.test() != nil {
		return nil
	}
	_, err := c.park(noReply, Prompt{Key: key}, dueAt)
	return err
}
