package explorer

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// apart is the shortest time between two frames of what moves by itself: 25 a second, as in a film.
const apart = 40 * time.Millisecond

// A stride spaces the frames of what moves by itself: streamed text, its picture, clocks and spinners. What comes first is drawn at once,
// and what comes within the next 40 ms is drawn together, after them. What a person does never waits for it, and its frame shows the
// rest as well.
type stride struct {
	resting bool // there was a frame less than 40 ms ago
	owed    bool // something came since, and no frame has shown it
	drawn   bool // there was another frame since
}

// strideMsg is the end of a rest.
type strideMsg struct{}

// rest begins with a frame of what moves by itself. The command ends it.
func (s *stride) rest() tea.Cmd {
	*s = stride{resting: true}
	return tea.Tick(apart, func(time.Time) tea.Msg { return strideMsg{} })
}

// end ends a rest, and reports whether there is to be a frame. After a frame that somebody else asked for it rests once more.
func (s *stride) end() (frame bool, again tea.Cmd) {
	owed := s.owed
	if s.drawn {
		again = s.rest()
		s.owed = owed
		return false, again
	}
	*s = stride{}
	return owed, nil
}

// show notes a frame that somebody else asked for.
func (s *stride) show() { s.owed, s.drawn = false, true }
