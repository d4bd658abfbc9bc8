package appearance

import (
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// The background of a console window is a number in bits 4 to 7 of its attributes.
const (
	lightGrey = 7
	white     = 15
)

// setting returns the background of the console window or, in Windows Terminal, which gives programs
// a console that is always black, the mode of apps that is chosen in the settings of Windows.
func setting(getenv func(string) string) (dark, known bool) {
	if getenv("WT_SESSION") != "" {
		return appMode()
	}
	var info windows.ConsoleScreenBufferInfo
	if windows.GetConsoleScreenBufferInfo(windows.Stdout, &info) != nil {
		return false, false
	}
	background := info.Attributes >> 4 & 15
	return background != lightGrey && background != white, true
}

func appMode() (dark, known bool) {
	k, err := registry.OpenKey(registry.CURRENT_USER, `Software\Microsoft\Windows\CurrentVersion\Themes\Personalize`, registry.QUERY_VALUE)
	if err != nil {
		return false, false
	}
	light, _, err := k.GetIntegerValue("AppsUseLightTheme")
	if k.Close() != nil || err != nil {
		return false, false
	}
	return light == 0, true
}
