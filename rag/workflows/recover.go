package workflows

import (
	"encoding/json"

	"weft/flow"
)

// input returns the input of a failed step if it is of type E. name is the name of that type in the
// journal. After a restart the input is known only as JSON, which is decoded.
func input[E any](f flow.Failure, name string) (in E, ok bool) {
	switch v := f.Input.(type) {
	case E:
		return v, true
	case json.RawMessage:
		return in, f.Type == name && json.Unmarshal(v, &in) == nil
	}
	return in, false
}
