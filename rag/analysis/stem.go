package analysis

import (
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// A stemmer reduces words to their Snowball stem (https://snowballstem.org). It is not safe for
// concurrent use.
type stemmer struct {
	env *snowballstem.Env
	run func(*snowballstem.Env) bool
}

func newStemmer(lang Language) *stemmer {
	s := &stemmer{env: snowballstem.NewEnv("")}
	switch lang {
	case English:
		s.run = english.Stem
	case German:
		s.run = german.Stem
	case French:
		s.run = french.Stem
	case Spanish:
		s.run = spanish.Stem
	case Italian:
		s.run = italian.Stem
	case Portuguese:
		s.run = portuguese.Stem
	case Dutch:
		s.run = dutch.Stem
	case Swedish:
		s.run = swedish.Stem
	case Norwegian:
		s.run = norwegian.Stem
	case Danish:
		s.run = danish.Stem
	case Finnish:
		s.run = finnish.Stem
	case Hungarian:
		s.run = hungarian.Stem
	case Romanian:
		s.run = romanian.Stem
	case Russian:
		s.run = russian.Stem
	case Turkish:
		s.run = turkish.Stem
	}
	return s
}

func (s *stemmer) stem(word string) string {
	if s.run == nil || len(word) > maxStem {
		return word
	}
	s.env.SetCurrent(word)
	s.run(s.env)
	return s.env.Current()
}

// maxStem is the maximum length of a word to stem, in bytes. Longer strings are not words of a
// natural language.
const maxStem = 64
