package llm

import (
	"fmt"
	"log/slog"
	"strings"
)

// A Key is an API key that does not print: formatted, logged or encoded in any way it shows as "sk-…abcd". Its zero value is no key.
type Key struct {
	// A function, because fmt shows the unexported string of a value that it reaches through another unexported field, whatever the
	// type's methods say. A function has nothing to show.
	reveal func() string
}

// NewKey wraps a key. Spaces around it, which a file or a shell leaves behind, are not part of it.
func NewKey(s string) Key {
	s = strings.TrimSpace(s)
	if s == "" {
		return Key{}
	}
	return Key{func() string { return s }}
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.reveal == nil }

// String shows enough of the key to recognise it: its first and last characters if it is long enough to spare them.
func (k Key) String() string {
	s := k.value()
	switch {
	case s == "":
		return ""
	case len(s) < 20:
		return "…"
	case strings.HasPrefix(s, "sk-"):
		return "sk-…" + s[len(s)-4:]
	}
	return "…" + s[len(s)-4:]
}

// Format shows the key as String does, for every verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue shows the key as String does.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText writes what String shows: a key leaves the program in a request only.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a key, from a configuration file for instance.
func (k *Key) UnmarshalText(b []byte) error {
	*k = NewKey(string(b))
	return nil
}

func (k Key) value() string {
	if k.reveal == nil {
		return ""
	}
	return k.reveal()
}

// redact takes the key out of a text that came from elsewhere.
func (k Key) redact(s string) string {
	if v := k.value(); v != "" {
		return strings.ReplaceAll(s, v, k.String())
	}
	return s
}
