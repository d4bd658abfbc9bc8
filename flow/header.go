package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"
)

// header returns the header of the run's journal.
func (r *run) header(parent *Parent) Header {
	shape := r.c.Shape()
	sum := sha256.Sum256(shape)
	return Header{
		Run: r.id, Workflow: r.c.Name, Hash: hex.EncodeToString(sum[:8]), Shape: shape,
		Program: Program(), Created: time.Now().UTC(), Parent: parent, Labels: r.labels,
	}
}

// Program returns the name and version of this program, as journals name it.
var Program = sync.OnceValue(func() string {
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
