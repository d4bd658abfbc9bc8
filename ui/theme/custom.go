package theme

import (
	"fmt"
	"image/color"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Colour is an RGB colour, written #rrggbb or #rgb.
type Colour uint32

// UnmarshalText parses a colour.
func (c *Colour) UnmarshalText(text []byte) error {
	hex, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "#")
	if ok && len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if !ok || len(hex) != 6 || err != nil {
		return fmt.Errorf("%q is no colour: it must be written as #82aaff or #8af", text)
	}
	*c = Colour(n)
	return nil
}

// fields returns the colours of a palette by the names that users write.
func (p *palette) fields() map[string]*uint32 {
	return map[string]*uint32{
		"muted": &p.muted, "faint": &p.faint, "accent": &p.accent, "border": &p.border,
		"selection": &p.selection, "selection_text": &p.selectionText,
		"running": &p.running, "done": &p.done, "failed": &p.failed, "waiting": &p.waiting,
		"queued": &p.queued, "cancelled": &p.cancelled,
		"event": &p.event, "tokens": &p.tokens, "parent": &p.parent, "now": &p.now,
		"critical": &p.critical, "cause": &p.cause, "effect": &p.effect,
		"link": &p.link, "code": &p.code, "citation": &p.citation,
	}
}

// Colours returns the names of a theme's colours, sorted.
func Colours() []string { return slices.Sorted(maps.Keys(new(palette).fields())) }

var bases = map[string]struct {
	dark    bool
	colours palette
}{
	"dark": {true, darkColours}, "light": {false, lightColours},
	"dark-cb": {true, darkBlindColours}, "light-cb": {false, lightBlindColours},
}

// Custom returns a theme derived from an existing one, the base, with some colours replaced by
// name. It is meant for a terminal that is as dark as that of the base.
func Custom(name, base string, colours map[string]Colour) (Theme, error) {
	if slices.Contains(Names(), name) || name == "cb" {
		return Theme{}, fmt.Errorf("a theme %q is there already: give it another name", name)
	}
	if base == "" {
		base = "dark"
	}
	b, ok := bases[base]
	if !ok {
		return Theme{}, fmt.Errorf("there is no base %q: there are %s", base, strings.Join(slices.Sorted(maps.Keys(bases)), ", "))
	}
	p := b.colours
	fields := p.fields()
	for key, c := range colours {
		to, ok := fields[key]
		if !ok {
			return Theme{}, fmt.Errorf("a theme has no colour %q: there are %s", key, strings.Join(Colours(), ", "))
		}
		*to = uint32(c)
	}
	return build(name, b.dark, p), nil
}

// Pick returns the theme with a name, from the user's own themes or else from Named. The ending of
// a name such as mine-dark or mine-light may be left out: then, if both exist, the terminal's
// background decides.
func Pick(own []Theme, name string, dark bool) (Theme, error) {
	ends := []string{"", "-light", "-dark"}
	if dark {
		ends = []string{"", "-dark", "-light"}
	}
	for _, end := range ends {
		n := name + end
		if i := slices.IndexFunc(own, func(t Theme) bool { return t.Name == n }); i >= 0 {
			return own[i], nil
		}
	}
	t, err := Named(name, dark)
	if err != nil && len(own) > 0 {
		var names []string
		for _, o := range own {
			names = append(names, o.Name)
		}
		err = fmt.Errorf("%w; and of your own %s", err, strings.Join(names, ", "))
	}
	return t, err
}

// Contrast returns the contrast ratio as defined by the WCAG, from 1 (none) to 21 (black on white).
func Contrast(a, b color.Color) float64 {
	x, y := brightness(a), brightness(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func brightness(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func linear(v uint32) float64 {
	x := float64(v) / 0xffff
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

// Ground returns the background of the terminals that the theme is meant for: a dark grey that is
// lighter than that of most dark terminals, or a white that is darker than that of most light ones.
// It is nil for a theme without colours, or for any background.
func (t Theme) Ground() color.Color {
	switch {
	case t.Text.Fg == nil && t.Accent.Fg == nil || t.Name == Neutral().Name:
		return nil
	case t.Dark:
		return rgb(0x282c34)
	}
	return rgb(0xf5f5f5)
}

// LowContrast lists the colours of a theme that are hard to read on the backgrounds of the
// terminals that it is meant for, with their contrast.
func (t Theme) LowContrast() (out []string) {
	ground := t.Ground()
	if ground == nil {
		return nil
	}
	for _, s := range []struct {
		name  string
		style Style
		least float64
	}{
		{"muted", t.Muted, 4.5}, {"faint", t.Faint, 2.5}, {"accent", t.Accent, 4.5},
		{"running", t.Running, 3}, {"done", t.Done, 3}, {"failed", t.Failed, 4.5},
		{"waiting", t.Waiting, 4.5}, {"queued", t.Queued, 2.5}, {"cancelled", t.Cancelled, 3},
		{"event", t.Event, 4.5}, {"tokens", t.Tokens, 3}, {"parent", t.Parent, 3},
		{"now", t.Now, 4.5}, {"critical", t.Critical, 4.5}, {"cause", t.Cause, 4.5},
		{"effect", t.Effect, 4.5}, {"link", t.Link, 4.5}, {"code", t.Code, 4.5},
		{"citation", t.Citation, 4.5},
	} {
		if s.style.Fg == nil {
			continue
		}
		if r := Contrast(s.style.Fg, ground); r < s.least {
			out = append(out, fmt.Sprintf("%s (%.1f, wanted %.1f)", s.name, r, s.least))
		}
	}
	if t.Selection.Fg != nil && t.Selection.Bg != nil {
		if r := Contrast(t.Selection.Fg, t.Selection.Bg); r < 4.5 {
			out = append(out, fmt.Sprintf("selection_text on selection (%.1f, wanted 4.5)", r))
		}
	}
	return out
}
