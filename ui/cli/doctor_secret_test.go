package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestDoctorShowsNoSecretOfAnAddress(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"http://user:sekret@127.0.0.1:1/v1", "http://127.0.0.1:1/v1?api_key=sekret", "http://127.0.0.1:1/v1#sekret", "user:sekret@127.0.0.1"} {
		for _, variable := range []string{"OPENAI_BASE_URL", "OLLAMA_HOST", "WEFT_ALLOW"} {
			st, err := loadSettings(&pflag.FlagSet{}, func(name string) string {
				switch name {
				case variable:
					return address
				case "WEFT_CONFIG":
					return empty
				}
				return ""
			})
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			showSettings(&b, st)
			if !strings.Contains(b.String(), "127.0.0.1") || strings.Contains(b.String(), "sekret") {
				t.Errorf("%s=%s is shown as\n%s", variable, address, b.String())
			}
		}
	}
}
