package llm

import (
	"fmt"
	"log/slog"
	"strings"
)

// A Key is an API key that is safe to print: formatted, logged or encoded in any way it shows as
// "sk-…abcd". The zero value means no key.
type Key struct {
	// reveal is a function because fmt prints a string inside nested unexported fields regardless
	// of the methods of its type. A function is printed as an address.
	reveal func() string
}

// NewKey returns a key. Surrounding spaces, which files and shells leave behind, are removed.
func NewKey(s string) Key {
	s = strings.TrimSpace(s)
	if s == "" {
		return Key{}
	}
	return Key{func() string { return s }}
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.reveal == nil }

// String returns enough of the key to recognise it: its first and last characters if it is long
// enough.
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

// Format prints the key as String does, for every verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue returns the key as String does.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns the key as String does, so a key leaves the program only in requests.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText sets the key from text, such as a value of the config file.
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

// redact replaces the key in foreign text.
func (k Key) redact(s string) string {
	if v := k.value(); v != "" {
		return strings.ReplaceAll(s, v, k.String())
	}
	return s
}
