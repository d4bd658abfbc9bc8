package load

import (
	"encoding/base64"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// passwordNames and keyNames end the names of settings that hold secrets, in lower case and without
// blanks, dashes and underscores. Passwords may be words, keys are drawn at random.
var (
	passwordNames = []string{"password", "passwd", "passwort", "kennwort", "motdepasse", "contraseña", "wachtwoord", "passphrase", "pwd", "dbpass", "userpass", "mysqlpass"}
	keyNames      = []string{"secret", "token", "apikey", "accesskey", "secretkey", "privatekey", "authkey", "accountkey",
		"sharedaccesskey", "encryptionkey", "signingkey", "masterkey", "secretkeybase", "clientsecret", "accesskeyid",
		"secretaccesskey", "credential", "credentials", "servicekey", "apisecret", "webhookkey", "licensekey"}
	// harmlessNames end names of values that grant nothing.
	harmlessNames = []string{"pagetoken", "nexttoken", "continuationtoken", "synctoken", "eostoken", "bostoken", "padtoken", "unktoken", "masktoken"}
)

// longestValue limits the length of a setting's value that is looked at, in bytes.
const longestValue = 512

// findAssigned returns the values of settings whose names say that they are secret, as in
// "password = hunter2", "API_KEY: …", "Admin password: …" and the columns of tables.
func findAssigned(name, kind, text string) []found {
	quotedOnly := kind == "source" && !isSettings(name)
	var list []found
	for i := 0; i < len(text); i++ {
		sep := text[i]
		if sep != '=' && sep != ':' && sep != '|' {
			continue
		}
		class := classOfName(nameBefore(text, i))
		if class == "" {
			continue
		}
		from, to, quoted, whole := valueAfter(text, i)
		v := text[from:to]
		ok := false
		switch {
		case v == "" || quotedOnly && !quoted:
		case !quoted && looksLikeCode(v):
		case class == "password" && (quoted || whole && sep != '|'):
			ok = isPassword(v)
		case class == "password":
			ok = isStrongPassword(v)
		default:
			ok = isRandom(v)
		}
		if ok {
			list = append(list, found{from, to, class})
			i = to - 1
		}
	}
	return list
}

// isSettings reports whether a file that counts as source code assigns values without quotes.
func isSettings(name string) bool {
	base := strings.ToLower(path.Base(name))
	return slices.Contains([]string{"ini", "cfg", "conf", "properties", "sh", "bash", "zsh", "fish", "bat", "cmd", "ps1"},
		strings.TrimPrefix(path.Ext(base), ".")) || base == "dockerfile" || base == "makefile" || base == "containerfile"
}

// nameBefore returns the name that stands before the separator at i, in lower case and without
// blanks, dashes and underscores. It is empty if there is none.
func nameBefore(text string, i int) string {
	const longest = 48
	end := i
	for end > 0 && strings.IndexByte(" \t\"'`*]:", text[end-1]) >= 0 && i-end < 6 {
		end--
	}
	begin := end
	for begin > 0 && end-begin < longest && (isWordByte(text[begin-1]) || text[begin-1] >= utf8.RuneSelf || strings.IndexByte("-. ", text[begin-1]) >= 0) {
		begin--
	}
	if begin == end {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, text[begin:end])
}

// classOfName returns "password" or "secret" for a name of a secret setting, else "".
func classOfName(name string) string {
	ends := func(list []string) bool {
		return slices.ContainsFunc(list, func(end string) bool { return strings.HasSuffix(name, end) })
	}
	switch {
	case name == "" || ends(harmlessNames):
		return ""
	case ends(passwordNames):
		return "password"
	case ends(keyNames):
		return "secret"
	}
	return ""
}

// valueAfter returns the value after the separator at i: a quoted text, or the word up to a blank,
// a semicolon, a comma or a column. Whole reports whether nothing but the value follows the
// separator, up to the end of the line or of the cell.
func valueAfter(text string, i int) (from, to int, quoted, whole bool) {
	// Longer values are not passwords and are not examined, because a text may repeat the name
	// endlessly.
	text = text[:min(len(text), i+longestValue)]
	for i++; i < len(text) && strings.IndexByte(" \t=>:*", text[i]) >= 0; i++ {
	}
	if i < len(text) && strings.IndexByte("\"'`", text[i]) >= 0 {
		for to = i + 1; to < len(text) && text[to] != '\n' && text[to] != text[i]; to++ {
		}
		if to < len(text) && text[to] == text[i] {
			return i + 1, to, true, true
		}
		return i, i, false, false
	}
	for to = i; to < len(text) && strings.IndexByte(" \t\n;,|", text[to]) < 0; to++ {
	}
	if to-i > longestValue-16 {
		return i, i, false, false
	}
	rest := strings.TrimLeft(text[to:min(len(text), to+8)], " \t")
	whole = rest == "" && to+8 >= len(text) || rest != "" && strings.IndexByte("\n;,|#", rest[0]) >= 0
	for to > i && strings.IndexByte(".)]}\"'`*", text[to-1]) >= 0 {
		to--
	}
	return i, to, false, whole
}

// looksLikeCode reports whether a value without quotes is an expression: a call, a member, an index.
func looksLikeCode(v string) bool {
	if strings.ContainsAny(v, "([{<>") || strings.Contains(v, "->") || strings.Contains(v, "::") {
		return true
	}
	parts := strings.Split(v, ".")
	return len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !isVariable(p) })
}

// notPasswords are words that follow "password:" and are none.
var notPasswords = strings.Fields(`string text varchar char bytes bool boolean int integer number object any null nil none true false undefined
	required optional mandatory missing invalid wrong incorrect empty unset hidden masked encrypted hashed plain plaintext default
	disabled enabled unknown expired forgotten weak strong valid must should cannot never always prompt input field value
	secret token user username login admin root guest postgres pass test tests testing demo file stdin environment keyring vault
	bcrypt scram-sha-256 scram md5 sha256 sha1 argon2 pbkdf2 trust peer basic digest bearer confirm verify change reset
	forgot same public private protected readonly nullable notnull self this yes click enter type choose show hide here`)

// isPassword reports whether a value may be a password, given that its name says so.
func isPassword(v string) bool {
	if isStrongPassword(v) {
		return true
	}
	return len(v) >= 6 && len(v) <= 128 && !strings.ContainsAny(v, " \t/") && !isPlaceholder(v) && !isWordOfList(v)
}

// isStrongPassword reports whether a value looks like a password rather than a word: letters with
// digits or signs, or six and more digits.
func isStrongPassword(v string) bool {
	if len(v) < 6 || len(v) > 256 || strings.ContainsAny(v, " \t") || isPlaceholder(v) || isWordOfList(v) ||
		strings.Contains(v, "://") || strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "~/") {
		return false
	}
	letters, digits, signs := 0, 0, 0
	for _, r := range v {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		case !strings.ContainsRune("-_.:/()", r):
			signs++
		}
	}
	return digits > 0 && (letters > 0 || signs > 0 || digits == len(v)) || signs > 0 && letters > 0
}

func isWordOfList(v string) bool {
	return slices.Contains(notPasswords, strings.ToLower(strings.Trim(v, ".:!?")))
}

// isRandom reports whether a value looks drawn at random: long, of many different signs, with
// digits, and not made of words.
func isRandom(v string) bool {
	if len(v) < 12 || len(v) > 4096 || strings.ContainsAny(v, " \t(){}<>") || isPlaceholder(v) ||
		!strings.ContainsAny(v, "0123456789") || strings.Contains(v, "://") || strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") {
		return false
	}
	words := 0 // letters in parts that consist of letters only
	for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == '/' || r == ':' }) {
		if strings.IndexFunc(part, func(r rune) bool { return !unicode.IsLetter(r) }) < 0 && len(part) < 16 {
			words += len(part)
		}
	}
	return words*2 < len(v) && entropy(v) >= 2.8
}

func notPlaceholder(v string) bool { return !isPlaceholder(v) && entropy(v) >= 2.6 }

// hasKeyText reports whether a key block holds a key, and not only dots or words that say where the
// key goes.
func hasKeyText(block string) bool {
	for line := range strings.Lines(block) {
		if s := strings.TrimSpace(line); len(s) >= 24 && !strings.Contains(s, "----") && entropy(s) > 3 && !strings.Contains(s, " ") {
			return true
		}
	}
	return false
}

// isUserAndPassword judges "user:password" in an address. Documentation shows addresses with the
// user's name or a word such as "pass" as the password.
func isUserAndPassword(v string) bool {
	user, password, _ := strings.Cut(v, ":")
	return user != password && len(password) >= 4 && !isPlaceholder(password) && !isWordOfList(password)
}

// isEncodedPassword reports whether a text is "user:password" in Base64.
func isEncodedPassword(v string) bool {
	raw, err := base64.StdEncoding.DecodeString(v)
	if err != nil {
		raw, err = base64.RawStdEncoding.DecodeString(v)
	}
	return err == nil && utf8.Valid(raw) && strings.Contains(string(raw), ":") && isUserAndPassword(string(raw))
}
