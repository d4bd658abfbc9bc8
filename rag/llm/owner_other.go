//go:build !linux

package llm

import "net/netip"

// listener returns no user: only Linux shows who listens on an address.
func listener(netip.AddrPort) (name string, own bool) { return "", false }
