package cli

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// readerRuns asks Windows whether a screen reader has registered (SPI_GETSCREENREADER), as NVDA,
// JAWS and Narrator do.
func readerRuns(func(string) string) bool {
	const getScreenReader = 0x46
	var on int32
	ok, _, _ := windows.NewLazySystemDLL("user32.dll").NewProc("SystemParametersInfoW").
		Call(getScreenReader, 0, uintptr(unsafe.Pointer(&on)), 0)
	return ok != 0 && on != 0
}
