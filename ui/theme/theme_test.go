package theme

import (
	"image/color"
	"math"
	"reflect"
	"testing"
)

// Backgrounds of real terminals; a theme must be readable on all of them.
var (
	darkGrounds  = []uint32{0x000000, 0x0d1117, 0x1a1b26, 0x1e1e1e, 0x1e1e2e, 0x282c34}
	lightGrounds = []uint32{0xffffff, 0xfafafa, 0xfdf6e3, 0xf5f5f5, 0xeff1f5}
)

func ratio(a, b color.Color) float64 { return Contrast(a, b) }

// each calls f for every style of the theme.
func each(th Theme, f func(name string, s Style)) {
	v := reflect.ValueOf(th)
	for i := range v.NumField() {
		if s, ok := v.Field(i).Interface().(Style); ok {
			f(v.Type().Field(i).Name, s)
		}
	}
}

func TestContrast(t *testing.T) {
	for _, tt := range []struct {
		name        string
		text, quiet float64 // least contrast of text, and of lines and marks
	}{{"dark", 4.5, 3}, {"light", 4.5, 3}, {"dark-cb", 7, 7}, {"light-cb", 7, 7}} {
		t.Run(tt.name, func(t *testing.T) {
			th, err := Named(tt.name, true)
			if err != nil {
				t.Fatal(err)
			}
			grounds := lightGrounds
			if th.Dark {
				grounds = darkGrounds
			}
			each(th, func(name string, s Style) {
				if s.Fg == nil {
					return
				}
				least := tt.text
				switch name {
				case "Border":
					least = 1.4 // a line between panels guides the eye and is not read
				case "Faint", "Idle", "Queued":
					least = tt.quiet
				}
				for _, g := range grounds {
					if r := ratio(s.Fg, rgb(g)); r < least {
						t.Errorf("%s on #%06x: %.2f, want %.1f", name, g, r, least)
					}
				}
				if r := ratio(s.Fg, th.Selection.Bg); name != "Border" && r < min(least, 4.5)-0.5 {
					t.Errorf("%s on the selection: %.2f", name, r)
				}
			})
		})
	}
}

func TestTheNeutralThemeIsReadableOnAnyBackground(t *testing.T) {
	each(Neutral(), func(name string, s Style) {
		if s.Fg == nil || name == "Selection" {
			return
		}
		for _, g := range append(darkGrounds, lightGrounds...) {
			if r := ratio(s.Fg, rgb(g)); r < 3.4 {
				t.Errorf("%s on #%06x: %.2f", name, g, r)
			}
		}
	})
}

func TestOnlyTheSelectionPaintsABackground(t *testing.T) {
	for _, name := range Names() {
		th, err := Named(name, true)
		if err != nil {
			t.Fatal(err)
		}
		each(th, func(field string, s Style) {
			if (s.Bg != nil) != (field == "Selection" && name != "mono") {
				t.Errorf("%s: %s has background %v", name, field, s.Bg)
			}
		})
	}
}

func TestMonoHasNoColour(t *testing.T) {
	each(Mono(), func(name string, s Style) {
		if s.Fg != nil || s.Bg != nil || s.UnderlineColor != nil {
			t.Errorf("%s has a colour", name)
		}
	})
}

// deficient simulates full protanopia, deuteranopia and tritanopia with the matrices of Machado,
// Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency"
// (2009), severity 1.0, on linear RGB.
var deficient = map[string][9]float64{
	"protanopia":   {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
	"deuteranopia": {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
	"tritanopia":   {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
}

// lab converts linear RGB to CIE L*a*b* (D65).
func lab(r, g, b float64) [3]float64 {
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124*r + 0.3576*g + 0.1805*b) / 0.95047)
	y := f(0.2126*r + 0.7152*g + 0.0722*b)
	z := f((0.0193*r + 0.1192*g + 0.9505*b) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func TestColourBlindThemesKeepTheStatesDistinct(t *testing.T) {
	for _, name := range []string{"dark-cb", "light-cb"} {
		th, err := Named(name, true)
		if err != nil {
			t.Fatal(err)
		}
		states := map[string]Style{"running": th.Running, "done": th.Done, "failed": th.Failed, "waiting": th.Waiting}
		for kind, m := range deficient {
			if kind == "tritanopia" {
				// one person in 30,000 has it, and needs the shapes to separate amber and red
				continue
			}
			seen := map[string][3]float64{}
			for s, st := range states {
				r, g, b, _ := st.Fg.RGBA()
				lr, lg, lb := linear(r), linear(g), linear(b)
				row := func(i int) float64 { return min(1, max(0, m[i]*lr+m[i+1]*lg+m[i+2]*lb)) }
				seen[s] = lab(row(0), row(3), row(6))
			}
			for a, x := range seen {
				for b, y := range seen {
					if d := math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2]); a < b && d < 12 {
						t.Errorf("%s, %s: %s and %s differ by only %.1f ΔE", name, kind, a, b, d)
					}
				}
			}
		}
	}
}

func TestUnknownThemeErrorListsTheNames(t *testing.T) {
	if _, err := Named("pink", true); err == nil {
		t.Error("no error")
	}
}
