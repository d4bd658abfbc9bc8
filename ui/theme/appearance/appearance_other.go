//go:build !darwin && !windows

package appearance

// setting returns no setting: desktops differ, and terminals on these systems answer or set
// COLORFGBG.
func setting(func(string) string) (dark, known bool) { return false, false }
