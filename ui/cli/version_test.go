package cli

import (
	"runtime/debug"
	"testing"
)

func TestTheVersionNamesCommitAndDate(t *testing.T) {
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	date := debug.BuildSetting{Key: "vcs.time", Value: "2026-11-29T18:58:00Z"}
	modified := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	clean := debug.BuildSetting{Key: "vcs.modified", Value: "false"}
	for _, test := range []struct {
		version  string
		settings []debug.BuildSetting
		want     string
	}{
		{"v1.2.0", []debug.BuildSetting{commit, date, clean}, "v1.2.0 (commit 0123456789ab, 2026-11-29), go1.26.0"},
		{"(devel)", []debug.BuildSetting{commit, date, modified}, "built from source (commit 0123456789ab, 2026-11-29, modified), go1.26.0"},
		{"v0.0.0-20261129185800-0123456789ab", []debug.BuildSetting{commit, date}, "built from source (commit 0123456789ab, 2026-11-29), go1.26.0"},
		{"", nil, "built from source, go1.26.0"},
		{"v1.2.0", nil, "v1.2.0, go1.26.0"},
	} {
		info := &debug.BuildInfo{GoVersion: "go1.26.0", Settings: test.settings}
		info.Main.Version = test.version
		if got := describe(info); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
