//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package cli

// guardTerminal does nothing: a console of Windows takes its mode back when a program ends.
func guardTerminal(string) (done func()) { return func() {} }

func serveGuard() {}
