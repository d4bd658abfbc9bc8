package explorer

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	uv "github.com/charmbracelet/ultraviolet"

	"weft/flow/show"
)

type scene struct {
	name  string
	setup func(*scripted) // emits what the session reports before the explorer opens
	play  func(*screen, *scripted)
}

// scenes are screens that a person may see. Each is prepared in an explorer that was opened at some
// size.
var scenes = []scene{
	{"first-run", func(e *scripted) {
		e.introduce(true)
		r := e.startIndex()
		go func() {
			for i := range 30 {
				indexed(r, 3*i, 204, 270*i)
				time.Sleep(103 * time.Millisecond)
			}
		}()
	}, func(s *screen, _ *scripted) { s.wait(2095 * time.Millisecond) }},
	{"welcome", func(e *scripted) {
		ready(e)
		tell(e.session, overview)
	}, func(s *screen, _ *scripted) {}},
	{"empty-corpus", func(e *scripted) {
		e.introduce(true)
		tell(e.session, show.Corpus{Dir: "~/empty", State: show.CorpusFailed, Error: "there are no documents in ~/empty that weft can read"})
	}, func(s *screen, _ *scripted) {}},
	{"running", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(500 * time.Millisecond)
	}},
	{"answered", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
	}},
	{"second-question", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("And when do they stop?", "enter")
		s.wait(4 * time.Second)
	}},
	{"cancelled", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(900 * time.Millisecond)
		s.press("ctrl+c")
	}},
	{"failed", ready, func(s *screen, _ *scripted) {
		s.press("please fail", "enter")
		s.wait(4 * time.Second)
	}},
	{"scrubbed", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("tab", "down", "down", "left", "left", "left", "left")
	}},
	{"inspector", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("tab", "down", "down", "enter")
	}},
	{"help", ready, func(s *screen, _ *scripted) { s.press("f1") }},
	{"palette", ready, func(s *screen, _ *scripted) { s.press("ctrl+p", "flow") }},
	{"source", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(4 * time.Second)
		s.press("ctrl+s", "enter")
	}},
	{"graph", ready, func(s *screen, _ *scripted) {
		s.press(question, "enter")
		s.wait(600 * time.Millisecond)
		s.press("tab", "v", "down", "down")
		s.wait(7 * time.Millisecond) // between two frames
	}},
	{"left-out", func(e *scripted) {
		e.introduce(true)
		leaveOut(e, e.startIndex())
	}, func(s *screen, _ *scripted) { s.press("\x1bx") }},
	{"human-wait", ready, func(s *screen, _ *scripted) {
		s.press("shift+tab", "shift+tab", question, "enter")
		s.wait(4050 * time.Millisecond) // between two frames
	}},
}

// overview describes the corpus of ready.
var overview = show.Overview{
	Bytes: 12_345_678, Kinds: []show.KindCount{{Kind: "markdown", Files: 121}, {Kind: "pdf", Files: 48}, {Kind: "html", Files: 20}, {Kind: "docx", Files: 9},
		{Kind: "text", Files: 4}, {Kind: "epub", Files: 2}},
	Languages: []string{"English", "German"},
	Questions: []string{"How do retries back off?", "Which file types are read?", "Tell me about: time limits of steps"},
}

func ready(e *scripted) {
	e.introduce(true)
	e.ready()
}

var goldenSizes = [][2]int{{1, 1}, {39, 9}, {59, 14}, {80, 24}, {120, 30}, {200, 50}}

// looks are the ways in which the same screen is shown. Its text is the same in all of them:
// colours only help.
var looks = []struct {
	name string
	opt  Options
}{
	{"dark", Options{}}, // the terminal reports a dark background
	{"light", Options{Env: []string{"TERM=xterm-256color", "COLORTERM=truecolor", "EDITOR=vi", "TEST_BACKGROUND=white"}}},
	{"no-color", Options{Env: []string{"TERM=xterm-256color", "COLORTERM=truecolor", "EDITOR=vi", "NO_COLOR=yes"}}},
}

// situation prepares a scene and passes its screen to look.
func situation(t *testing.T, i int, opt Options, w, h int, look func(*screen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newScripted(playRag(time.Sleep))
		scenes[i].setup(e)
		s := open(t, e, opt, w, h)
		scenes[i].play(s, e)
		look(s)
		s.close()
	})
}

// everyLook reports whether scenes are drawn in every look at every size. Otherwise the looks other
// than the first are drawn at one size only: what a look does to a cell does not depend on the size.
func everyLook() bool { return *update || os.Getenv("WEFT_LONG") == "1" }

// Every cell of every scene, at every size, in every look: NAME-WxH.txt has the text, which all
// looks share, and NAME.styles what style each cell has in each look.
func TestScreens(t *testing.T) {
	for i, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			var styles []string
			for _, size := range goldenSizes {
				name := fmt.Sprintf("%s-%dx%d", sc.name, size[0], size[1])
				text := ""
				for _, l := range looks {
					if l.name != "dark" && size != [2]int{80, 24} && !everyLook() {
						continue
					}
					situation(t, i, l.opt, size[0], size[1], func(s *screen) {
						got := s.text()
						if l.name == "dark" {
							text = got
							golden(t, name+".txt", text)
							// Without colours, backquotes mark code
						} else if l.name == "no-color" && strings.Contains(got, "`") {
							golden(t, name+"-no-color.txt", got)
							if words(got) != words(text) {
								t.Errorf("%s, %s: the text differs from that with colours:\n%s\n--- dark\n%s", name, l.name, got, text)
							}
						} else if got != text {
							t.Errorf("%s, %s: the text differs from that of dark:\n%s\n--- dark\n%s", name, l.name, got, text)
						}
						styles = append(styles, fmt.Sprintf("## %s %dx%d\n%s", l.name, size[0], size[1], s.styles()))
					})
				}
			}
			goldenSections(t, sc.name+".styles", styles)
		})
	}
}

// goldenSections compares sections with those of a file of testdata that have the same first line.
// If everyLook is true, the file must have no others.
func goldenSections(t *testing.T, name string, sections []string) {
	t.Helper()
	if everyLook() {
		golden(t, name, strings.Join(sections, ""))
		return
	}
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]string{}
	for section := range strings.SplitSeq(string(file), "## ") {
		head, _, _ := strings.Cut(section, "\n")
		wanted[head] = section
	}
	for _, got := range sections {
		got = strings.TrimPrefix(got, "## ")
		head, _, _ := strings.Cut(got, "\n")
		if want := wanted[head]; got != want {
			t.Errorf("%s differs at %q, %s", name, head, difference(got, want))
		}
	}
}

// words returns a screen's text without backquotes, borders and repeated blanks.
func words(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '`' || r >= 0x2500 && r <= 0x257f {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// The colour-blind themes differ from the others in colours only, so that one scene is enough to
// show them.
func TestTheColourBlindPairHasItsOwnColours(t *testing.T) {
	i := slices.IndexFunc(scenes, func(sc scene) bool { return sc.name == "scrubbed" })
	var styles strings.Builder
	for _, name := range []string{"dark-cb", "light-cb"} {
		situation(t, i, Options{Theme: name}, 80, 24, func(s *screen) {
			fmt.Fprintf(&styles, "## %s 80x24\n%s", name, s.styles())
		})
	}
	golden(t, "colour-blind.styles", styles.String())
}

// NAME.reader has all that a screen reader reads in a scene, at every size.
func TestTheScreenReaderTextOfEveryScene(t *testing.T) {
	for i, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			var all strings.Builder
			for _, size := range goldenSizes[1:] {
				situation(t, i, Options{ScreenReader: true}, size[0], size[1], func(s *screen) {
					text := s.transcript()
					if mark := drawing.FindString(text); mark != "" {
						t.Errorf("%dx%d: %q was written:\n%s", size[0], size[1], mark, text)
					}
					fmt.Fprintf(&all, "## %dx%d\n%s", size[0], size[1], text)
				})
			}
			golden(t, sc.name+".reader", all.String())
		})
	}
}

// styles returns the style of each cell: a legend, and for each row how many cells have which
// style. Equal rows are written together.
func (s *screen) styles() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	letters := map[string]string{"plain": "."}
	var legend, rows strings.Builder
	letter := func(style string) string {
		l, ok := letters[style]
		if !ok {
			n := len(letters) - 1
			if l = string(rune('a' + n%26)); n >= 26 {
				l = strings.ToUpper(l)
			}
			letters[style] = l
			fmt.Fprintf(&legend, "%s %s\n", l, style)
		}
		return l
	}
	first, before := 1, ""
	flush := func(y int) {
		switch {
		case before == "":
		case y == first:
			fmt.Fprintf(&rows, "%d| %s\n", first, before)
		default:
			fmt.Fprintf(&rows, "%d-%d| %s\n", first, y, before)
		}
	}
	for y := range s.emu.Height() {
		var row []string
		run, n := "", 0
		end := func() {
			if n > 0 {
				row = append(row, fmt.Sprintf("%d%s", n, run))
			}
		}
		for x := range s.emu.Width() {
			l := "."
			if c := s.emu.CellAt(x, y); c != nil {
				st := c.Style
				if c.Content == " " || c.Content == "" {
					st = ofBlank(st)
				}
				if c.Content != " " && c.Content != "" || st.Bg != nil || st.Attrs != 0 || st.Underline != 0 {
					l = letter(styleName(st))
				}
			}
			if l != run {
				end()
				run, n = l, 0
			}
			n++
		}
		end()
		if text := strings.Join(row, " "); text != before {
			flush(y)
			first, before = y+1, text
		}
	}
	flush(s.emu.Height())
	return legend.String() + rows.String()
}

// ofBlank returns the visible part of the style of an empty cell. The rest depends on the frames
// before: it is the terminal's style at the time when the cell was erased.
func ofBlank(st uv.Style) uv.Style {
	if st.Attrs&uv.AttrReverse != 0 || st.Underline != 0 {
		return st
	}
	return uv.Style{Bg: st.Bg, Attrs: st.Attrs & uv.AttrStrikethrough}
}

func styleName(st uv.Style) string {
	var parts []string
	for _, a := range []struct {
		bit  uint8
		name string
	}{{uv.AttrBold, "bold"}, {uv.AttrFaint, "dim"}, {uv.AttrItalic, "italic"}, {uv.AttrReverse, "reverse"}, {uv.AttrStrikethrough, "struck"}} {
		if st.Attrs&a.bit != 0 {
			parts = append(parts, a.name)
		}
	}
	if st.Underline != 0 {
		parts = append(parts, "under")
	}
	colour := func(prefix string, c color.Color) {
		if c != nil {
			r, g, b, _ := c.RGBA()
			parts = append(parts, fmt.Sprintf("%s#%02x%02x%02x", prefix, r>>8, g>>8, b>>8))
		}
	}
	colour("", st.Fg)
	colour("on ", st.Bg)
	if len(parts) == 0 {
		return "plain"
	}
	return strings.Join(parts, " ")
}

// golden compares the text of a screen with a file of testdata.
func golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	if got != string(want) {
		t.Errorf("%s differs from what is shown, %s", file, difference(got, string(want)))
	}
}

// difference describes, for a failed test, the first line in which a text differs from the wanted
// one, and both texts; of long ones, the lines around that line.
func difference(got, want string) string {
	const long, before, after = 60, 3, 12
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	first := 0
	for first < min(len(a), len(b)) && a[first] == b[first] {
		first++
	}
	from, to := 0, max(len(a), len(b))
	if to > long {
		from, to = max(first-before, 0), first+after
	}
	part := func(lines []string) string {
		return strings.Join(lines[min(from, len(lines)):min(to, len(lines))], "\n")
	}
	return fmt.Sprintf("from line %d (go test ./ui/explorer -update accepts it):\n%s\n--- wanted\n%s", first+1, part(a), part(b))
}
