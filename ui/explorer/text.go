package explorer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"weft/ui/canvas"
)

// host returns the host of an address, with its port.
func host(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		rest = url
	}
	rest, _, _ = strings.Cut(rest, "/")
	return rest
}

// count formats a number with commas: 18,230.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%s %ss", count(n), what)
}

// were formats a count with its noun and verb: "1 file is", "3 files are".
func were(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return fmt.Sprintf("%d %ss are", n, what)
}

// brief shortens a text from outside to one line of at most 600 cells.
func brief(s string) string { return canvas.Truncate(s, 600) }

// indent formats JSON with indentation.
func indent(js json.RawMessage) string {
	var v any
	if json.Unmarshal(js, &v) != nil {
		return string(js)
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return string(js)
	}
	return string(b)
}

// remaining formats an estimated time in whole seconds, which is as exact as the estimate.
func remaining(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%ds", max(int(d.Round(time.Second).Seconds()), 1))
	}
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}

// dots joins two texts with a dot between them; a may be empty.
func dots(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}
