package cli

import (
	"runtime/debug"
	"strings"
)

// version describes the build: its version, commit, the commit's date and the Go release, as far as
// the build information has them.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown build"
	}
	return describe(info)
}

// describe formats build information as "v1.2.0 (commit 0123456789ab, 2026-11-29), go1.26.0". A
// commit with uncommitted changes on top is marked "modified"; a build without version control
// information has no parentheses.
func describe(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	v := info.Main.Version
	// a pseudo-version repeats the commit
	if v == "" || v == "(devel)" || strings.HasPrefix(v, "v0.0.0-") {
		v = "built from source"
	}
	var source []string
	if commit := settings["vcs.revision"]; commit != "" {
		source = append(source, "commit "+commit[:min(12, len(commit))])
	}
	if date, _, ok := strings.Cut(settings["vcs.time"], "T"); ok {
		source = append(source, date)
	}
	if settings["vcs.modified"] == "true" {
		source = append(source, "modified")
	}
	if len(source) > 0 {
		v += " (" + strings.Join(source, ", ") + ")"
	}
	return v + ", " + info.GoVersion
}
