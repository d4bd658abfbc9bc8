package appearance

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"
)

// patience is how long the system's program may take.
const patience = 2 * time.Second

// setting reads the appearance that is chosen in the settings of macOS. In the light one the value is
// missing, and the program fails.
func setting(func(string) string) (dark, known bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/bin/defaults", "read", "-g", "AppleInterfaceStyle").Output()
	var missing *exec.ExitError
	if err != nil && (ctx.Err() != nil || !errors.As(err, &missing)) {
		return false, false
	}
	return strings.EqualFold(strings.TrimSpace(string(out)), "dark"), true
}
