package markdown

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"weft/ui/canvas"
)

// An open block is rendered again when it has grown by minGrowth bytes, or by fewer when maxDelay
// has passed, because a slow model writes a word at a time.
const (
	minGrowth = 40
	maxDelay  = 110 * time.Millisecond
)

// A Stream is one growing Markdown text and its picture; the text shrinks when the user goes back
// in time. It belongs to the program's event loop. Only the rendering happens outside, one at a
// time, in the commands that Render returns.
type Stream struct {
	text  string
	cited string // the numbers that are citations
	done  bool
	width int
	r     *Renderer

	picture *Picture
	drawn   request   // the text, the width and the renderer of the picture
	busy    bool      // a command is running
	asked   time.Time // when the latest command was made
	gen     uint64    // number of the latest command; results of earlier ones are dropped
	version uint64
}

type request struct {
	text  string
	cited string
	width int
	r     *Renderer
}

// Rendered is the message with the result of a Stream's command. Pass it to Update.
type Rendered struct {
	to      *Stream
	gen     uint64
	asked   request
	picture *Picture
}

// Set sets the text and whether it is complete. A complete text is rendered to its last byte, an
// open one when at least 40 bytes have come or some time has passed.
func (s *Stream) Set(text string, done bool) { s.text, s.done = text, done }

// SetCited sets the numbers in brackets that are citations.
func (s *Stream) SetCited(numbers []int) { s.cited = numberSet(numbers) }

// SetWidth sets the width of the picture in cells, and the renderer.
func (s *Stream) SetWidth(width int, r *Renderer) { s.width, s.r = width, r }

// Text returns the Markdown source, for copying.
func (s *Stream) Text() string { return s.text }

// Version changes when the picture does.
func (s *Stream) Version() uint64 { return s.version }

// Height returns the number of lines of the picture, which may lag behind the text by a few bytes.
func (s *Stream) Height() int { return s.picture.Height() }

// Draw draws the picture from line dy on.
func (s *Stream) Draw(c *canvas.Canvas, r canvas.Rect, dy int) { s.picture.Draw(c, r, dy) }

// Settled reports whether the picture shows the whole text.
func (s *Stream) Settled() bool { return s.drawn == request{s.text, s.cited, s.width, s.r} }

// Render returns the command that renders the text. It is nil if the picture is current, if too
// little has been added, or if a command is running.
func (s *Stream) Render() tea.Cmd {
	want := request{s.text, s.cited, s.width, s.r}
	if s.busy || s.r == nil || s.width <= 0 || want == s.drawn {
		return nil
	}
	grown := len(want.text) - len(s.drawn.text)
	if !s.done && want.width == s.drawn.width && want.r == s.drawn.r && grown >= 0 && grown < minGrowth && s.drawn.text != "" &&
		time.Since(s.asked) < maxDelay {
		return nil
	}
	s.busy, s.asked = true, time.Now()
	s.gen++
	gen := s.gen
	return func() tea.Msg {
		return Rendered{to: s, gen: gen, asked: want, picture: want.r.render(want.text, want.width, want.cited)}
	}
}

// Update takes a command's result and returns the next command if more text has come meanwhile.
// Results of other streams are ignored.
func (s *Stream) Update(m Rendered) tea.Cmd {
	if m.to != s || m.gen != s.gen {
		return nil
	}
	s.busy, s.picture, s.drawn = false, m.picture, m.asked
	s.version++
	return s.Render()
}

// Owns reports whether m belongs to s.
func (s *Stream) Owns(m Rendered) bool { return m.to == s }
