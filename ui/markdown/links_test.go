package markdown

import (
	"strings"
	"testing"

	"weft/ui/canvas"
)

// TestLinksLookLikeNoCitation draws links that a document or a model may have written, and looks for
// cells in the style of a citation and for addresses that the terminal would open.
func TestLinksLookLikeNoCitation(t *testing.T) {
	look := look()
	for _, c := range []struct {
		src    string
		shows  string // is part of the text
		cited  int    // how many citations are drawn
		target string // the only address in the frame; "": there is none
	}{
		{"It is red [1].", "It is red [1].", 1, ""},
		{"It is [[1]](https://a.test/x) red [2].", "(1) https://a.test/x", 1, "https://a.test/x"},
		{"It is [**[1]**](https://a.test/x).", "(1)", 0, "https://a.test/x"},
		{"It is ![[3]](https://a.test/x.png).", "(3)", 0, "https://a.test/x.png"},
		{"| a | b |\n|---|---|\n| [red](https://a.test/x) [1] | c |", "red", 1, "https://a.test/x"},
		{"| a | b |\n|---|---|\n| [[1]](https://a.test/x) | c |", "(1)", 0, "https://a.test/x"},
		{"> [1]: https://a.test\n\nRed [1].", "Red [1].", 2, "https://a.test"},
		{"- [1]: https://a.test\n\nRed [1].", "Red [1].", 2, "https://a.test"},
		{"[red](file:///etc/passwd)", "file:///etc/passwd", 0, ""},
		{"[red](javascript:alert(1))", "red", 0, ""},
		{"[red](ssh://a.test)", "red", 0, ""},
		{"[red](other.md)", "other.md", 0, ""},
		{"[red](https:no-host)", "red", 0, ""},
		{"[mail](mailto:a@b.test)", "mail", 0, "mailto:a@b.test"},
	} {
		p := NewRenderer(look).Render(c.src, 60, 1, 2)
		frame := canvas.New(60, p.Height())
		p.Draw(frame, frame.Bounds(), 0)
		if !strings.Contains(frame.Plain(), c.shows) {
			t.Errorf("%q: %q is not shown:\n%s", c.src, c.shows, frame.Plain())
		}
		cited := 0
		for y := range p.Height() {
			for x := range 60 {
				if g, st := frame.At(x, y); g == "[" && st.Fg == look.Cite.Fg && st.Attrs&look.Cite.Attrs == look.Cite.Attrs {
					cited++
				}
			}
		}
		if cited != c.cited {
			t.Errorf("%q: %d citations, want %d:\n%s", c.src, cited, c.cited, frame.Plain())
		}
		for i, part := range strings.Split(frame.String(), "\x1b]8;") {
			_, address, _ := strings.Cut(part, ";")
			address, _, _ = strings.Cut(address, "\x07")
			if i > 0 && address != "" && address != c.target {
				t.Errorf("%q: the terminal would open %q, want %q", c.src, address, c.target)
			}
		}
		if c.target != "" && !strings.Contains(frame.String(), c.target+"\x07") {
			t.Errorf("%q: there is no link to %s", c.src, c.target)
		}
	}
}

func TestALabelWithAnotherAddressIsMarked(t *testing.T) {
	for src, marked := range map[string]bool{
		"[https://bank.test](https://evil.test)":             true,
		"[**https://bank.test/login**](https://evil.test)":   true,
		"[`bank.test`](https://evil.test/bank.test)":         true,
		"[bank.test](https://evil.test/bank.test)":           true,
		"[see www.bank.test](https://evil.test)":             true,
		"[a@bank.test](mailto:a@evil.test)":                  true,
		"[https://bank.test@evil.test](https://bank.test)":   true,
		"[bank](https://evil.test)":                          false,
		"[https://bank.test](https://www.bank.test/login)":   false,
		"[Bank.test](https://bank.test)":                     false,
		"[a@bank.test](mailto:a@bank.test)":                  false,
		"[README.md](https://code.test/README.md)":           false,
		"[version 1.2](https://code.test)":                   false,
		"| a |\n|---|\n| [bank.test](https://evil.test) | ":  true,
		"[x][y] and [bank.test][y]\n\n[y]: http://evil.test": true,
	} {
		p := NewRenderer(look()).Render(src, 80)
		if got := strings.Contains(pictureText(p, 80), differs); got != marked {
			t.Errorf("%q: marked: %v, want %v:\n%s", src, got, marked, pictureText(p, 80))
		}
	}
}
