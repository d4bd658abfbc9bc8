// Package appearance reports whether the desktop that a terminal belongs to is dark, for terminals
// that do not report it themselves.
package appearance

// Dark reports whether windows of this desktop are dark. known is false where the system has no such
// setting, and in a remote session, whose terminal belongs to another desktop. It may take some
// milliseconds.
func Dark(getenv func(string) string) (dark, known bool) { return local(getenv, setting) }

// local returns a setting of this desktop, if the terminal belongs to it.
func local(getenv func(string) string, setting func(getenv func(string) string) (dark, known bool)) (dark, known bool) {
	for _, remote := range []string{"SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION"} {
		if getenv(remote) != "" {
			return false, false
		}
	}
	return setting(getenv)
}
