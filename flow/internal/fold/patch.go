package fold

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Value is an entry of the run's state: a Go value V that was set, or JSON Raw if it comes from a
// journal.
type Value struct {
	V   any
	Raw json.RawMessage
}

// JSON returns the value as JSON; an unset one is null.
func (v Value) JSON() (json.RawMessage, error) {
	if v.Raw != nil {
		return v.Raw, nil
	}
	return json.Marshal(v.V)
}

// A Patch is the payload of a StateChanged record. Its JSON is a JSON Patch (RFC 6902) from the
// value before to the value after; it is computed when it is needed. Unlike a merge patch it can
// set a member to null, so that a value that is read back is the one that was set.
type Patch struct {
	key    string
	before Value
	after  any
	raw    json.RawMessage // the patch as JSON, if it was read from a journal; after is then unset
}

// MarshalJSON returns the patch.
func (p *Patch) MarshalJSON() ([]byte, error) {
	if p.raw != nil {
		return p.raw, nil
	}
	before, err := p.before.JSON()
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(p.after)
	if err != nil {
		return nil, err
	}
	return DiffJSON(before, after)
}

// A patchOp is one operation of a patch: add, replace or remove.
type patchOp struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
}

// DiffJSON returns a patch that turns before into after. If replacing the whole value is shorter,
// the patch does that. Both must be valid JSON.
func DiffJSON(before, after json.RawMessage) (json.RawMessage, error) {
	whole := []patchOp{{"replace", "", after}}
	ops := diffAt(nil, "", before, after)
	size := 0
	for _, op := range ops {
		size += len(op.Path) + len(op.Value) + 30
	}
	if ops == nil {
		ops = []patchOp{} // and not null
	} else if size > len(after)+30 {
		ops = whole
	}
	return json.Marshal(ops)
}

// diffAt appends the operations that turn before, the value at a path, into after.
func diffAt(ops []patchOp, path string, before, after json.RawMessage) []patchOp {
	if string(before) == string(after) {
		return ops
	}
	b, a := node{raw: before}, node{raw: after}
	switch kind := a.parse(); {
	case kind == 0 || b.parse() != kind:
		return append(ops, patchOp{"replace", path, after})
	case kind == '[':
		return diffLists(ops, path, b.list, a.list)
	}
	for _, k := range slices.Sorted(maps.Keys(b.members)) {
		if a.members[k] == nil {
			ops = append(ops, patchOp{"remove", path + pointer(k), nil})
		}
	}
	for _, k := range slices.Sorted(maps.Keys(a.members)) {
		if old := b.members[k]; old != nil {
			ops = diffAt(ops, path+pointer(k), old.raw, a.members[k].raw)
		} else {
			ops = append(ops, patchOp{"add", path + pointer(k), a.members[k].raw})
		}
	}
	return ops
}

// diffLists is diffAt for lists: it leaves the elements that both lists begin or end with
// unchanged.
func diffLists(ops []patchOp, path string, b, a []*node) []patchOp {
	same := func(x, y *node) bool { return string(x.raw) == string(y.raw) }
	from := 0
	for from < len(b) && from < len(a) && same(b[from], a[from]) {
		from++
	}
	endB, endA := len(b), len(a)
	for endB > from && endA > from && same(b[endB-1], a[endA-1]) {
		endB--
		endA--
	}
	for ; from < endB && from < endA; from++ {
		ops = diffAt(ops, path+"/"+strconv.Itoa(from), b[from].raw, a[from].raw)
	}
	for i := endB - 1; i >= from; i-- {
		ops = append(ops, patchOp{"remove", path + "/" + strconv.Itoa(i), nil})
	}
	for i := from; i < endA; i++ {
		ops = append(ops, patchOp{"add", path + "/" + strconv.Itoa(i), a[i].raw})
	}
	return ops
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")
var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// pointer returns the part of a JSON Pointer (RFC 6901) that names a member.
func pointer(member string) string { return "/" + escapePointer.Replace(member) }

// ApplyJSON applies a patch to a value; no value is null. It knows the operations add, replace and
// remove. A patch that does not fit the value is an error.
func ApplyJSON(value, patch json.RawMessage) (json.RawMessage, error) {
	var ops []patchOp
	if err := json.Unmarshal(patch, &ops); err != nil {
		return nil, fmt.Errorf("flow: a change of the state is no JSON Patch: %w", err)
	}
	if value == nil {
		value = json.RawMessage("null")
	}
	root := &node{raw: value}
	for _, op := range ops {
		if op.Value == nil && op.Op != "remove" {
			op.Value = json.RawMessage("null")
		}
		if op.Path == "" && op.Op != "remove" {
			root = &node{raw: op.Value}
			continue
		}
		if err := root.apply(op, op.Path); err != nil {
			return nil, fmt.Errorf("flow: a change of the state does not fit: %s %q: %w", op.Op, op.Path, err)
		}
	}
	return root.json()
}

// A node is a JSON value that is parsed as far as a patch needs it.
type node struct {
	raw     json.RawMessage // nil once a part was changed
	members map[string]*node
	list    []*node
}

// parse parses the outermost level, and returns '{' or '[' for an object or a list, otherwise 0.
func (n *node) parse() byte {
	switch {
	case n.members != nil:
		return '{'
	case n.list != nil:
		return '['
	}
	raw := strings.TrimLeft(string(n.raw[:min(len(n.raw), 8)]), " \t\r\n")
	switch {
	case strings.HasPrefix(raw, "{"):
		var m map[string]json.RawMessage
		if json.Unmarshal(n.raw, &m) != nil {
			return 0
		}
		n.members = make(map[string]*node, len(m))
		for k, v := range m {
			n.members[k] = &node{raw: v}
		}
		return '{'
	case strings.HasPrefix(raw, "["):
		var l []json.RawMessage
		if json.Unmarshal(n.raw, &l) != nil {
			return 0
		}
		n.list = make([]*node, len(l))
		for i, v := range l {
			n.list[i] = &node{raw: v}
		}
		return '['
	}
	return 0
}

// apply applies an operation at a path that begins at this node.
func (n *node) apply(op patchOp, path string) error {
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("%q is no path", path)
	}
	name, rest, deeper := strings.Cut(path[1:], "/")
	name = unescapePointer.Replace(name)
	var child *node
	kind := n.parse()
	index := -1
	switch kind {
	case '{':
		child = n.members[name]
	case '[':
		if index = n.index(name, !deeper && op.Op == "add"); index < 0 {
			return fmt.Errorf("the list has no element %q", name)
		}
		if index < len(n.list) {
			child = n.list[index]
		}
	default:
		return fmt.Errorf("there is no object and no list")
	}
	if child == nil && (deeper || op.Op != "add") {
		return fmt.Errorf("there is no %q", name)
	}
	n.raw = nil
	if deeper {
		return child.apply(op, "/"+rest)
	}
	switch op.Op {
	case "add", "replace":
		switch {
		case kind == '{':
			n.members[name] = &node{raw: op.Value}
		case op.Op == "add":
			n.list = slices.Insert(n.list, index, &node{raw: op.Value})
		default:
			n.list[index] = &node{raw: op.Value}
		}
	case "remove":
		if kind == '{' {
			delete(n.members, name)
		} else {
			n.list = slices.Delete(n.list, index, index+1)
		}
	default:
		return fmt.Errorf("the operation is not known")
	}
	return nil
}

// index returns the place in a list that a name means, also the one after the last if a new element
// may go there; -1: there is none.
func (n *node) index(name string, add bool) int {
	last := len(n.list) - 1
	if add {
		last++
	}
	if name == "-" && add {
		return last
	}
	i, err := strconv.Atoi(name)
	if err != nil || i < 0 || i > last || strconv.Itoa(i) != name {
		return -1
	}
	return i
}

// json returns the value as JSON.
func (n *node) json() (json.RawMessage, error) {
	switch {
	case n.raw != nil:
		return n.raw, nil
	case n.members != nil:
		m := make(map[string]json.RawMessage, len(n.members))
		for k, v := range n.members {
			var err error
			if m[k], err = v.json(); err != nil {
				return nil, err
			}
		}
		return json.Marshal(m)
	}
	l := make([]json.RawMessage, len(n.list))
	for i, v := range n.list {
		var err error
		if l[i], err = v.json(); err != nil {
			return nil, err
		}
	}
	return json.Marshal(l)
}
