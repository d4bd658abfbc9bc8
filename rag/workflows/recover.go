package workflows

import (
	"encoding/json"

	"weft/flow"
)

// input returns what a step that failed was called with, if that is an E of this name. After a restart it is known as JSON only.
func input[E any](f flow.Failure, name string) (in E, ok bool) {
	switch v := f.Input.(type) {
	case E:
		return v, true
	case json.RawMessage:
		return in, f.Type == name && json.Unmarshal(v, &in) == nil
	}
	return in, false
}
