package journal

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// socketPattern matches the names of the sockets in the folder.
const socketPattern = "p*.sock"

// maxSocketPath is the longest path of a socket, in bytes, that all systems allow.
const maxSocketPath = 100

// listenIn listens to a new socket in a folder, and returns the name of its file.
func listenIn(folder string) (net.Listener, string, error) {
	f, err := os.CreateTemp(folder, fmt.Sprintf("p%d-%s", os.Getpid(), strings.TrimPrefix(socketPattern, "p")))
	if err != nil {
		return nil, "", err
	}
	name := filepath.Base(f.Name())
	f.Close()
	os.Remove(f.Name()) // the name is free again, and no other process uses it
	var listener net.Listener
	err = withShortPath(folder, name, func(path string) (err error) {
		listener, err = net.Listen("unix", path)
		return err
	})
	return listener, name, err
}

// dialIn connects to a socket in a folder.
func dialIn(ctx context.Context, folder, name string) (conn net.Conn, err error) {
	err = withShortPath(folder, name, func(path string) error {
		var dialer net.Dialer
		conn, err = dialer.DialContext(ctx, "unix", path)
		return err
	})
	return conn, err
}

// withShortPath calls f with a path of a file in a folder. If the path is too long for a socket, it
// leads through a symbolic link that exists during the call.
func withShortPath(folder, name string, f func(path string) error) error {
	path := filepath.Join(folder, name)
	if len(path) <= maxSocketPath {
		return f(path)
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	place, err := os.MkdirTemp("", "weft") // for the owner only
	if err != nil {
		return err
	}
	defer os.RemoveAll(place)
	link := filepath.Join(place, "d")
	if err := os.Symlink(folder, link); err != nil {
		return err
	}
	return f(filepath.Join(link, name))
}
