// Package program names the program that writes a journal.
package program

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
)

// Name returns the name and version of this program, such as "weft v1.2.3".
var Name = sync.OnceValue(func() string {
	name, version := filepath.Base(os.Args[0]), ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && (version == "" || version == "(devel)") {
				version = s.Value[:min(12, len(s.Value))]
			}
		}
	}
	if version == "" {
		return name
	}
	return name + " " + version
})
