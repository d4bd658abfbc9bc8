package llm

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// listener returns the name of the user who listens on an address of this machine. own reports
// whether that is the current user or root, who can read the current user's files anyway. name is
// "" if no listening socket is found.
func listener(at netip.AddrPort) (name string, own bool) {
	uids := listeners(at, "/proc/net/tcp", "/proc/net/tcp6")
	if len(uids) == 0 {
		return "", false
	}
	for _, uid := range uids {
		if uid == 0 || uid == os.Getuid() {
			continue
		}
		name = strconv.Itoa(uid)
		if u, err := user.LookupId(name); err == nil {
			name = u.Username
		}
		return name, false
	}
	return "", true
}

// listeners returns the users of the sockets that may accept a connection to an address, from files
// such as /proc/net/tcp: those that listen on the address itself, or else on all addresses.
func listeners(at netip.AddrPort, files ...string) []int {
	var exact, all []int
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			const listen = "0A"
			if len(fields) < 8 || fields[3] != listen {
				continue
			}
			local, ok := socketAddress(fields[1])
			uid, err := strconv.Atoi(fields[7])
			if !ok || err != nil || local.Port() != at.Port() {
				continue
			}
			switch {
			case local.Addr().Unmap() == at.Addr().Unmap():
				exact = append(exact, uid)
			case local.Addr().IsUnspecified():
				all = append(all, uid)
			}
		}
		f.Close()
	}
	if len(exact) > 0 {
		all = exact
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// socketAddress parses an address such as 0100007F:2CAA: words of 32 bits in the machine's byte
// order, and the port.
func socketAddress(s string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(s, ":")
	raw, err := hex.DecodeString(host)
	p, err2 := strconv.ParseUint(port, 16, 16)
	if err != nil || err2 != nil {
		return netip.AddrPort{}, false
	}
	for word := range slices.Chunk(raw, 4) {
		if len(word) < 4 {
			return netip.AddrPort{}, false
		}
		binary.NativeEndian.PutUint32(word, binary.BigEndian.Uint32(word))
	}
	addr, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr, uint16(p)), ok
}
