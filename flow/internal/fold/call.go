package fold

// A callStatus is how far a call is. Snapshots store its number: new ones are added at the end.
type callStatus uint8

const (
	callOpen    callStatus = iota // under way, or cut off
	callDone                      // its result is recorded
	callFailed                    // it returned an error
	callDoubted                   // it was cut off: whether it took effect is not known
)

// A call is an effect on the outside that an execution makes, over all its attempts.
type call struct {
	id     uint32
	Call       // its name and identifier
	n      int // which one of those with its key, from 0
	doubts int // how often it was cut off
	status callStatus
	result any // a json.RawMessage if it was read
}

func (c *call) applyFinished(result any) { c.status, c.result = callDone, result }

func (c *call) applyFailed() { c.status = callFailed }

func (c *call) applyDoubted() {
	c.status = callDoubted
	c.doubts++
}

func (c *call) snapshot() snapCall {
	return snapCall{ID: c.id, Key: c.Key, Name: c.Call.ID, Doubts: c.doubts, Status: c.status, Result: box{c.result}}
}
