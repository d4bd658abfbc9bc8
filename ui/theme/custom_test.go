package theme

import (
	"strings"
	"testing"
)

func TestACustomThemeDerivesFromItsBase(t *testing.T) {
	var c Colour
	if err := c.UnmarshalText([]byte("#8af")); err != nil || c != 0x88aaff {
		t.Fatalf("%06x %v", c, err)
	}
	th, err := Custom("sea", "light", map[string]Colour{"running": 0x005577, "selection": 0xddeeff})
	if err != nil {
		t.Fatal(err)
	}
	light, _ := Named("light", false)
	if th.Name != "sea" || th.Dark || th.Running.Fg != rgb(0x005577) || th.Selection.Bg != rgb(0xddeeff) || th.Done != light.Done {
		t.Errorf("%+v", th)
	}
	for name, try := range map[string]func() error{
		"no colour":         func() error { return c.UnmarshalText([]byte("blue")) },
		"half a colour":     func() error { return c.UnmarshalText([]byte("#82aa")) },
		"a name that is":    func() error { _, err := Custom("dark", "", nil); return err },
		"no base":           func() error { _, err := Custom("x", "pink", nil); return err },
		"no such colour":    func() error { _, err := Custom("x", "", map[string]Colour{"sky": 0}); return err },
		"no theme, but own": func() error { _, err := Pick([]Theme{th}, "lake", true); return err },
	} {
		if err := try(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestPickChoosesTheVariantForTheTerminal(t *testing.T) {
	d, _ := Custom("sea-dark", "dark", nil)
	l, _ := Custom("sea-light", "light", nil)
	for dark, want := range map[bool]string{true: "sea-dark", false: "sea-light"} {
		if got, err := Pick([]Theme{d, l}, "sea", dark); err != nil || got.Name != want {
			t.Errorf("%q %v", got.Name, err)
		}
		if got, err := Pick([]Theme{d, l}, "sea-dark", dark); err != nil || got.Name != "sea-dark" {
			t.Errorf("%q %v", got.Name, err)
		}
		if got, err := Pick([]Theme{l}, "sea", dark); err != nil || got.Name != "sea-light" {
			t.Errorf("without a variant: %q %v", got.Name, err)
		}
		if got, err := Pick([]Theme{d, l}, "", dark); err != nil || got.Dark != dark {
			t.Errorf("%q %v", got.Name, err)
		}
	}
}

func TestHardListsColoursWithLowContrast(t *testing.T) {
	for _, name := range []string{"dark", "light", "dark-cb", "light-cb"} {
		th, _ := Named(name, true)
		if hard := th.LowContrast(); len(hard) > 0 {
			t.Errorf("%s: %v", name, hard)
		}
	}
	th, _ := Custom("night", "dark", map[string]Colour{"muted": 0x303030, "selection_text": 0x27304a})
	if got := strings.Join(th.LowContrast(), "; "); got != "muted (1.1, wanted 4.5); selection_text on selection (1.0, wanted 4.5)" {
		t.Errorf("%s", got)
	}
	if hard := Mono().LowContrast(); hard != nil {
		t.Errorf("mono: %v", hard)
	}
}
