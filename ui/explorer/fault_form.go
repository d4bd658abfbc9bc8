package explorer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"weft/ui/canvas"
	"weft/ui/form"
)

// faultSchema is the JSON schema of the form for a fault: some that are often wanted, and fields for
// others.
const faultSchema = `{"type":"object","properties":{
	"choice":{"title":"fault","oneOf":[
		{"const":"","title":"none"},{"const":"error=1","title":"fails"},{"const":"error=0.5","title":"half fail"},
		{"const":"delay=2s","title":"2s late"},{"const":"hang=1","title":"never ends"}]},
	"error":{"type":"number","title":"or fails","description":"share of the attempts, 0 to 1","minimum":0,"maximum":1},
	"delay":{"type":"string","title":"or is late by","description":"such as 300ms or 2s"},
	"hang":{"type":"number","title":"or never ends","description":"share of the attempts, 0 to 1","minimum":0,"maximum":1}}}`

// faultChoices are the faults that the form offers to choose from.
var faultChoices = map[string]bool{"": true, "error=1": true, "error=0.5": true, "delay=2s": true, "hang=1": true}

// newFaultForm returns the form for the fault of a step; was is the fault that is set, or "".
func newFaultForm(step, was string) *form.Form {
	given := map[string]any{}
	if faultChoices[was] {
		given["choice"] = was
	} else {
		for part := range strings.SplitSeq(was, ",") {
			key, value, _ := strings.Cut(part, "=")
			if n, err := strconv.ParseFloat(value, 64); err == nil {
				given[key] = n
			} else {
				given[key] = value
			}
		}
	}
	preset, _ := json.Marshal(given) // cannot fail: the values are strings and numbers
	about := "Makes " + canvas.Line(step) + " go wrong on purpose, in each attempt that begins from now on, in this run and all that follow, " +
		"until you choose none or quit. Fields that you fill in take the place of the choice."
	return form.New("fault of "+canvas.Line(step), about, json.RawMessage(faultSchema), preset)
}

// chosenFault returns the fault in a reply of the form, as the engine takes it; "" for none. Fields
// count only if they are not as the form showed them; was is the fault that was set.
func chosenFault(reply json.RawMessage, was string) (string, error) {
	var r struct {
		Choice      *string
		Error, Hang float64
		Delay       string
	}
	if err := json.Unmarshal(reply, &r); err != nil {
		return "", err
	}
	var parts []string
	if r.Error > 0 {
		parts = append(parts, fmt.Sprintf("error=%v", r.Error))
	}
	if d := strings.TrimSpace(r.Delay); d != "" {
		parts = append(parts, "delay="+d)
	}
	if r.Hang > 0 {
		parts = append(parts, fmt.Sprintf("hang=%v", r.Hang))
	}
	fields := strings.Join(parts, ",")
	shown := was
	if faultChoices[was] {
		shown = ""
	}
	if r.Choice != nil && sameFault(fields, shown) {
		return *r.Choice, nil
	}
	return fields, nil
}

// sameFault reports whether two faults are equal, in whatever order their parts are.
func sameFault(a, b string) bool {
	in := func(s string) map[string]bool {
		parts := map[string]bool{}
		for part := range strings.SplitSeq(s, ",") {
			parts[part] = true
		}
		return parts
	}
	x, y := in(a), in(b)
	for part := range x {
		if !y[part] {
			return false
		}
	}
	return len(x) == len(y)
}
