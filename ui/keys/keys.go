// Package keys defines which key calls which command, and where.
//
// A Binding ties keys to the stable name of a command within a Scope. The explorer looks keys up in
// the scopes that are active (Map.Find). Footer, palette and help are made from the same Map, so
// they always show the real keys. Remap changes the keys of commands as the user's settings ask.
package keys

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// A Scope is a part of the screen in which a binding is active.
type Scope uint8

// The scopes. A key is looked up in the focused part first and then in Anywhere.
const (
	Anywhere     Scope = iota
	Line               // the question line
	Timeline           // the timeline
	Conversation       // the answers
	Inspector          // the details, and what is opened in their place: a source, a graph
	scopes             // the number of scopes
)

// names holds the names of the scopes in the help.
var names = [scopes]string{
	Anywhere: "Anywhere", Line: "Question", Timeline: "Timeline", Conversation: "Conversation",
	Inspector: "Inspector",
}

// String returns the name of the scope for the help.
func (s Scope) String() string { return names[s] }

// Scopes returns all scopes in the order of the help: Anywhere last.
func Scopes() (all []Scope) {
	for s := Anywhere + 1; s < scopes; s++ {
		all = append(all, s)
	}
	return append(all, Anywhere)
}

// A Binding is a command and the keys that call it in one scope. Several bindings may call the same
// command.
type Binding struct {
	Command string   // stable, such as "zoom.fit"
	Scope   Scope    // where the keys are active
	Keys    []string // in Bubble Tea's notation: "ctrl+p", "shift+left", "?"
	Short   string   // for the footer; "": not shown there
	Long    string   // description for help and palette
}

// A Map is a set of bindings.
type Map struct {
	list []Binding
	keys map[at]int
}

type at struct {
	scope Scope
	key   string
}

// New makes a Map. It panics if one key has two meanings in one scope, which is a programming
// error.
func New(list []Binding) Map {
	m, err := build(list)
	if err != nil {
		panic("keys: " + err.Error())
	}
	return m
}

func build(list []Binding) (Map, error) {
	m := Map{list: list, keys: map[at]int{}}
	for i, b := range list {
		for _, k := range b.Keys {
			if j, taken := m.keys[at{b.Scope, k}]; taken {
				return Map{}, fmt.Errorf("%s is bound to both %s and %s in %s",
					Label(k), list[j].Command, b.Command, b.Scope)
			}
			m.keys[at{b.Scope, k}] = i
		}
	}
	return m, nil
}

// Remap returns a Map in which the named commands have other keys, in every scope in which they
// have any. An empty list of keys removes them. An unknown command, a key that is taken and a name
// that is not a key are errors.
func (m Map) Remap(to map[string][]string) (Map, error) {
	list := slices.Clone(m.list)
	for command, ks := range to {
		for _, k := range ks {
			if !IsKey(k) {
				return Map{}, fmt.Errorf("keys: %q for %s is no key: "+
					"keys are written as x, X, f5, enter, ctrl+p or shift+left", k, command)
			}
		}
		found := false
		for i := range list {
			if list[i].Command == command {
				list[i].Keys, found = ks, true
			}
		}
		if !found {
			return Map{}, fmt.Errorf("keys: there is no command %q; help (?) lists them", command)
		}
	}
	out, err := build(list)
	if err != nil {
		return Map{}, fmt.Errorf("keys: %w", err)
	}
	return out, nil
}

// Find returns the binding of key in the first of the scopes that has one.
func (m Map) Find(key string, scopes ...Scope) (Binding, bool) {
	for _, s := range scopes {
		if i, ok := m.keys[at{s, key}]; ok {
			return m.list[i], true
		}
	}
	return Binding{}, false
}

// All returns every binding in the order of the list.
func (m Map) All() []Binding { return m.list }

// In returns the bindings of the scopes that have keys, in the order of the scopes and of the list.
func (m Map) In(scopes ...Scope) []Binding {
	var out []Binding
	for _, s := range scopes {
		for _, b := range m.list {
			if b.Scope == s && len(b.Keys) > 0 {
				out = append(out, b)
			}
		}
	}
	return out
}

// Label returns the keys of the binding as shown on the screen: "↑ k". It shows at most two.
func (b Binding) Label() string {
	var out []string
	for _, k := range b.Keys {
		if len(out) < 2 {
			out = append(out, Label(k))
		}
	}
	return strings.Join(out, " ")
}

// Key returns the first key of the binding as shown on the screen, or "".
func (b Binding) Key() string {
	if len(b.Keys) == 0 {
		return ""
	}
	return Label(b.Keys[0])
}

// symbols replaces the names of keys that have a well-known symbol of one cell.
var symbols = symbolsOn(runtime.GOOS)

// symbolsOn returns the symbols on the keyboards of an operating system: only Apple's have a key
// labelled ⌥.
func symbolsOn(goos string) *strings.Replacer {
	alt := "alt+"
	if goos == "darwin" {
		alt = "⌥"
	}
	return strings.NewReplacer("shift+tab", "⇧tab", "ctrl+", "^", "shift+", "⇧", "alt+", alt, "enter", "↵",
		"pgup", "PgUp", "pgdown", "PgDn", "left", "←", "right", "→", "up", "↑", "down", "↓")
}

// Label returns one key as shown on the screen: "ctrl+p" is "^p".
func Label(key string) string { return symbols.Replace(key) }
