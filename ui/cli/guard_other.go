//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package cli

import "github.com/charmbracelet/x/term"

// guardTerminal does nothing: a console of Windows takes its mode back when a program ends.
func guardTerminal(string) (done func()) { return func() {} }

func serveGuard() {}

// sameButOutput reports whether two modes of the terminal are the same.
func sameButOutput(a, b *term.State) bool { return *a == *b }
