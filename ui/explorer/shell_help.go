package explorer

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"weft/ui/help"
	"weft/ui/keys"
	"weft/ui/speech"
)

// help lists the keys, those of the focused part first.
func (s *shell) help() tea.Cmd {
	if s.speaker.on {
		s.readHelp()
		return nil
	}
	return s.longList(help.New(s.keys, s.why, s.top().Scope()), s.run)
}

// readHelp writes all keys, those of the focused part first, with the reasons why commands are not
// available.
func (s *shell) readHelp() {
	here := s.top().Scope()
	scopes := []keys.Scope{here, keys.Anywhere}
	for _, scope := range keys.Scopes() {
		if scope != here && scope != keys.Anywhere {
			scopes = append(scopes, scope)
		}
	}
	for _, scope := range scopes {
		s.read("Keys, " + strings.ToLower(scope.String()) + ":")
		for _, b := range s.keys.In(scope) {
			text := speech.Keys(b.Keys) + ": " + b.Long
			why := s.why(b.Command)
			if why == s.noPicture() && why != "" {
				continue
			}
			if why != "" && (scope == here || scope == keys.Anywhere) {
				text += ". Not now: " + why
			}
			s.read(speech.Sentence(text))
		}
		if scope == keys.Line {
			s.read("shift enter or control j: a new line in the question.")
		}
	}
	s.read("Control p finds every command by its name, those without a key too.")
}
