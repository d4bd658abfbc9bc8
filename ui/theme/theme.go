// Package theme defines how weft looks: one style for each meaning, never a colour for its own
// sake.
//
// The root model asks the terminal whether it is dark and picks a Theme by name; every panel draws
// with the styles of the Theme that it is given. Ordinary text has the terminal's own colour, and
// no theme paints a background except that of the selection: the screen stays readable if the guess
// about the terminal is wrong. Shape carries the meaning and colour only supports it, so the screen
// can be read under NO_COLOR too.
package theme

import (
	"fmt"
	"image/color"
	"strings"

	"weft/ui/canvas"
)

// Style is a canvas style.
type Style = canvas.Style

// A Theme has one style for each meaning.
type Theme struct {
	Name string // "dark", "light", "dark-cb", "light-cb" or "mono"
	Dark bool   // meant for a dark terminal

	// Text, from loud to quiet.
	Strong Style // the subject of a line
	Text   Style // ordinary text: the terminal's own colour
	Muted  Style // labels, units, secondary text
	Faint  Style // rulers, anything not started or no longer important

	Accent  Style // the program itself: its mark, the keys in the footer
	Heading Style // headings of panels and groups
	Link    Style // links, paths
	Code    Style // code, JSON keys

	Border        Style // around a panel
	BorderFocused Style // around the focused panel

	Selection Style // over the selected row: the only background
	Match     Style // matches of a filter or search in a text

	// States. They differ in shape; colour only helps.
	Running   Style // █ at work
	Done      Style // ✓
	Failed    Style // ✗ ▚
	Waiting   Style // ? ▒ waits for a person
	Queued    Style // ╌ waits for a worker, or for the index
	Backoff   Style // ┈ waits to try again
	Cancelled Style // ⊘
	Idle      Style // · not started

	Event    Style // ◆
	Tokens   Style // ▂▅▇
	Parent   Style // ━ the run, a sub-workflow
	Now      Style // ▼ the present, the scrub cursor
	Critical Style // the critical path
	Cause    Style // the causes of the selection
	Effect   Style // the effects of the selection

	Citation Style // [1]
	Info     Style // notices
	Warn     Style
	Error    Style
	Added    Style // in a diff
	Removed  Style
}

// Names lists the names that Named accepts, in the order in which they are offered.
func Names() []string { return []string{"auto", "dark", "light", "dark-cb", "light-cb", "mono"} }

// Named returns the theme with a name. "auto" or "" selects the dark or the light theme according
// to dark, and "cb" its colour-blind variant. An unknown name is an error that lists the names.
func Named(name string, dark bool) (Theme, error) {
	if name == "auto" || name == "" {
		name = "light"
		if dark {
			name = "dark"
		}
	}
	if name == "cb" {
		name = "light-cb"
		if dark {
			name = "dark-cb"
		}
	}
	switch name {
	case "dark":
		return build(name, true, darkColours), nil
	case "light":
		return build(name, false, lightColours), nil
	case "dark-cb":
		return build(name, true, darkBlindColours), nil
	case "light-cb":
		return build(name, false, lightBlindColours), nil
	case "mono":
		return Mono(), nil
	}
	return Theme{}, fmt.Errorf("there is no theme %q: there are %s, cb", name, strings.Join(Names(), ", "))
}

// palette holds the colours of a theme as 0xRRGGBB.
type palette struct {
	muted, faint, accent, border, selection, selectionText uint32
	running, done, failed, waiting, queued, cancelled      uint32
	event, tokens, parent, now, critical, cause, effect    uint32
	link, code, citation                                   uint32
}

// The colours are calm on purpose. Work is blue, success and tokens green, failure red, a wait for
// a person amber, events violet.
var (
	darkColours = palette{
		muted: 0x9aa3bd, faint: 0x6f7896, accent: 0x82aaff, border: 0x4a5270,
		selection: 0x27304a, selectionText: 0xe6e9f2,
		running: 0x6cb6eb, done: 0x98c379, failed: 0xf47c8b, waiting: 0xe5b567, queued: 0x8088a6, cancelled: 0x9aa3bd,
		event: 0xc099ff, tokens: 0x98c379, parent: 0x7c93c8, now: 0xffc777, critical: 0xff966c,
		cause: 0xc099ff, effect: 0x6cd0c0,
		link: 0x82aaff, code: 0x8bd5ca, citation: 0xe5b567,
	}
	lightColours = palette{
		muted: 0x565c70, faint: 0x7b8094, accent: 0x2450b8, border: 0xb4b9c9,
		selection: 0xdde4f6, selectionText: 0x1b1f2b,
		running: 0x1769aa, done: 0x2b6e22, failed: 0xb3203c, waiting: 0x845100, queued: 0x666c80, cancelled: 0x565c70,
		event: 0x7038b8, tokens: 0x2b6e22, parent: 0x3e5590, now: 0x9a4700, critical: 0xa83c00,
		cause: 0x7038b8, effect: 0x006a5e,
		link: 0x2450b8, code: 0x00655a, citation: 0x845100,
	}
	// The neutral colours are readable on a dark and on a light background, with a contrast of
	// 3.4:1.
	neutralColours = palette{
		muted: 0x797f91, faint: 0x797f91, accent: 0x3d7ce9, border: 0x797f91,
		selection: 0xdde4f6, selectionText: 0x1b1f2b,
		running: 0x3d7ce9, done: 0x2c922a, failed: 0xda4f5b, waiting: 0xb2700e, queued: 0x797f91, cancelled: 0x797f91,
		event: 0x9e64d8, tokens: 0x2c922a, parent: 0x687eb7, now: 0xb2700e, critical: 0xcf5e1e,
		cause: 0x9e64d8, effect: 0x148e80,
		link: 0x3d7ce9, code: 0x148e80, citation: 0xb2700e,
	}
	// The colour-blind pair uses only lightness and blue against orange and yellow, which all kinds
	// of colour vision can distinguish. All text colours have a contrast of at least 7:1.
	darkBlindColours = palette{
		muted: 0xc4c8d4, faint: 0xb6bbc9, accent: 0x8ec1ff, border: 0x7b8194,
		selection: 0x1c2740, selectionText: 0xffffff,
		running: 0x78c0f7, done: 0xd8ecff, failed: 0xffa24d, waiting: 0xf7e463, queued: 0xb5bac9, cancelled: 0xc4c8d4,
		event: 0xe6c6f5, tokens: 0xd8ecff, parent: 0xa9c2f0, now: 0xf7e463, critical: 0xf7e463,
		cause: 0xe6c6f5, effect: 0x9ad8ff,
		link: 0x8ec1ff, code: 0xbfe3ff, citation: 0xf7e463,
	}
	lightBlindColours = palette{
		muted: 0x42464f, faint: 0x4a4e58, accent: 0x003e99, border: 0x8a8f9c,
		selection: 0xe4ecfb, selectionText: 0x000000,
		running: 0x0047a5, done: 0x0b2a4f, failed: 0x5e1000, waiting: 0x5e4d00, queued: 0x484c55, cancelled: 0x42464f,
		event: 0x5c1f73, tokens: 0x0b2a4f, parent: 0x2d406e, now: 0x6b3a00, critical: 0x5e4d00,
		cause: 0x5c1f73, effect: 0x00456b,
		link: 0x003e99, code: 0x003b5c, citation: 0x5a4500,
	}
)

func build(name string, dark bool, p palette) Theme {
	fg := func(c uint32, attrs ...uint8) Style {
		s := Style{Fg: rgb(c)}
		for _, a := range attrs {
			s.Attrs |= a
		}
		return s
	}
	return Theme{
		Name: name, Dark: dark,
		Strong: Style{Attrs: canvas.Bold}, Muted: fg(p.muted), Faint: fg(p.faint),
		Accent: fg(p.accent, canvas.Bold), Heading: fg(p.accent, canvas.Bold), Link: fg(p.link), Code: fg(p.code),
		Border: fg(p.border), BorderFocused: fg(p.accent),
		Selection: Style{Fg: rgb(p.selectionText), Bg: rgb(p.selection)}, Match: fg(p.now, canvas.Bold),
		Running: fg(p.running), Done: fg(p.done), Failed: fg(p.failed), Waiting: fg(p.waiting), Queued: fg(p.queued),
		Backoff: fg(p.failed), Cancelled: fg(p.cancelled), Idle: fg(p.faint),
		Event: fg(p.event), Tokens: fg(p.tokens), Parent: fg(p.parent), Now: fg(p.now),
		Critical: fg(p.critical, canvas.Bold),
		Cause:    fg(p.cause, canvas.Bold), Effect: fg(p.effect, canvas.Bold),
		Citation: fg(p.citation), Info: fg(p.accent), Warn: fg(p.waiting), Error: fg(p.failed),
		Added: fg(p.done), Removed: fg(p.failed),
	}
}

// Neutral is the theme for a terminal that cannot be asked whether it is dark.
func Neutral() Theme { return build("neutral", false, neutralColours) }

// Mono is the theme for NO_COLOR and for terminals without colours: attributes only.
func Mono() Theme {
	bold, dim := Style{Attrs: canvas.Bold}, Style{Attrs: canvas.Dim}
	under := Style{Underline: 1}
	return Theme{
		Name: "mono", Dark: true,
		Strong: bold, Faint: dim, Accent: bold, Heading: bold, Link: under,
		Border: dim, BorderFocused: bold,
		Selection: Style{Attrs: canvas.Reverse}, Match: Style{Attrs: canvas.Bold, Underline: 1},
		Done: bold, Failed: bold, Waiting: bold, Queued: dim, Backoff: dim, Cancelled: dim, Idle: dim,
		Now: bold, Critical: bold, Cause: bold, Effect: bold,
		Citation: bold, Warn: bold, Error: bold, Added: bold, Removed: Style{Attrs: canvas.Dim | canvas.Italic},
	}
}

func rgb(c uint32) color.Color { return color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 255} }
