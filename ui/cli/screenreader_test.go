package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestScreenReaderDetectionAndSetting(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		want bool
	}{
		"nobody said anything":         {},
		"the flag, and a directory":    {args: []string{"--screen-reader", "on", "docs"}, want: true},
		"the flag with a value":        {args: []string{"--screen-reader=off"}, env: map[string]string{"ACCESSIBLE": "1"}},
		"the environment":              {env: map[string]string{"WEFT_SCREEN_READER": "on"}, want: true},
		"what other programs heed":     {env: map[string]string{"ACCESSIBLE": "1"}, want: true},
		"what other programs heed, no": {env: map[string]string{"ACCESSIBLE": "false"}},
	} {
		t.Run(name, func(t *testing.T) {
			flags := pflag.NewFlagSet("", pflag.ContinueOnError)
			addFlags(flags, func(o *options) []anyOption { return []anyOption{&o.ScreenReader} })
			if err := flags.Parse(c.args); err != nil {
				t.Fatal(err)
			}
			if slices.Contains(flags.Args(), "on") {
				t.Error("the value is taken for a directory")
			}
			st, err := loadSettings(flags, func(k string) string { return c.env[k] })
			if err != nil {
				t.Fatal(err)
			}
			if got, err := st.screenReader(); got != c.want || err != nil {
				t.Errorf("%v %v, want %v", got, err, c.want)
			}
		})
	}
	st, err := loadSettings(pflag.NewFlagSet("", pflag.ContinueOnError), func(k string) string {
		return map[string]string{"WEFT_SCREEN_READER": "perhaps"}[k]
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.screenReader(); err == nil || !strings.Contains(err.Error(), "WEFT_SCREEN_READER") {
		t.Errorf("%v", err)
	}
}
