package keys

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// modifiers are held with a key, and are written in this order.
var modifiers = []string{"ctrl", "alt", "shift", "meta", "hyper", "super"}

// named matches the keys that do not type a character.
var named = regexp.MustCompile(`^(enter|tab|backspace|esc|space|up|down|left|right|begin|find|insert|delete|select|pgup|pgdown|home|end|f([1-9]|[1-5]\d|6[0-3]))$`)

// IsKey reports whether name is a key that a terminal can send: a character or the name of a key,
// after any modifiers.
func IsKey(name string) bool {
	rest, held := name, false
	for _, m := range modifiers {
		if after, ok := strings.CutPrefix(rest, m+"+"); ok {
			rest, held = after, true
		}
	}
	if named.MatchString(rest) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(rest)
	if len(rest) != utf8.RuneLen(r) || !unicode.IsGraphic(r) || unicode.IsSpace(r) {
		return false
	}
	// Terminals send shift and a letter as the capital letter, and no capital with another
	// modifier.
	return !held || !unicode.IsUpper(r) && name != "shift+"+rest
}
