package llm

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestTheOwnerOfAPortIsSeen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := l.Addr().(*net.TCPAddr).AddrPort()
	if name, own := listener(at); !own {
		t.Errorf("this test listens on %s, but the listener found is %q", at, name)
	}
	file := filepath.Join(t.TempDir(), "tcp")
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	for _, c := range []struct {
		lines string
		want  []int
	}{
		{"   0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 1\n", []int{998}},
		{"   0: 00000000:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 1\n", []int{998}},
		{"   0: 00000000000000000000000000000000:2CAA 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   7        0 1\n", []int{7}},
		{"   0: 00000000:2CAA 00000000:0000 0A 0:0 0:0 0   998 0 1\n   1: 0100007F:2CAA 00000000:0000 0A 0:0 0:0 0   1000 0 1\n", []int{1000}},
		{"   0: 0100007F:2CAA 0100007F:9999 01 0:0 0:0 0   998 0 1\n", nil}, // a connection
		{"   0: 0100007F:2CAB 00000000:0000 0A 0:0 0:0 0   998 0 1\n", nil}, // another port
		{"garbage 0100007F\n", nil},
	} {
		if err := os.WriteFile(file, []byte(head+c.lines), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := listeners(netip.MustParseAddrPort("127.0.0.1:11434"), file, file+".missing"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.lines, got, c.want)
		}
	}
}
